"""The month's course: the burn-down of a budget, its end, and when each line is reached."""

from collections.abc import Sequence
from decimal import Decimal

import streamlit as st

from models.costs.burn_shapes import BurnDown, Reached
from models.costs.month_words import why
from models.costs.shapes import Bucket
from pages.parts.choices import segments
from pages.parts.costs_charts import BurnTexts, burn_figure
from pages.parts.costs_source import burn_of
from pages.parts.costs_words import bucket_name, label_of
from pages.parts.formats import day, krw, percent
from pages.parts.history import CONFIG, palette
from pages.parts.house import home, house
from pages.parts.texts import texts, told
from pages.parts.values import NO_VALUE, draw_rows


def draw_burn_down(found: Sequence[Bucket]) -> None:
    """Raises AgentSilent, QueryRefused."""
    _ = texts()
    st.subheader(_("The month's course"))
    ids = [one.bucket_id for one in found]
    chosen = segments(_("Budget"), "bucket", ids, label_of) if len(ids) > 1 else ids[0]
    burn = burn_of(home(), chosen)
    if burn is None:
        return
    figure = burn_figure(
        burn,
        house().zone,
        palette(),
        BurnTexts(
            settled=_("settled"),
            unverified=_("unverified"),
            spent=_("spent"),
            even=_("even pace"),
            expected=_("expected"),
            band=_("8 of 10 cases"),
            cap=_("cap {won}"),
        ),
    )
    alt = _("{name}: {spent} of {cap} spent, day by day, and what is expected").format(
        name=bucket_name(chosen), spent=krw(burn.bucket.spent_won), cap=krw(burn.bucket.cap_won)
    )
    st.plotly_chart(figure, key=f"burn-{chosen}", config=CONFIG, alt=alt)
    st.caption(expectation(burn))
    if burn.reached:
        _draw_reached(burn, chosen)


def _draw_reached(burn: BurnDown, chosen: str) -> None:
    _ = texts()
    columns: dict[str, list[str]] = {
        _("Line"): [f"{each.percent}%" for each in burn.reached],
        _("Won"): [krw(each.won) for each in burn.reached],
        _("Early"): [_date(each, 0) for each in burn.reached],
        _("Likely"): [_date(each, 1) for each in burn.reached],
        _("Late"): [_date(each, 2) for each in burn.reached],
    }
    alt = _("{name}: the days on which each line is reached").format(name=bucket_name(chosen))
    draw_rows(columns, key=f"reached-{chosen}", alt=alt)
    parts = [
        _(
            "In 1 of 10 cases a line is reached by the early day, in half of them by the likely "
            "one, in 9 of 10 by the late one; {none}: not this month."
        ).format(none=NO_VALUE)
    ]
    reason = why(burn)
    if reason is not None:
        parts.append(_("Basis: {reason}.").format(reason=told(reason)))
    parts.append(_("At the pace until now it would be {won}.").format(won=krw(burn.naive_won)))
    st.caption(" ".join(parts))


def _date(line: Reached, place: int) -> str:
    _ = texts()
    if line.is_past:
        return _("reached")
    moment = line.on[place]
    return NO_VALUE if moment is None else day(moment, house().zone)


def no_projection() -> str:
    _ = texts()
    return _("A projection begins after three days with calls; until then nothing is guessed.")


def expectation(burn: BurnDown) -> str:
    """The end of the band in words."""
    _ = texts()
    if not burn.ahead:
        return no_projection()
    last, cap = burn.ahead[-1], burn.bucket.cap_won
    parts = [
        _("{date}: {won} expected, {low} to {high} in 8 of 10 cases").format(
            date=day(burn.bucket.end - 1, house().zone),
            won=krw(last.middle_won),
            low=krw(last.low_won),
            high=krw(last.high_won),
        )
    ]
    under = cap - last.middle_won
    share = share_of(abs(under), cap)
    over = _("{percent} over the cap") if under < 0 else _("{percent} under the cap")
    parts.append(over.format(percent=share))
    if burn.learning:
        parts.append(_("◷ still learning: with less than four weeks known the band is wide"))
    return " · ".join(parts)


def share_of(part: Decimal, whole: Decimal) -> str:
    return percent(float(part / whole)) if whole else NO_VALUE
