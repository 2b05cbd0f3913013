"""The forecast as a chart, and past ones against what came true."""

from collections.abc import Sequence

import streamlit as st

from models.demand.shapes import Forecast, Measured
from models.settings.target import Target
from pages.parts.choices import segments
from pages.parts.demand_charts import (
    Band,
    Line,
    Look,
    ahead_figure,
    floats,
    moments,
    past_figure,
)
from pages.parts.demand_source import past_of
from pages.parts.demand_words import amount, is_daily, target_name
from pages.parts.formats import moment
from pages.parts.history import CONFIG, has_touch, palette
from pages.parts.house import home, house
from pages.parts.texts import texts
from pages.parts.values import draw_rows

TRUTH_STEPS = 72
SPANS = {"24h": 1, "7d": 7, "28d": 28}


def draw_ahead(target: Target, forecast: Forecast, truth: Measured, now: float) -> None:
    _ = texts()
    known = floats(truth.values[-TRUTH_STEPS:])
    begins = truth.end_at - len(known) * truth.step_seconds
    at = moments(forecast.start_at, forecast.step_seconds, len(forecast.means))
    bands = [
        Band(name, at, floats(forecast.quantile(low)), floats(forecast.quantile(high)))
        for name, low, high in (
            (_("95 % band"), 0.025, 0.975),
            (_("80 % band"), 0.1, 0.9),
        )
    ]
    figure = ahead_figure(
        Line(_("measured"), moments(begins, truth.step_seconds, len(known)), known),
        Line(_("forecast"), at, floats(forecast.means)),
        bands,
        (now, _("now")),
        look_of(target),
    )
    alt = _("What was measured of {name}, and the forecast with its bands").format(
        name=target_name(target)
    )
    st.plotly_chart(figure, key="demand-ahead", config=CONFIG, alt=alt)
    with st.expander(_("The forecast as a table")):
        _draw_steps(target, forecast)


def _draw_steps(target: Target, forecast: Forecast) -> None:
    _ = texts()
    count, zone = len(forecast.means), house().zone
    begins = [forecast.start_at + step * forecast.step_seconds for step in range(count)]
    end = 10 if is_daily(forecast.step_seconds) else 16

    def column(values: Sequence[float]) -> list[str]:
        return [amount(target, value) for value in values]

    draw_rows(
        {
            _("Begins"): [moment(at, zone)[:end] for at in begins],
            _("Forecast"): column(forecast.means),
            _("80 % from"): column(forecast.quantile(0.1)),
            _("80 % to"): column(forecast.quantile(0.9)),
            _("95 % from"): column(forecast.quantile(0.025)),
            _("95 % to"): column(forecast.quantile(0.975)),
        },
        key="demand-steps",
        alt=_("The forecast step by step with its bands"),
    )


def draw_past(target: Target, forecast: Forecast) -> None:
    """Past forecasts against what came true. Raises AgentSilent, QueryRefused."""
    _ = texts()
    st.subheader(_("Forecast against truth"))
    daily = is_daily(forecast.step_seconds)
    with st.container(horizontal=True):
        span = segments(_("Span"), "over", list(SPANS), _span_name, "7d")
        if not daily:
            ahead = segments(_("Made"), "ahead", ["1", "24"], _ahead_name)
    past = past_of(home(), target.name, SPANS[span], 1 if daily else int(ahead))
    if not len(past.at):
        st.caption(_("○ No forecast has come true in this span yet; the first does within hours."))
        return
    at = past.at + forecast.step_seconds / 2
    bands = [
        Band(name, at, getattr(past, low), getattr(past, high))
        for name, low, high in (
            (_("95 % band"), "low95", "high95"),
            (_("80 % band"), "low80", "high80"),
        )
    ]
    figure = past_figure(
        Line(_("measured"), at, past.truth),
        Line(_("forecast"), at, past.mean),
        Line(_("seasonal naive"), at, past.naive),
        bands,
        look_of(target),
    )
    alt = _("Past forecasts of {name} against what came true").format(name=target_name(target))
    st.plotly_chart(figure, key="demand-past", config=CONFIG, alt=alt)


def _span_name(key: str) -> str:
    _ = texts()
    return {"24h": _("24 hours"), "7d": _("7 days"), "28d": _("28 days")}[key]


def _ahead_name(key: str) -> str:
    _ = texts()
    return {"1": _("1 hour before"), "24": _("24 hours before")}[key]


def look_of(target: Target) -> Look:
    return Look(palette(), not has_touch(), "₩" if target.kind == "spend" else "")
