"""Recipes tried on the page: fitted by a process of their own, compared, and asked for."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from models.demand.shapes import MODELS, SEASONS, Kind, Measured, Model, Recipe, Season, Work
from models.errors import AgentSilent, QueryRefused
from models.messages import say
from models.settings.target import Target
from pages.parts.budget_change import draw_waiting
from pages.parts.demand_compared import draw_in_force, draw_outcome
from pages.parts.demand_fit import PageFit, begin, fit_of_visitor
from pages.parts.demand_source import hours_of
from pages.parts.demand_words import model_name, season_name
from pages.parts.house import home, house
from pages.parts.texts import texts, told

TRIED: tuple[Model, ...] = ("combo", "holt_winters", "arima", "seasonal_naive")
"""What is compared where nobody has chosen."""
HORIZONS = (24, 48, 168)
SPANS_DAYS = (7, 14, 28, 56, 112)
COMPARE: Kind = "compare"
SECONDS_MAX = 60.0
FIT_SECONDS = 1.0
NOT_READ = say("its history cannot be read now: {reason}")
TROUBLE = "demand-trouble"  # In the session: why no fit was begun.


def draw_models(target: Target) -> None:
    """Raises AgentSilent, QueryRefused."""
    _ = texts()
    if draw_waiting():
        return
    draw_in_force(target)
    _draw_choice(target)
    trouble = st.session_state.pop(TROUBLE, None)
    if trouble:
        st.error(trouble, icon=":material/block:")
    under_way = fit_of_visitor()
    if under_way is None or not _is_of(under_way, target):
        st.caption(
            _(
                "Nothing is fitted yet. A fit runs in a process of its own, one at a time, and "
                "changes nothing: the agent goes on with its recipe until you apply another."
            )
        )
        return
    if under_way.goes_on:
        progress()
        return
    draw_outcome(target, under_way)


def _draw_choice(target: Target) -> None:
    _ = texts()
    with st.form("recipes"):
        st.pills(
            _("Models"),
            MODELS,
            selection_mode="multi",
            default=TRIED,
            format_func=model_name,
            key="recipe-models",
        )
        season, horizon, span = st.columns(3)
        season.selectbox(_("What repeats"), SEASONS, format_func=season_name, key="recipe-season")
        horizon.selectbox(_("Horizon"), HORIZONS, format_func=_hours, key="recipe-horizon")
        span.selectbox(
            _("History"),
            SPANS_DAYS,
            index=SPANS_DAYS.index(28),
            format_func=_days,
            key="recipe-span",
        )
        st.form_submit_button(
            _("Fit and compare"),
            icon=":material/model_training:",
            on_click=_begin,
            args=(target,),
        )


def _hours(count: int) -> str:
    _ = texts()
    return _("{n} hours").format(n=count)


def _days(count: int) -> str:
    _ = texts()
    return _("{n} days").format(n=count)


def recipes_of(said: Mapping[str, object]) -> list[Recipe]:
    """What the form says; a model stands once."""
    chosen = [str(each) for each in _list(said.get("recipe-models"))]
    season = _season(said.get("recipe-season"))
    span = int(str(said.get("recipe-span") or 28))
    return [Recipe(model, season, span) for model in MODELS if model in chosen]


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else ()


def _season(value: object) -> Season:
    by_name = {str(season): season for season in SEASONS}
    return by_name.get(str(value), "auto")


def _begin(target: Target) -> None:
    """For a callback."""
    _ = texts()
    said_now = {str(key): value for key, value in st.session_state.items()}
    recipes = recipes_of(said_now)
    if not recipes:
        st.session_state[TROUBLE] = _("Choose at least one model.")
        return
    try:
        measured = hours_of(home(), target.name, max(each.span_days for each in recipes))
    except (AgentSilent, QueryRefused) as error:
        reason = replace(NOT_READ, values={"reason": str(error)})
        st.session_state[TROUBLE] = told(reason)
        return
    steps = int(str(said_now.get("recipe-horizon") or HORIZONS[0]))
    begin([work_of(target, measured, recipes, steps)])


def work_of(target: Target, measured: Measured, recipes: Sequence[Recipe], steps: int) -> Work:
    args = {"recipes": [each.as_json() for each in recipes], "steps": steps}
    return Work(
        target.name, COMPARE, measured, house().timezone, int(time.time()), args, SECONDS_MAX
    )


def _is_of(under_way: PageFit, target: Target) -> bool:
    return all(work.key == target.name for work in under_way.works)


@st.fragment(run_every=FIT_SECONDS)
def progress() -> None:
    """How far it is; when it is over, the page is drawn once more."""
    _ = texts()
    under_way = fit_of_visitor()
    if under_way is None or not under_way.goes_on:
        st.rerun()
        return
    st.progress(under_way.part, text=told(under_way.what))
    st.button(_("Call it off"), key="call-off", on_click=under_way.call_off)
