"""The page of the demand over a real store: what it says with weeks, with hours, with nothing."""

import csv
import io
import re
import time

import pytest

from data.ops.demand import DemandBatch
from models.demand.accuracy import Truth
from models.messages import say
from pages.parts.demand_accuracy import file_of
from tests.pages.demand_home import (
    KOREA_SECONDS,
    POOL,
    SETTINGS,
    accuracies,
    fill,
    forecast,
    last_hour,
    truths,
)
from tests.pages.test_pages import ENGLISH, NOT_TRANSLATED, opened, tiles, visible

pytestmark = [pytest.mark.slow, pytest.mark.zone]
DEMAND = "pages/demand.py"
TABS = ["forecast", "pattern", "accuracy", "models", "what-if"]
HOUR = 3_600
MADE_UP = re.compile("the median of two.*backtest|machines: 12 videos wait", re.IGNORECASE)
"""Sentences of the fill, which no catalog holds."""


@pytest.fixture
def house(home, store):
    """Its settings name two series and a pool; nothing is forecast yet."""
    (home.path / "sallim.toml").write_text(SETTINGS + POOL)
    return store


def charts(app) -> int:
    return len(app.get("plotly_chart"))


def notes(app) -> dict[str, str]:
    return {metric.label: metric.delta for metric in app.metric}


@pytest.fixture
def weeks(house, agent):
    fill(house)
    return agent


def test_the_first_screen_says_how_much_comes_and_how_far_to_trust_that(weeks):
    app = opened(DEMAND)

    assert not app.exception
    assert list(tiles(app)) == [
        "Next hour",
        "Next 24 hours",
        "Accuracy, 1 hour ahead",
        "Inside the 80 % band",
    ]
    assert tiles(app)["Accuracy, 1 hour ahead"] == "91%"
    assert notes(app)["Accuracy, 1 hour ahead"] == "seasonal naive: 74%"
    assert notes(app)["Next hour"].startswith("80 %: ")
    assert charts(app) == 2


def test_models_that_were_left_out_stand_by_their_names(house, agent):
    left_out = say("left out: {models}", models="last_cycle, holt_winters, of its own")
    fill(house, why=say("{one}; {other}", one=say("best"), other=left_out))

    assert "left out: as a day ago, Holt-Winters, of its own." in visible(opened(DEMAND))


@pytest.mark.parametrize("tab", ["forecast", "models"])
def test_an_agent_that_does_not_tell_of_recipes_is_said_not_to(weeks, tab):
    app = opened(DEMAND, tab=tab)

    assert not app.exception
    assert "what forecasts may start is not told: " in visible(app)


def test_a_sentence_says_which_recipe_it_is_and_why(weeks):
    text = visible(opened(DEMAND))

    assert "**ensemble of eight**, made " in text
    assert "The median of two that did best in the backtest." in text
    assert "theta, Holt-Winters" in text


def test_the_last_plan_of_a_pool_is_said_and_that_nothing_is_bought(weeks):
    text = visible(opened(DEMAND))

    assert "2 machines: 12 videos wait" in text
    assert "nothing is bought" in text
    assert ":green-badge[✓ prediction on] **gpu**" in text


@pytest.mark.parametrize(("over", "ahead"), [("24h", "1"), ("28d", "24")])
def test_past_forecasts_stand_beside_what_came_true(weeks, over, ahead):
    app = opened(DEMAND, over=over, ahead=ahead)

    assert not app.exception
    assert charts(app) == 2


def test_the_address_chooses_the_series(weeks):
    app = opened(DEMAND, series="money")

    assert app.selectbox(key="series").value == "money"
    assert "Nothing of it is measured yet" in visible(app)


def test_a_series_that_there_is_not_shows_the_first(weeks):
    assert opened(DEMAND, series="nobody").selectbox(key="series").value == "videos"


def test_spending_goes_by_days(weeks, house):
    day = last_hour(time.time())
    means = tuple(500.0 + n for n in range(8))
    made = forecast(
        day,
        "money",
        step_seconds=86_400,
        means=means,
        naive=means,
        bands=tuple(means for _ in range(7)),
    )
    house.demand.keep(DemandBatch(forecasts=[("daily", made)]))

    app = opened(DEMAND, series="money")

    assert not app.exception
    assert tiles(app)["Next day"] == "₩501"
    assert tiles(app)["Next 7 days"] == "₩3,528"


