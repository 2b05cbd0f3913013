"""The made-up household has a past of forecasts, each of what was known when it was made."""

import pytest

from agent.demand.past import DAYS, HOURLY_DAYS, POOL_DAYS, POOL_HOURLY_DAYS, SHORT_DAYS, Past
from data.ops.demand_read import fit_of
from models.demand.targets import targets_of
from tests.agent.demand.house import DAY, JOBS, Here, House
from tests.data.demand_rows import HOUR, START
from tests.data.stores import ask

pytestmark = pytest.mark.slow

POOL = {"name": "gpu", "target": "jobs", "capacity": 20}
SINCE_MIDNIGHT = 21
"""At START it is 21:00 in Seoul."""


class Kept:
    """A store as the past asks for it."""

    def __init__(self, store) -> None:
        self.read, self.keep = store.read, store.demand.keep


def past_of(house, until=START) -> Past:
    past = Past(Kept(house.store), house.settings, until)
    past.forecast(targets_of(house.settings), Here().run)
    return past


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    house = House(tmp_path_factory.mktemp("past"), days=18, targets=({"name": "jobs", **JOBS},))
    past_of(house)
    yield house
    house.close()


def test_days_are_fitted_and_the_last_hours_gone_on_from(house):
    """The first day that is looked at begins within the ten; hours that begin a day are fitted."""
    assert house.made().count("daily") == DAYS
    assert house.made().count("refresh") == HOURLY_DAYS * 24 + 1 - HOURLY_DAYS
    assert house.latest().made_at == START


def test_no_forecast_begins_before_it_was_made_nor_is_one_made_later_than_now(house):
    sql = "SELECT count(*) FROM forecasts WHERE start_at < made_at OR made_at > to_timestamp($1)"

    assert ask(house.store, sql, START) == [(0,)]


def test_a_forecast_is_the_one_that_was_made_then(house, tmp_path):
    """What came later changes nothing of it: the loop itself, at that midnight, said the same."""
    then = House(tmp_path, days=0)
    then.now = float(START - SINCE_MIDNIGHT * HOUR)
    then.measure(START - 18 * DAY, 18 * 24 - SINCE_MIDNIGHT)
    then.demand.step()

    assert house.daily().means == pytest.approx(then.daily().means, rel=1e-4)
    then.close()


def test_the_past_of_less_history_is_the_same_past(house, tmp_path):
    """Whatever was forecast a day ago stands as it was forecast then."""
    shorter = House(tmp_path, days=17)
    shorter_end = START - DAY
    shorter.now = float(shorter_end)
    shorter.measure(START - 18 * DAY, 17 * 24)
    past_of(shorter, shorter_end)
    sql = """
    SELECT epoch(made_at)::BIGINT, means::VARCHAR, bands FROM forecasts
    WHERE work = 'daily' AND made_at > to_timestamp($1) AND made_at <= to_timestamp($2)
    ORDER BY made_at
    """
    span = (START - 8 * DAY, shorter_end)

    assert ask(shorter.store, sql, *span) == ask(house.store, sql, *span)
    assert len(ask(shorter.store, sql, *span)) == 7
    shorter.close()


def test_truths_are_what_was_measured(house):
    from data.ops.demand_series import measured

    target = targets_of(house.settings)[0]
    zone = house.settings.house.zone
    span = (START - 18 * DAY, START)
    grid = house.store.read(lambda cursor: measured(cursor, target, span, zone))
    sql = "SELECT epoch(begun_at)::BIGINT, value FROM truths ORDER BY begun_at"

    assert ask(house.store, sql) == [
        (grid.start_at + place * HOUR, value) for place, value in enumerate(grid.values)
    ]


def test_how_good_they_were_is_told_of_each_day(house):
    found = ask(
        house.store,
        """
        SELECT steps, one_minus_wape FROM accuracies WHERE days = 7 AND ahead = 1 ORDER BY made_at
        """,
    )

    assert found[-1][0] == 7 * 24
    assert len(found) > 5
    assert all(accuracy > 0.8 for _, accuracy in found)


def test_what_a_pool_goes_by_is_forecast_by_the_hour_for_a_week(tmp_path):
    house = House(tmp_path, days=18, step=300, pool=[POOL])
    past = past_of(house)

    assert house.made().count("daily") == POOL_DAYS
    assert house.made().count("refresh") == POOL_HOURLY_DAYS * 24 + 1 - POOL_HOURLY_DAYS
    assert len(past.shorts["jobs"]) == SHORT_DAYS
    newest = house.store.read(lambda cursor: fit_of(cursor, "jobs", "short"))
    assert newest.fitted_at == past.shorts["jobs"][-1].fitted_at
    house.close()


def test_a_day_of_it_is_too_little_and_says_nothing(tmp_path):
    house = House(tmp_path, days=1)
    past_of(house)

    assert len(house.made()) <= 1
    house.close()
