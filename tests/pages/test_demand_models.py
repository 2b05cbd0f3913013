"""Recipes tried on the page, by the real process that fits."""

import pytest

from models.demand.shapes import Recipe
from pages.parts.demand_fit import FIT
from pages.parts.demand_models import recipes_of
from tests.pages.demand_home import SETTINGS, fill
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
