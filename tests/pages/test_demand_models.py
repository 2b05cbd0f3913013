"""Recipes tried on the page, by the real process that fits."""

import json

import pytest

from data.demand_choices import recipes
from models.demand.shapes import Recipe
from pages.parts.demand_fit import FIT
from pages.parts.demand_models import recipes_of
from tests.pages.demand_home import SETTINGS, fill, told
from tests.pages.household import buttons
from tests.pages.test_pages import opened, visible

pytestmark = [pytest.mark.slow, pytest.mark.zone]
DEMAND = "pages/demand.py"
PATIENCE_SECONDS = 120
QUICK = ["seasonal_naive", "theta"]


@pytest.fixture
def weeks(home, store, agent):
    (home.path / "sallim.toml").write_text(SETTINGS)
    fill(store)
    return home


def begun(app, models):
    app.pills(key="recipe-models").set_value(models)
    return next(b for b in app.button if b.label == "Fit and compare").click().run()


def over(app):
    """Drawn as it is when the fit has ended."""
    assert app.session_state[FIT].wait(PATIENCE_SECONDS)
    return app.run()


@pytest.mark.parametrize(
    ("said", "recipes"),
    [
        ({}, []),
        (
            {"recipe-models": ["arima", "combo"], "recipe-season": "week", "recipe-span": 14},
            [Recipe("combo", "week", 14), Recipe("arima", "week", 14)],
        ),
        (
            {"recipe-models": ["nonsense", "theta"], "recipe-season": "year"},
            [Recipe("theta", "auto", 28)],
        ),
    ],
)
def test_the_form_says_recipes(said, recipes):
    assert recipes_of(said) == recipes


def test_models_are_fitted_and_stand_side_by_side(weeks):
    app = begun(opened(DEMAND, tab="models"), QUICK)
    assert not app.exception

    app = over(app)

    assert not app.exception
    table = app.dataframe[0].value
    assert sorted(table["Model"]) == ["as a day or a week ago", "theta"]
    assert len(app.get("plotly_chart")) == 1
    assert "Nobody is signed in here, so nothing can be asked for" in visible(app)


def test_while_it_goes_on_the_page_says_so_and_it_can_be_called_off(weeks):
    app = begun(opened(DEMAND, tab="models"), ["arima", "combo"])
    assert app.button(key="call-off").label == "Call it off"

    app.button(key="call-off").click().run()
    app = over(app)

    assert not app.exception
    assert "called off" in visible(app)


def test_no_model_is_nothing_to_fit(weeks):
    app = begun(opened(DEMAND, tab="models"), [])

    assert app.error[0].value == "Choose at least one model."
    assert FIT not in app.session_state


def test_what_was_fitted_of_one_series_is_not_shown_for_another(weeks):
    app = over(begun(opened(DEMAND, tab="models"), ["seasonal_naive"]))

    app.selectbox(key="series").set_value("money").run()

    assert not app.exception
    assert "Nothing is fitted yet" in visible(app)


def test_a_series_without_any_history_is_refused_with_its_reason(weeks):
    app = over(begun(opened(DEMAND, tab="models", series="money"), ["theta"]))

    assert not app.exception
    assert "■ not fitted" in visible(app) or "not forecast" in visible(app)


def asked(app, reason="it was best"):
    """The second model, with a reason, as far as what would follow."""
    app.selectbox(key="apply-recipe").set_value(1)
    app.text_input(key="apply-reason").set_value(reason)
    return next(each for each in app.button if each.label == "Show what follows").click().run()


@pytest.fixture
def people(house, store):
    """Somebody may be let in; calls are forecast there."""
    fill(store, target="calls")
    return house


def test_an_owner_applies_a_recipe_by_typing_the_name_of_its_series(people):
    people.enter("minji", "owner")
    app = over(begun(opened(DEMAND, tab="models", series="calls"), QUICK))

    app = asked(app)
    assert "calls is forecast by theta" in visible(app)
    app.text_input(key="confirm").set_value("calls")
    app.button(key="do").click().run()

    assert not app.exception
    assert "✓ done" in visible(app)
    [kept] = recipes(people.control)
    assert (kept.target, kept.chosen_by) == ("calls", "minji")
    assert Recipe.from_json(json.loads(kept.recipe)) == Recipe("theta")


def test_without_a_reason_nothing_is_asked_for(people):
    people.enter("minji", "owner")
    app = over(begun(opened(DEMAND, tab="models", series="calls"), QUICK))

    app = asked(app, reason="")

    assert app.error
    assert recipes(people.control) == []


@pytest.mark.parametrize(
    ("role", "said"),
    [
        ("operator", "Only an owner may apply a recipe"),
        ("viewer", "You may look and not change anything"),
    ],
)
def test_whoever_may_not_apply_may_still_compare(people, role, said):
    people.enter("sora", role)

    app = over(begun(opened(DEMAND, tab="models", series="calls"), ["seasonal_naive"]))

    assert len(app.dataframe[0].value) == 1
    assert said in visible(app)
    assert "Show what follows" not in buttons(app)


def test_what_a_person_chose_is_said_and_can_be_taken_back(people):
    people.enter("minji", "owner")
    people.demand = told("calls")
    app = opened(DEMAND, tab="models", series="calls")
    assert "In force: **Holt-Winters**, the day repeats, over 14 days; chosen by minji" in (
        visible(app)
    )

    app.button(key="recipe-back").click().run()

    assert "nobody chose a recipe of calls" in app.error[0].value


def test_who_chose_and_whether_a_forecast_starts_machines_stand_on_the_first_tab(people):
    people.enter("sora", "viewer")
    people.demand = told("calls")

    assert "chosen by minji" in visible(opened(DEMAND, series="calls"))


@pytest.mark.parametrize(
    ("is_early", "said"),
    [(False, True), (True, False)],
)
def test_what_failed_is_said_and_too_little_history_is_no_failure(people, is_early, said):
    people.enter("sora", "viewer")
    problem = {"template": "no numbers", "values": {}}
    people.demand = told("calls", problem=problem, is_early=is_early)

    assert ("▲ not made anew" in visible(opened(DEMAND, series="calls"))) is said
