"""What would happen at any spending, by the same policy that the agent obeys."""

import time
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import streamlit as st

from models.budget.orders import Advise, Block, Order, PauseWorkflow, StopPaid, Tell
from models.budget.policy import WORKFLOW, decide
from models.budget.state import BucketState
from models.budget.what_if import at_spending
from models.budget.words import advice_message, done_message
from models.settings import Settings
from models.stopping import all_paid, preview
from pages.parts.choices import keep_in_address, segments
from pages.parts.costs_words import label_of
from pages.parts.formats import krw
from pages.parts.house import settings
from pages.parts.status import FINE, HIGH, UNKNOWN, WATCH, badge
from pages.parts.texts import plain, texts, told

PERCENT_MAX, USUAL = 120, 100


def draw_what_if(states: Mapping[str, BucketState]) -> None:
    _ = texts()
    ids = list(states)
    chosen = segments(_("Budget"), "bucket", ids, label_of) if len(ids) > 1 else ids[0]
    percent = st.slider(
        _("Spent, in percent of the cap"),
        0,
        PERCENT_MAX,
        percent_in_address(st.query_params.get("at", "")) if "at" not in st.session_state else None,
        format="%d%%",
        key="at",
    )
    keep_in_address("at", str(percent), str(USUAL))
    state = states[chosen]
    spent = state.cap_won * percent / 100
    st.markdown(
        _("{name}: if **{spent}** of {cap} were spent (now {now}):").format(
            spent=krw(spent),
            cap=krw(state.cap_won),
            name=label_of(chosen),
            now=krw(state.spent_won),
        )
    )
    lines = what_follows(states, chosen, spent, settings())
    st.markdown("  \n".join(lines or [badge(FINE, _("Nothing follows: nobody is told."))]))
    st.caption(
        _(
            "The agent obeys the same rules. What is spent of a budget counts in those above it, "
            "so more than one may follow."
        )
    )


def percent_in_address(text: str) -> int:
    """The whole percent that `?at=` says, within the slider.

    >>> [percent_in_address(text) for text in ("95", "900", "", "-1", "a lot")]
    [95, 120, 100, 100, 100]
    """
    return min(int(text), PERCENT_MAX) if text.isascii() and text.isdigit() else USUAL


def what_follows(
    states: Mapping[str, BucketState], bucket_id: str, spent_won: Decimal, house: Settings
) -> list[str]:
    """A line of Markdown each, in the order in which it would be done."""
    buckets = {each.bucket_id: each for each in at_spending(states, bucket_id, spent_won)}
    orders = decide(buckets.values(), house.budget, time.time(), house.house.timezone)
    lines = [_line(order, buckets, house) for order in orders if not isinstance(order, Tell)]
    lines += _graceful(buckets.values(), house)
    told_of = [order for order in orders if isinstance(order, Tell)]
    return [*(line for line in lines if line), *_tellings(told_of)]


def _line(order: Order, buckets: Mapping[str, BucketState], house: Settings) -> str:
    match order:
        case Block(bucket_id, priorities):
            return _blocked(buckets[bucket_id], priorities)
        case StopPaid(bucket_id, spares):
            names = all_paid(house.service, bucket_id, spares)
            return _stopped(buckets[bucket_id], names, house)
        case PauseWorkflow(name):
            bucket_id = f"{WORKFLOW}{name}"
            return _stopped(buckets[bucket_id], all_paid(house.service, bucket_id), house)
        case Advise():
            return advised(order)
        case _:
            return ""


def _blocked(bucket: BucketState, priorities: tuple[str, ...]) -> str:
    _ = texts()
    what = told(done_message(bucket, priorities, stops=False))
    return _line_of(HIGH, _("refused"), bucket.bucket_id, what)


def _stopped(bucket: BucketState, names: Sequence[str], house: Settings) -> str:
    """In the order of stopping; what the owner lets Sallim do by itself decides the first word."""
    _ = texts()
    bucket_id = bucket.bucket_id
    words = {
        "on": (HIGH, _("stopped")),
        "ask": (WATCH, _("asked first")),
        "off": (UNKNOWN, _("only written down")),
    }
    mark = words["off" if bucket.paused_until is not None else house.automation.stop]
    if not names:
        nothing = _("no [[service]] of the settings may be stopped for it")
        return _line_of(*mark, bucket_id, plain(nothing))
    after = preview(house.service, names, {})
    bills = [each.target for each in after.still_bills]
    parts = [" → ".join(plain(name) for name in after.stops)]
    if after.saved_hour_krw:
        parts.append(_("saves {won} an hour").format(won=krw(Decimal(after.saved_hour_krw))))
    if bills:
        parts.append(_("still billed: {names}").format(names=plain(", ".join(bills))))
    return _line_of(*mark, bucket_id, " · ".join(parts))


def _line_of(look: tuple[str, str], word: str, bucket_id: str, text: str) -> str:
    return f"{badge(look, word)} **{label_of(bucket_id)}**: {text}"


def advised(order: Advise) -> str:
    """A line of Markdown."""
    _ = texts()
    return _line_of(UNKNOWN, _("advised"), order.bucket_id, told(advice_message(order.step)))


def _graceful(buckets: Iterable[BucketState], house: Settings) -> list[str]:
    """Which models the gateway replaces."""
    _ = texts()
    text = _("what is not essential goes to {cheaper} instead of {model}, by the gateway")
    reached = {each.bucket_id: each for each in buckets}
    return [
        _line_of(
            WATCH,
            _("cheaper model"),
            rule.bucket,
            text.format(cheaper=plain(rule.to_model), model=plain(rule.from_model)),
        )
        for rule in house.graceful
        if rule.from_model
        and rule.to_model
        and rule.bucket in reached
        and reached[rule.bucket].has_reached(rule.at_percent)
    ]


def _tellings(orders: Sequence[Tell]) -> list[str]:
    _ = texts()
    lines = []
    for bucket_id in dict.fromkeys(each.bucket_id for each in orders):
        mine = [each for each in orders if each.bucket_id == bucket_id]
        percents = ", ".join(f"{each.percent}%" for each in mine)
        is_critical = any(each.severity == "critical" for each in mine)
        text = _("lines of {percents} are told").format(percents=percents)
        look = HIGH if is_critical else WATCH
        lines.append(_line_of(look, _("told"), bucket_id, text))
    return lines
