"""How good the forecasts were, beside what costs nothing, and how often their bands held."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from models.csv_text import csv_lines
from models.demand.accuracy import WHOLE_DAY, Accuracy
from models.demand.targets import step_seconds_of
from models.settings.target import Target
from pages.parts.demand_source import accuracies_of
from pages.parts.demand_words import is_daily
from pages.parts.empty import draw_empty
from pages.parts.formats import moment
from pages.parts.house import home, house
from pages.parts.status import FINE, HIGH, UNKNOWN, WATCH, badge
from pages.parts.texts import texts
from pages.parts.values import draw_rows, percent_or_none

HELD_80 = (0.70, 0.92)
"""Shares inside the band that are as they should be; only then a forecast may start machines."""


def draw_accuracy(target: Target, accuracies: Sequence[Accuracy]) -> None:
    _ = texts()
    known = [one for one in accuracies if one.steps]
    if not known:
        draw_empty(
            _(
                "No forecast has come true yet. The first figures stand here a day after the first "
                "forecast; those of 7 and 28 days grow with them."
            )
        )
        return
    st.markdown("  \n".join(_verdicts(known)))
    _draw_table(target, known)
    _draw_download(target)
    _draw_words()


def _verdicts(known: Sequence[Accuracy]) -> list[str]:
    """Of the last week, one hour ahead: is it worth anything, do its bands hold, does it drift?"""
    _ = texts()
    first = min((one.ahead for one in known), key=_place)
    week = max((one for one in known if one.ahead == first and one.days <= 7), key=_days)
    lines = []
    if week.skill is None:
        lines.append(badge(UNKNOWN, _("not known")) + " " + _("Nothing to compare with yet."))
    elif week.skill > 0:
        text = _("Its errors are {share} smaller than those of seasonal naive.")
        lines.append(badge(FINE, _("better")) + " " + text.format(share=f"{week.skill:.0%}"))
    else:
        text = _(
            "Its errors are {share} larger than those of seasonal naive: it may start no machine."
        )
        lines.append(badge(HIGH, _("no better")) + " " + text.format(share=f"{-week.skill:.0%}"))
    lines.append(_band_verdict(week.coverage80))
    if any(one.drifted for one in known):
        text = _("Its errors lean to one side or grow: it is fitted anew, over the newer days.")
        lines.append(badge(WATCH, _("drifts")) + " " + text)
    return lines


def _days(one: Accuracy) -> int:
    return one.days


def _band_verdict(coverage: float | None) -> str:
    _ = texts()
    if coverage is None:
        return badge(UNKNOWN, _("not known")) + " " + _("Its bands were not tried yet.")
    text = _("Of 100 values {count} fell inside the 80 % band.").format(count=round(coverage * 100))
    if coverage < HELD_80[0]:
        return badge(HIGH, _("too narrow")) + " " + text
    if coverage > HELD_80[1]:
        return badge(WATCH, _("too wide")) + " " + text
    return badge(FINE, _("holds")) + " " + text


def _draw_table(target: Target, known: Sequence[Accuracy]) -> None:
    _ = texts()
    lines = sorted(known, key=lambda one: (_place(one.ahead), one.days))
    whole = st.column_config.NumberColumn(format="%.0f %%")
    shares = {
        _("Accuracy"): [percent_or_none(one.one_minus_wape) for one in lines],
        _("Seasonal naive"): [percent_or_none(one.naive_one_minus_wape) for one in lines],
        _("At best"): [percent_or_none(one.noise_floor) for one in lines],
        _("Skill"): [percent_or_none(one.skill) for one in lines],
        _("Inside 80 %"): [percent_or_none(one.coverage80) for one in lines],
        _("Inside 95 %"): [percent_or_none(one.coverage95) for one in lines],
    }
    draw_rows(
        {
            _("Made"): [_ahead(target, one) for one in lines],
            _("Over"): [_over(one.days) for one in lines],
            **shares,
            _("Bias"): [percent_or_none(one.bias) for one in lines],
            _("Steps"): [one.steps for one in lines],
            _("Drifts"): [_("yes") if one.drifted else _("no") for one in lines],
        },
        column_config=dict.fromkeys((*shares, _("Bias")), whole),
        key="accuracy",
        alt=_("Accuracy of the forecasts by how far ahead they were made, and over how long"),
    )
    st.caption(
        _("Computed {moment}.").format(
            moment=moment(max(one.made_at for one in lines), house().zone)[:16]
        )
    )


def _ahead(target: Target, one: Accuracy) -> str:
    _ = texts()
    if one.ahead == WHOLE_DAY:
        return _("all steps ahead")
    if is_daily(step_seconds_of(target)):
        return _("{n} d before").format(n=one.ahead)
    return _("{n} h before").format(n=one.ahead)


def _place(ahead: int) -> float:
    """The whole of it stands last."""
    return float("inf") if ahead == WHOLE_DAY else ahead


def _over(days: int) -> str:
    _ = texts()
    return _("24 hours") if days == 1 else _("{n} days").format(n=days)


def _draw_download(target: Target) -> None:
    _ = texts()
    st.download_button(
        _("These figures as CSV"),
        data=partial(file_of, home(), target.name),
        file_name=f"sallim-accuracy-{target.name}.csv",
        mime="text/csv",
        on_click="ignore",
        key="accuracy-csv",
    )


def file_of(folder: str, target: str) -> bytes:
    """Called when the button is pressed, outside of any run of the page."""
    rows = [tuple(one) for one in accuracies_of(folder, target)]
    return b"\xef\xbb\xbf" + "".join(csv_lines(Accuracy._fields, rows)).encode()


def _draw_words() -> None:
    _ = texts()
    words = {
        _("Accuracy"): _(
            "100 % minus the sum of all errors over the sum of all values (1 − WAPE). 80 % means: "
            "of 100 videos, the forecast was off by 20 altogether."
        ),
        _("Seasonal naive"): _(
            "the same of a forecast that costs nothing: it will be as it was a day ago, or a week "
            "ago. A forecast that is no better is not worth its name."
        ),
        _("At best"): _(
            "what the best of all forecasts could reach, since such values scatter by themselves. "
            "Few events an hour have a low ceiling."
        ),
        _("Skill"): _("how much smaller its errors are than those of seasonal naive."),
        _("Inside 80 %"): _(
            "how often the value fell inside the band. Near 80 % the band means what it says; far "
            "below it is too narrow, far above too wide."
        ),
        _("Bias"): _("how far all of it together is above the truth; below zero: too low."),
    }
    with st.expander(_("What these figures mean")):
        st.markdown("\n".join(f"- **{word}**: {text}" for word, text in words.items()))
    st.caption(
        _(
            "Hours in which nothing was measured, or in which a budget refused the work, do not "
            "count."
        )
    )
