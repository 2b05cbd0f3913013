"""What is coming: the forecast in figures and in a sentence."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from models.demand.accuracy import Accuracy
from models.demand.shapes import Forecast
from models.demand.targets import is_count
from models.messages import Message
from models.settings.target import Target
from pages.parts.demand_past import draw_ahead
from pages.parts.demand_pools import draw_pools
from pages.parts.demand_source import accuracies_of, demand_told, hours_of, latest_of, told_of
from pages.parts.demand_target import draw_nothing_forecast
from pages.parts.demand_words import amount, is_daily, model_name, span_of_amounts
from pages.parts.formats import age, moment, percent
from pages.parts.house import home, house
from pages.parts.status import WATCH, badge
from pages.parts.texts import plain, texts, told
from pages.parts.values import NO_VALUE

TRUTH_DAYS = 28
WEEK_DAYS = 7
Tile = tuple[str, str, str]
"""Title, value, and what stands below it."""


def draw_now(target: Target, now: float) -> Forecast | None:
    """The forecast that holds; None where there is none. Raises AgentSilent, QueryRefused."""
    forecast = latest_of(home(), target.name)
    said = demand_told()
    told_now = told_of(said, target.name)
    problem = problem_of(told_now)
    truth = hours_of(home(), target.name, TRUTH_DAYS)
    if forecast is None:
        draw_nothing_forecast(truth, problem)
        return None
    draw_tiles_of(target, forecast, accuracies_of(home(), target.name), now)
    draw_ahead(target, forecast, truth, now)
    draw_sentence(forecast, told_now, now)
    if problem is not None:
        _ = texts()
        st.markdown(badge(WATCH, _("not made anew")) + " " + told(problem))
    draw_pools(target, said)
    return forecast


def problem_of(told_now: Mapping[str, Any]) -> Message | None:
    """What failed; that too little is known yet is no failure."""
    problem = None if told_now.get("is_early") else told_now.get("problem")
    return Message.from_json(problem) if isinstance(problem, dict) else None


def first_ahead(forecast: Forecast, now: float) -> int | None:
    """The first step that has not begun; None where the forecast has run out."""
    place = max(0, -int(-(now - forecast.start_at) // forecast.step_seconds))
    return place if place < len(forecast.means) else None


def draw_tiles_of(
    target: Target, forecast: Forecast, accuracies: Sequence[Accuracy], now: float
) -> None:
    first = first_ahead(forecast, now)
    tiles = [*_ahead_tiles(target, forecast, first), *_past_tiles(forecast, accuracies)]
    with st.grid(columns="auto", min_column_width=170):
        for title, value, note in tiles:
            st.metric(
                title,
                value,
                delta=note or None,
                delta_color="off",
                delta_arrow="off",
                border=True,
                height="stretch",
            )


def _ahead_tiles(target: Target, forecast: Forecast, first: int | None) -> list[Tile]:
    _ = texts()
    daily = is_daily(forecast.step_seconds)
    titles = (_("Next day"), _("Next 7 days")) if daily else (_("Next hour"), _("Next 24 hours"))
    if first is None:
        run_out = _("the last forecast has run out")
        return [(title, NO_VALUE, run_out) for title in titles]
    low, high = forecast.quantile(0.1)[first], forecast.quantile(0.9)[first]
    band = _("80 %: {span}").format(span=span_of_amounts(target, low, high))
    next_one = (titles[0], amount(target, forecast.means[first]), band)
    rest = forecast.means[first : first + (WEEK_DAYS if daily else 24)]
    most = max(rest)
    begins = forecast.start_at + (first + rest.index(most)) * forecast.step_seconds
    when = moment(begins, house().zone)[5 : 10 if daily else 16]
    if is_count(target):
        note = _("most: {amount}, {moment}").format(amount=amount(target, most), moment=when)
        return [next_one, (titles[1], amount(target, sum(rest)), note)]
    return [next_one, (titles[1], amount(target, most), _("at most, {moment}").format(moment=when))]


def _past_tiles(forecast: Forecast, accuracies: Sequence[Accuracy]) -> list[Tile]:
    """How good the first step ahead was in the last week."""
    _ = texts()
    week = next((one for one in accuracies if one.days == WEEK_DAYS and one.ahead == 1), None)
    daily = is_daily(forecast.step_seconds)
    title = _("Accuracy, 1 day ahead") if daily else _("Accuracy, 1 hour ahead")
    inside = _("Inside the 80 % band")
    if week is None or week.one_minus_wape is None:
        later = _("known when forecasts have come true")
        return [(title, NO_VALUE, later), (inside, NO_VALUE, later)]
    naive = week.naive_one_minus_wape
    beside = _("seasonal naive: {share}").format(share=NO_VALUE if naive is None else share(naive))
    covered = NO_VALUE if week.coverage80 is None else percent(week.coverage80)
    steps = _("of {n} steps, 7 days").format(n=week.steps)
    return [(title, share(week.one_minus_wape), beside), (inside, covered, steps)]


def share(value: float) -> str:
    """Of what is right; worse than nothing is below zero.

    >>> share(0.874), share(-0.2)
    ('87%', '-20%')
    """
    return f"{value:.0%}"


def draw_sentence(forecast: Forecast, chosen: Mapping[str, Any], now: float) -> None:
    """Which recipe, why, when it was made, and who chose it."""
    _ = texts()
    who = chosen.get("chosen_by")
    by = (
        _("chosen by {who}").format(who=plain(str(who)))
        if who
        else (
            _("chosen by the agent, by its backtest")
            if forecast.asked.model == "auto"
            else _("chosen in the settings")
        )
    )
    members = ", ".join(model_name(each) for each in forecast.members if each != forecast.model)
    text = _("**{model}**, made {age}, {by}.").format(
        model=model_name(forecast.model), age=told(age(now - forecast.made_at)), by=by
    )
    lines = [f"{text} {_sentence(told(forecast.why))}"]
    if members:
        lines.append(_("Its middle is that of: {members}.").format(members=plain(members)))
    st.markdown("  \n".join(lines))


def _sentence(text: str) -> str:
    """With a capital and a full stop.

    >>> _sentence("what was a day ago"), _sentence("")
    ('What was a day ago.', '')
    """
    end = "" if not text or text.endswith((".", "!")) else "."
    return f"{text[:1].upper()}{text[1:]}{end}"