def test_a_forecast_that_has_run_out_is_none(house, agent):
    house.demand.keep(
        DemandBatch(
            forecasts=[("daily", forecast(last_hour(time.time()) - 72 * HOUR))],
            truths=truths(time.time(), 48),
        )
    )

    app = opened(DEMAND)

    assert not app.exception
    assert tiles(app)["Next hour"] == "–"
    assert notes(app)["Next hour"] == "the last forecast has run out"


def test_the_pattern_names_the_busiest_hour_by_the_clock_of_the_house(weeks):
    app = opened(DEMAND, tab="pattern")

    assert "day, 15:00** with 84" in visible(app)
    assert "by the clock of Asia/Seoul" in visible(app)
    assert charts(app) == 1


def test_spending_has_a_pattern_of_weekdays(house, agent):
    day = last_hour(time.time()) - KOREA_SECONDS - last_hour(time.time()) % 86_400
    begins = [day - n * 86_400 for n in range(28)]
    spent = [
        Truth("money", at, 86_400, 150.0 if (at + KOREA_SECONDS) // 86_400 % 7 == 4 else 100.0)
        for at in begins
    ]
    house.demand.keep(DemandBatch(truths=spent))

    app = opened(DEMAND, series="money", tab="pattern")

    assert not app.exception
    assert "Busiest: **Monday** with ₩150" in visible(app)


def test_accuracy_stands_beside_what_costs_nothing_and_what_is_at_best(weeks):
    app = opened(DEMAND, tab="accuracy")
    table = app.dataframe[0].value

    assert len(table) == 9
    assert table["Accuracy"].tolist() == [91.0] * 9
    assert {"Seasonal naive", "At best", "Skill", "Bias"} <= set(table.columns)
    assert "65% smaller than those of seasonal naive" in visible(app)
    assert "Of 100 values 81 fell inside the 80 % band" in visible(app)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"skill": -0.2}, "■ no better"),
        ({"coverage80": 0.5}, "■ too narrow"),
        ({"coverage80": 0.97}, "▲ too wide"),
        ({"drifted": True}, "▲ drifts"),
        ({"skill": None, "coverage80": None}, "○ not known"),
    ],
)
def test_a_forecast_that_is_not_good_is_said_to_be_so(house, agent, changed, said):
    house.demand.keep(DemandBatch(accuracies=accuracies(time.time(), **changed)))

    assert said in visible(opened(DEMAND, tab="accuracy"))


def test_the_figures_can_be_taken_along(weeks, home):
    rows = list(csv.DictReader(io.StringIO(file_of(str(home.path), "videos").decode("utf-8-sig"))))

    assert len(rows) == 9
    assert {row["one_minus_wape"] for row in rows} == {"0.91"}


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("hours", [0, 5, 30, 100])
def test_little_history_is_said_and_never_an_exception(house, agent, tab, hours):
    house.demand.keep(DemandBatch(truths=truths(time.time(), hours)))

    app = opened(DEMAND, tab=tab)

    assert not app.exception


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (0, "Nothing of it is measured yet"),
        (5, "A forecast begins after 24 hours with values; 5 are there"),
        (30, "Its first forecast is made within the hour"),
    ],
)
def test_before_the_first_forecast_the_page_says_what_is_waited_for(house, agent, hours, said):
    house.demand.keep(DemandBatch(truths=truths(time.time(), hours)))

    assert said in visible(opened(DEMAND))


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_opens_while_the_agent_is_silent(house, home, tab):
    fill(house)
    house.close()

    app = opened(DEMAND, tab=tab)

    assert not app.exception
    assert "The agent is silent" in app.error[0].value


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_opens_over_a_store_that_cannot_be_read(home, tab):
    (home.path / "sallim.toml").write_text(SETTINGS + POOL)
    home.ops.write_bytes(b"no database at all" * 400)

    assert not opened(DEMAND, tab=tab).exception


@pytest.mark.parametrize("tab", TABS)
def test_nothing_of_it_stays_english_in_korean(weeks, tab):
    text = NOT_TRANSLATED.sub("", visible(opened(DEMAND, tab=tab, lang="ko")))

    assert ENGLISH.findall(MADE_UP.sub("", text)) == []
