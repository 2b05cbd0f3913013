"""Sliders of the page of the demand: they stand in the address, and the plan follows them."""

import pytest

from models.demand.shapes import Measured
from models.scaling.changes import Changes, Situation
from models.scaling.rules import Rules
from pages.parts.demand_sliders import changes_of, ranges_of, without_effect
from tests.pages.demand_home import POOL, SETTINGS, fill
from tests.pages.test_pages import opened, tiles, visible

pytestmark = [pytest.mark.slow, pytest.mark.zone]
DEMAND = "pages/demand.py"
WON = 1_000_000
HOURS = "Machine hours a week"


@pytest.fixture
def weeks(home, store, agent):
    (home.path / "sallim.toml").write_text(SETTINGS + POOL)
    fill(store)
    return home


@pytest.fixture
def sketched(weeks):
    (weeks.path / "sallim.toml").write_text(SETTINGS)
    return weeks


def number(app, tile):
    return float(tiles(app)[tile].replace(",", "").strip("₩"))


def notes(app):
    return {metric.label: metric.delta for metric in app.metric}


def table(app):
    return app.dataframe[0].value.set_index("Decided")


def situation(**changed):
    rules = Rules("gpu", 8.0, 0, 3, 180.0, 0.9, 0.8, 600 * WON)
    whole = Situation(rules, Measured(0, 300, (1.0,)), 300, 86_400, cap_micro=9_900 * WON + 7)
    return whole._replace(**changed)


def test_what_is_left_alone_changes_nothing_at_all():
    ranges = ranges_of(situation())

    assert changes_of(
        {name: limits.usual for name, limits in ranges._asdict().items()}, ranges
    ) == (Changes())


def test_each_slider_changes_its_own_figure():
    ranges = ranges_of(situation())
    said = {name: limits.usual for name, limits in ranges._asdict().items()}
    moved = {
        "growth": 50,
        "headroom": 95,
        "full": 70,
        "start": 10,
        "carries": 16.0,
        "most": 5,
        "price": 900,
        "rate": 110,
        "calls": 50,
        "cap": 20_000,
    }

    assert changes_of(said | moved, ranges) == Changes(
        growth_percent=50,
        headroom=0.95,
        start_seconds=600,
        hour_micro=900 * WON,
        rate_factor=1.1,
        utilization=0.7,
        instances_max=5,
        cap_micro=20_000 * WON,
        capacity=16.0,
        call_price_factor=0.5,
    )


@pytest.mark.parametrize("hour_micro", [None, 0, 5_000_000 * WON])
@pytest.mark.parametrize("capacity", [1e-9, 1.0, 1e9])
def test_any_pool_has_sliders_that_hold_what_is_now(hour_micro, capacity):
    rules = Rules("x", capacity, 100, 100, 3_600.0, 0.3, 0.99, hour_micro)

    for limits in ranges_of(situation(rules=rules, cap_micro=None)):
        assert limits.low <= limits.usual <= limits.high
        assert limits.step > 0


@pytest.mark.parametrize(
    ("changed", "hidden"),
    [
        ({}, {"calls", "rate"}),
        ({"cap_micro": None}, {"cap", "calls", "rate"}),
        ({"in_dollars": True}, {"calls"}),
        ({"calls_micro": (0, WON)}, set()),
    ],
)
def test_a_slider_that_would_change_nothing_is_not_there(changed, hidden):
    assert without_effect(situation(**changed)) == hidden


def test_twice_the_demand_needs_more_machines_and_more_won(weeks):
    now = opened(DEMAND, tab="what-if")
    grown = opened(DEMAND, tab="what-if", growth="100")

    assert not grown.exception
    assert number(grown, HOURS) > number(now, HOURS)
    assert number(grown, "Machines, a week") > number(now, "Machines, a week")
    assert notes(grown)[HOURS] == f"as it is: {tiles(now)[HOURS]}"


def test_a_slider_that_moves_stands_in_the_address_and_the_figures_follow(weeks):
    app = opened(DEMAND, tab="what-if")
    before = tiles(app)["Machines, a week"]

    app.slider(key="price:gpu").set_value(1_200).run()

    assert app.query_params["price"] == "1200"
    assert tiles(app)["Machines, a week"] != before
    assert notes(app)["Machines, a week"] == f"as it is: {before}"


def test_as_it_is_now_takes_all_of_it_back(weeks):
    app = opened(DEMAND, tab="what-if", growth="50", price="900")

    app.button(key="as-now").click().run()

    assert not app.exception
    assert {"growth", "price"}.isdisjoint(app.query_params)
    assert app.slider(key="growth:gpu").value == 0


@pytest.mark.parametrize("text", ["99999", "-1e9", "nan", "a lot", "inf"])
def test_an_address_out_of_range_is_clamped(weeks, text):
    names = ("growth", "headroom", "full", "start", "carries", "most", "price", "rate", "calls")

    app = opened(DEMAND, tab="what-if", cap=text, **dict.fromkeys(names, text))

    assert not app.exception
    for slider in app.slider:
        assert slider.min <= slider.value <= slider.max


def test_it_stands_beside_what_is_measured_alone_and_the_future_known(weeks):
    rows = table(opened(DEMAND, tab="what-if", growth="50"))

    assert rows.index.tolist() == [
        "as asked",
        "as it is",
        "by what is measured alone",
        "with the future known",
    ]
    hours = rows["Machine hours"].str.replace(",", "").astype(float)
    assert hours["with the future known"] <= hours["as asked"]


def test_without_a_pool_a_sketch_is_assumed_and_said_to_be_so(sketched):
    app = opened(DEMAND, tab="what-if")

    assert not app.exception
    assert "machines of a sketch are assumed" in visible(app)
    assert app.slider(key="price:sketch").value == 600


def test_hours_that_stand_for_their_parts_are_said_to_do_so(weeks):
    assert "Only hours are known of it" in visible(opened(DEMAND, tab="what-if"))


def test_won_are_no_work_for_machines(weeks):
    assert "Won are no work for machines" in visible(opened(DEMAND, tab="what-if", series="money"))
