"""Another model in the place of one: the same tokens at its prices, by the address."""

import time
from collections.abc import Callable, Sequence

import streamlit as st

from data.advice import uses
from models.costs.advice.pricing import merged
from models.costs.advice.shapes import Use
from models.costs.periods import DAY_SECONDS
from models.errors import AgentSilent, QueryRefused
from models.scaling.swapped import Swap, swap_of
from pages.parts.choices import keep_in_address
from pages.parts.costs_source import prices_of
from pages.parts.demand_situation import calls_of
from pages.parts.house import house
from pages.parts.source import reader_of
from pages.parts.texts import texts

ADDRESS, FROM, TO = "swap", "swap-from", "swap-to"
BETWEEN = "~"
"""Names of models have slashes, colons and dots in them, never this."""
MIX_DAYS = 7
NONE = ""


@st.cache_resource(show_spinner=False, ttl=115, max_entries=8)
def called(folder: str) -> dict[str, Use]:
    """Models that were called in the last week, the dearest first, by what the address calls them.

    Empty where nothing is known of calls.
    """
    now = time.time()
    try:
        found = uses(reader_of(folder), (now - MIX_DAYS * DAY_SECONDS, now), house().zone)
    except (AgentSilent, QueryRefused):
        return {}
    # Which workflow asked makes no difference here.
    whole = merged(use._replace(workflow="") for use in found)
    return {key_of(use.provider, use.model): use for use in sorted(whole, key=lambda u: -u.won)}


@st.cache_resource(show_spinner=False, ttl=300, max_entries=8)
def priced(folder: str) -> dict[str, tuple[str, str]]:
    """Provider and model of all that answer in text and have a price, by their keys."""
    prices = prices_of(folder)
    names = [
        (provider, model) for provider in prices.providers() for model in prices.names(provider)
    ]
    return {
        key_of(*name): name
        for name in names
        if "*" not in name[1]
        and (rates := prices.find(*name)) is not None
        and rates.prices("input")
        and rates.prices("output")
    }


def key_of(provider: str, model: str) -> str:
    """As it stands in the address.

    >>> key_of("openai", "gpt-5-mini")
    'openai/gpt-5-mini'
    """
    return f"{provider}/{model}"


def draw_swap(folder: str) -> Swap | None:
    """None while nothing is chosen, or nothing was paid for calls."""
    _ = texts()
    known = called(folder)
    if not known:
        return None
    first, then = in_address(st.query_params.get(ADDRESS, ""), known, priced(folder))
    left, right = st.columns(2)
    with left:
        own = _chosen(_("Instead of this model"), FROM, list(known), first)
    with right:
        others = _others(own, priced(folder))
        other = _chosen(_("this one is asked"), TO, others, then)
    both = own and other and own != other
    keep_in_address(ADDRESS, f"{own}{BETWEEN}{other}" if both else "", "")
    return swap_between(folder, own, other) if both else None


def in_address(text: str, known: object, others: object) -> tuple[str, str]:
    """What `?swap=` asks for; nothing where one of the two is not known.

    >>> in_address("openai/a~google/b", {"openai/a"}, {"google/b"})
    ('openai/a', 'google/b')
    >>> in_address("openai/a~google/c", {"openai/a"}, {"google/b"})
    ('', '')
    """
    own, _, other = text.partition(BETWEEN)
    return (own, other) if own in known and other in others else ("", "")  # type: ignore[operator]


@st.cache_resource(show_spinner=False, ttl=115, max_entries=64)
def swap_between(folder: str, own: str, other: str) -> Swap | None:
    """By the tokens of the last week, and what its days cost. Keys as in the address."""
    use, (provider, model) = called(folder)[own], priced(folder)[other]
    prices, now = prices_of(folder), time.time()
    rates = prices.find(provider, model)
    days = calls_of(folder, now, {"provider": use.provider, "model": use.model})
    if rates is None or not days:
        return None
    return swap_of(use, prices.find(use.provider, use.model), rates, days, int(now * 1_000_000))


def forget_swap() -> None:
    for key in (FROM, TO):
        st.session_state.pop(key, None)
    if ADDRESS in st.query_params:
        del st.query_params[ADDRESS]


def _others(own: str, known: dict[str, tuple[str, str]]) -> list[str]:
    """Those of the same provider first."""
    provider = own.partition("/")[0]
    return sorted(known, key=lambda key: (known[key][0] != provider, key))


def _chosen(label: str, key: str, options: Sequence[str], first: str) -> str:
    _ = texts()
    nothing = _("none")
    shown: Callable[[str], str] = lambda one: one or nothing  # noqa: E731
    every = [NONE, *options]
    index = every.index(first) if key not in st.session_state and first in every else 0
    return st.selectbox(label, every, index=index, format_func=shown, key=key) or NONE
