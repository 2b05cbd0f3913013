"""Each provider's bill: how fresh it is, what it covers, whether it agrees with the ledger."""

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from models.costs.freshness import Standing, standings
from models.messages import Message, say
from models.monitoring import State
from models.typed import typed
from pages.parts.costs_source import lines_of_bills
from pages.parts.costs_words import CAUSES
from pages.parts.empty import draw_empty
from pages.parts.formats import age
from pages.parts.house import home, settings
from pages.parts.source import view_of
from pages.parts.status import ICONS, WORDS, source_line
from pages.parts.texts import texts, told
from pages.parts.values import draw_rows
from pages.parts.words import said

FINDINGS: dict[str, Message] = {
    "outside": say(
        "{provider}: {usd} USD of its bill did not pass the guard, so a key of yours is used "
        "outside. Revoke the keys on its page that you do not know, put the guard or the gateway "
        "before every program that has one, and give other people tokens of the gateway instead."
    ),
    "restated": say(
        "{provider}: it has said its bill anew, and it is another one. What is missing was made up "
        "for; look at its own page if you do not know why."
    ),
    "ours": say(
        "{provider}: more is counted here than it charges. Nothing is given back, so the cap stays "
        "on the safe side; look whether a price in `[[price]]` is too high."
    ),
}
NOT_KNOWN, BY_HAND = ("○", say("not known")), ("✎", say("typed in or a file"))
DIGITS = 4
"""Of dollars: a day of this house may cost a cent."""


def draw_bills() -> None:
    """Raises AgentSilent, QueryRefused."""
    _ = texts()
    st.subheader(_("Bills"))
    view = view_of(home())
    sources = () if view.silent or view.live is None else view.live.sources
    found = standings(lines_of_bills(home()), settings().bill, sources)
    if not found:
        _draw_none()
        return
    _draw_table(found)
    st.caption(
        _(
            "Dollars are net, days those of UTC. In the end the ledger says whichever is higher: "
            "what calls are known to cost, or what is charged."
        )
    )
    troubled = [one.source for one in found if one.source is not None and _is_troubled(one)]
    if troubled:
        st.markdown("  \n".join(source_line(source) for source in troubled))
    for one in found:
        if one.is_alarm and one.cause in FINDINGS:
            usd = f"{one.outside_usd:,.{DIGITS}f}"
            finding = FINDINGS[one.cause].template
            st.warning(
                told(Message(finding, {"provider": one.provider, "usd": usd})),
                icon=":material/key_off:",
            )


def _is_troubled(one: Standing) -> bool:
    return one.source is not None and one.source.state is not State.PRESENT


def _draw_table(found: Sequence[Standing]) -> None:
    _ = texts()
    draw_rows(
        {
            _("Provider"): [one.provider for one in found],
            _("State"): [_state(one) for one in found],
            _("Last read"): [_read(one) for one in found],
            _("Covers"): [_covers(one) for one in found],
            _("Charged, USD"): [_usd(one.theirs_usd) for one in found],
            _("Counted, USD"): [_usd(one.ours_usd) for one in found],
            _("Passed the guard"): [
                None if one.guarded is None else float(one.guarded) for one in found
            ],
            _("Why they differ"): [_cause(one) for one in found],
        },
        column_config={
            _("Passed the guard"): st.column_config.ProgressColumn(format="percent"),
            **dict.fromkeys(
                (_("Charged, USD"), _("Counted, USD")),
                st.column_config.NumberColumn(format=f"%.{DIGITS}f"),
            ),
        },
        key="bills",
        alt=_("Bills of providers beside what was counted here"),
    )


def _state(one: Standing) -> str:
    if one.source is not None:
        return f"{ICONS[one.source.state]} {said(WORDS[one.source.state])}"
    icon, word = NOT_KNOWN if one.bill else BY_HAND
    return f"{icon} {said(word)}"


def _read(one: Standing) -> str | None:
    if one.source is None or one.source.age_seconds is None:
        return None
    return said(age(one.source.age_seconds))


def _covers(one: Standing) -> str | None:
    if one.since is None or one.until is None:
        return None
    first, last = (datetime.fromtimestamp(at, UTC) for at in (one.since, one.until - 1))
    return f"{first:%Y-%m-%d} – {last:%m-%d}"


def _usd(amount: object) -> float | None:
    return None if amount is None else float(str(amount))


def _cause(one: Standing) -> str | None:
    if one.cause is None:
        return None
    icon = "■" if one.is_alarm else "✓"
    return f"{icon} {said(CAUSES[one.cause])}"


def _draw_none() -> None:
    _ = texts()
    draw_empty(
        _(
            "No bill is known. Let the providers that have an interface for it be asked every six "
            "hours, or type in what a bill says:"
        ),
        ('[[bill]]\nname = "openai"\nsource = "openai"', "toml"),
        (typed("costs bill gemini 2026-11 --amount 4.20", home()), "sh"),
    )
