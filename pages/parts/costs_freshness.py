"""Who said the sums of the month, and when; and what nobody has said yet."""

from collections.abc import Sequence

import streamlit as st

from models.costs.shapes import Bucket
from models.typed import typed
from pages.parts.costs_source import bills_of_month, months_begun_before
from pages.parts.costs_words import bucket_name
from pages.parts.formats import age, moment
from pages.parts.house import home, house
from pages.parts.texts import plain, plurals, texts, told


def draw_freshness(found: Sequence[Bucket], now: float, *, silent: bool) -> None:
    """Who said these sums, and when."""
    _ = texts()
    if not found:
        return
    at = min(one.told_at for one in found)
    if silent:
        st.error(
            _("Last known: the ledger told these sums at {moment}; the agent is silent.").format(
                moment=moment(at, house().zone)
            ),
            icon=":material/history:",
        )
        return
    fresh = _("This month, as the ledger told it {age}.").format(age=told(age(now - at)))
    st.caption(f"{fresh} {_about_bills()}")
    missing = months_begun_before(home())
    if missing:
        st.warning(
            _(
                "This month is incomplete: what {names} had cost before Sallim began is not known, "
                "so more may be spent than is shown. Say it with {commands}."
            ).format(
                names=", ".join(bucket_name(one) for one in missing),
                commands=", ".join(
                    f"`{typed(f'costs open --bucket {one} --spent WON', home())}`"
                    for one in missing
                ),
            ),
            icon=":material/incomplete_circle:",
        )


def _about_bills() -> str:
    _, ngettext = texts(), plurals()
    bills = bills_of_month(home())
    if not bills:
        return _("No provider's bill has been compared yet.")
    names = ", ".join(sorted({plain(one.provider) for one in bills}))
    off = sum(one.is_alarm for one in bills)
    if off:
        return ngettext(
            "Bills of {names} compared: {n} line differs by more than it may.",
            "Bills of {names} compared: {n} lines differ by more than they may.",
            off,
        ).format(names=names, n=off)
    return _("Bills of {names} compared: they agree.").format(names=names)
