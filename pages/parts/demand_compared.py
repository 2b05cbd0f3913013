"""Recipes side by side in a backtest, and the request that one of them drives the agent."""

from collections.abc import Mapping, Sequence

import streamlit as st

from models.demand.shapes import Compared, Measured, Recipe
from models.requests.roles import may
from models.settings.target import Target
from pages.parts.account import visitor
from pages.parts.budget_change import prepare, why_not
from pages.parts.demand_charts import Line, compared_figure, floats, moments
from pages.parts.demand_fit import PageFit
from pages.parts.demand_past import look_of
from pages.parts.demand_source import demand_told, told_of
from pages.parts.demand_words import model_name, season_name, target_name
from pages.parts.history import CONFIG
from pages.parts.status import HIGH, badge
from pages.parts.texts import plain, texts, told
from pages.parts.values import draw_rows, percent_or_none

TRUTH_STEPS = 96


def draw_outcome(target: Target, over: PageFit) -> None:
    _ = texts()
    problem = over.problem or next((done.problem for done in over.done if done.problem), None)
    if problem is not None:
        st.markdown(badge(HIGH, _("not fitted")) + " " + told(problem))
        return
    compared = compared_in(over)
    if not compared:
        st.caption(_("Nothing came of it."))
        return
    _draw_table(compared)
    _draw_chart(target, over.works[0].measured, compared)
    for each in compared:
        st.markdown(f"- **{plain(model_name(each.recipe.model))}**: {told(each.why)}")
    draw_apply(target, compared)


def compared_in(over: PageFit) -> list[Compared]:
    return [
        Compared.from_json(each)
        for done in over.done
        for each in done.answer or ()
        if isinstance(each, Mapping)
    ]


def _draw_table(compared: Sequence[Compared]) -> None:
    _ = texts()
    shares = {
        _("Accuracy"): [percent_or_none(each.one_minus_wape) for each in compared],
        _("Skill"): [percent_or_none(each.skill) for each in compared],
        _("Inside 80 %"): [percent_or_none(each.coverage80) for each in compared],
        _("Inside 95 %"): [percent_or_none(each.coverage95) for each in compared],
    }
    draw_rows(
        {
            _("Model"): [model_name(each.recipe.model) for each in compared],
            _("Became"): [_became(each) for each in compared],
            **shares,
            _("MASE"): [each.mase for each in compared],
            _("Trials"): [each.origins for each in compared],
        },
        column_config={
            **dict.fromkeys(shares, st.column_config.NumberColumn(format="%.0f %%")),
            _("MASE"): st.column_config.NumberColumn(format="%.2f"),
        },
        key="compared",
        alt=_("Models in the backtest: accuracy, skill and how often their bands held"),
    )
    st.caption(
        _(
            "Each was fitted anew at several moments of the past, and saw nothing that came after "
            "them."
        )
    )


def _became(each: Compared) -> str:
    """What a recipe became, where its history does not carry what was asked for."""
    return "" if each.forecast is None else model_name(each.forecast.model)


def _draw_chart(target: Target, measured: Measured, compared: Sequence[Compared]) -> None:
    _ = texts()
    known = floats(measured.values[-TRUTH_STEPS:])
    begins = measured.end_at - len(known) * measured.step_seconds
    lines = [
        Line(
            model_name(each.recipe.model),
            moments(each.forecast.start_at, each.forecast.step_seconds, len(each.forecast.means)),
            floats(each.forecast.means),
        )
        for each in compared
        if each.forecast is not None
    ]
    truth = Line(_("measured"), moments(begins, measured.step_seconds, len(known)), known)
    alt = _("What each model makes of the same history of {name}").format(name=target_name(target))
    st.plotly_chart(
        compared_figure(truth, lines, look_of(target)), key="compared-lines", config=CONFIG, alt=alt
    )


def draw_in_force(target: Target) -> None:
    """What drives the agent now, by whom; and the way back to the settings."""
    _ = texts()
    said = told_of(demand_told(), target.name)
    if not said.get("recipe"):
        return
    recipe = Recipe.from_json(said["recipe"])
    text = _("In force: **{model}**, {season} repeats, over {days} days; {by}.")
    who = said.get("chosen_by")
    line = text.format(
        model=model_name(recipe.model),
        season=season_name(recipe.season),
        days=recipe.span_days,
        by=_("chosen by {who}").format(who=plain(str(who))) if who else _("by the settings"),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(line, width="content")
        here = visitor() if who else None
        if here is not None and may(here.role, "recipe"):
            st.button(
                _("Back to the settings"),
                key="recipe-back",
                icon=":material/undo:",
                on_click=_prepare_back,
                args=(target.name,),
            )


def _prepare_back(target: str) -> None:
    _ = texts()
    prepare({"kind": "recipe", "target": target, "args": {}}, _("taken back on the page"))


def draw_apply(target: Target, compared: Sequence[Compared]) -> None:
    """Ask that one of them is the agent's from its next tick on. Raises AgentSilent."""
    _ = texts()
    st.subheader(_("Apply one"))
    here = visitor()
    if here is None or not may(here.role, "recipe"):
        is_operator = here is not None and here.role == "operator"
        st.caption(_("Only an owner may apply a recipe.") if is_operator else why_not(here))
        return
    names = [model_name(each.recipe.model) for each in compared]
    with st.form("apply"):
        st.selectbox(
            _("Model"), range(len(compared)), format_func=names.__getitem__, key="apply-recipe"
        )
        st.text_input(_("Reason"), max_chars=300, key="apply-reason")
        st.form_submit_button(
            _("Show what follows"),
            icon=":material/visibility:",
            on_click=_prepare,
            args=(target.name, [each.recipe for each in compared]),
        )


def _prepare(target: str, recipes: Sequence[Recipe]) -> None:
    recipe = recipes[int(st.session_state["apply-recipe"])]
    shape = {"kind": "recipe", "target": target, "args": recipe.as_json()}
    prepare(shape, str(st.session_state["apply-reason"]))
