"""Forecasts in the store: each once, read back as they were, and judged by what came true."""

import random
from math import isnan

import pytest

from data.demand import accuracies, accuracy_history, latest, measured_hours, month_document
from data.demand import past as past_of
from data.demand import plans as plans_of
from data.ops.demand import DemandBatch, KeptFit, MonthForecast
from data.ops.demand_read import (
    errors,
    first_made_at,
    fit_of,
    fits,
    judged,
    last_truth,
    latest_daily,
    latest_forecast,
    month_forecast,
)
from data.ops.demand_tables import forget_old_demand
from models.demand.accuracy import WHOLE_DAY, accuracy_of
from models.demand.shapes import QUANTILES
from models.messages import say
from models.scaling.shapes import Plan
from tests.data.demand_rows import HOUR, START, forecast, truths
from tests.data.stores import NOON, Direct, home_in, one, opened

DAY = 24 * HOUR


def keep(store, **batch):
    store.demand.keep(DemandBatch(**batch))


def plan(at=START, wanted=1, **more):
    shape = Plan("gpu", at, wanted, 1, None, 2, say("{n} wait", n=3), {"waiting": 3})
    return shape._replace(**more)


def test_a_forecast_is_read_back_as_it_was(store):
    made = forecast(means=[10.25, 11.5] * 12)
    keep(store, forecasts=[("refresh", made)])

    assert latest(Direct(store), "calls") == made
    assert store.read(lambda cursor: latest_forecast(cursor, "calls")) == made
    assert latest(Direct(store), "other") is None


def test_the_newest_forecast_counts_and_the_last_daily_one_has_its_state(store):
    daily = forecast(state={"alpha": 0.5})
    hourly = forecast(START + HOUR)
    keep(store, forecasts=[("daily", daily)])
    keep(store, forecasts=[("refresh", hourly)])

    assert latest(Direct(store), "calls") == hourly
    assert store.read(lambda cursor: latest_daily(cursor, "calls")) == daily
    assert store.read(lambda cursor: first_made_at(cursor, "calls")) == daily.made_at
    assert store.read(lambda cursor: first_made_at(cursor, "other")) is None


def test_a_daily_forecast_without_a_state_has_not_that_of_the_day_before(store):
    keep(store, forecasts=[("daily", forecast(state={"alpha": 0.5}))])
    keep(store, forecasts=[("daily", forecast(START + DAY))])

    assert store.read(lambda cursor: latest_daily(cursor, "calls")).state == {}


def test_a_batch_that_is_handed_over_twice_is_there_once(store):
    batch = DemandBatch(
        forecasts=[("daily", forecast(state={"a": 1})), ("refresh", forecast(START + HOUR))],
        truths=truths([1.0, None, 3.0]),
        accuracies=store.read(lambda cursor: judged(cursor, "calls", START)),
        fits=[KeptFit("calls", "short", START, "{}")],
        months=[MonthForecast("api", START, START + DAY, START + 60, "{}")],
        plans=[plan()],
    )
    store.demand.keep(batch)
    store.demand.keep(batch)

    counts = {
        table: one(store, f"SELECT count(*) FROM {table}")  # noqa: S608 names of this test
        for table in ("forecasts", "truths", "fits", "month_forecasts", "plans")
    }
    assert counts == {"forecasts": 2, "truths": 3, "fits": 2, "month_forecasts": 1, "plans": 1}


def test_a_forecast_with_a_number_that_is_none_is_left_out_and_costs_nothing_else(store):
    broken = forecast(means=[float("nan")] * 24)
    keep(store, forecasts=[("daily", broken), ("refresh", forecast())], truths=truths([1.0]))

    assert one(store, "SELECT count(*) FROM forecasts") == 1
    assert one(store, "SELECT count(*) FROM truths") == 1


def test_hours_without_a_truth_stay_empty(store):
    keep(store, truths=truths([1.0, None, 3.0]))

    hours = measured_hours(Direct(store), "calls", (START - DAY, START + DAY))

    assert (hours.start_at, hours.step_seconds, hours.values) == (START, HOUR, (1.0, None, 3.0))
    assert measured_hours(Direct(store), "other", (START, START + DAY)).values == ()
    assert store.read(lambda cursor: last_truth(cursor, "calls")) == START + 2 * HOUR


def test_of_a_step_the_newest_forecast_that_was_made_in_time_counts(store):
    keep(
        store,
        forecasts=[
            ("refresh", forecast(START + n * HOUR, means=[float(n)] * 24)) for n in (0, 1, 3)
        ],
        truths=truths([5.0, 5.0, None, 5.0]),
    )

    ahead_1 = past_of(Direct(store), "calls", (START, START + 5 * HOUR), ahead=1)
    ahead_3 = past_of(Direct(store), "calls", (START, START + 5 * HOUR), ahead=3)

    assert ahead_1.at.tolist() == [START + n * HOUR for n in range(5)]
    assert ahead_1.mean.tolist() == [0.0, 1.0, 1.0, 3.0, 3.0]
    assert ahead_3.mean.tolist() == [0.0, 1.0, 1.0]
    assert ahead_1.truth.tolist()[:2] == [5.0, 5.0]
    assert [isnan(truth) for truth in ahead_1.truth] == [False, False, True, False, True]
    assert ahead_1.low95.tolist()[0] == -4.0
    assert (ahead_1.low80 < ahead_1.high80).all()


def test_of_two_forecasts_that_begin_with_the_same_step_the_later_one_counts(store):
    late = forecast(means=[20.0] * 24, made_at=START + 600)
    keep(store, forecasts=[("daily", forecast()), ("refresh", late)], truths=truths([20.0]))

    assert past_of(Direct(store), "calls", (START, START + HOUR)).mean.tolist() == [20.0]
    span = (START, START + HOUR)
    assert store.read(lambda cursor: errors(cursor, "calls", span, 1)) == [0.0]


def week(seed=7):
    """Eight days of hourly forecasts of chance, and what came true."""
    chance = random.Random(seed)  # noqa: S311 repeatable
    hours = 8 * 24
    values = [None if n % 37 == 5 else float(chance.randrange(5, 30)) for n in range(hours)]
    made = [
        forecast(
            START + n * HOUR,
            means=[float(chance.randrange(5, 30)) for _ in range(24)],
            half=(12.0, 8.0),
            naive=17.0,
        )
        for n in range(hours)
    ]
    return made, values


def test_a_week_replayed_is_judged_as_it_is_judged_afresh(store):
    made, values = week()
    for n, each in enumerate(made):
        keep(
            store,
            forecasts=[("daily" if n % 24 == 0 else "refresh", each)],
            truths=truths(values[:n])[-2:],
        )
        store.maintain(each.made_at)
    now = START + len(values) * HOUR
    keep(store, truths=truths(values)[-2:])
    keep(store, accuracies=store.read(lambda cursor: judged(cursor, "calls", now, 0.9)))

    stored = accuracies(Direct(store), "calls")

    for days in (1, 7, 28):
        first = max(0, len(values) - days * 24)
        for ahead in (1, 24, WHOLE_DAY):
            leads = range(1, 25) if ahead == WHOLE_DAY else [ahead]
            held = [
                (made[n - lead + 1], lead - 1, values[n])
                for n in range(first, len(values))
                for lead in leads
                if values[n] is not None and n - lead + 1 >= 0
            ]
            errors_of = [abs(f.means[i] - truth) for f, i, truth in held]
            naive = [abs(17.0 - truth) for _, _, truth in held]
            total = sum(truth for _, _, truth in held)
            inside = [f.bands[1][i] <= t <= f.bands[QUANTILES.index(0.9)][i] for f, i, t in held]
            found = accuracy_of(stored, days, ahead)
            assert found is not None
            assert found.steps == len(held)
            assert found.one_minus_wape == pytest.approx(1 - sum(errors_of) / total)
            assert found.skill == pytest.approx(1 - sum(errors_of) / sum(naive))
            assert found.coverage80 == pytest.approx(sum(inside) / len(held))
            assert found.noise_floor == 0.9


def test_of_accuracies_the_newest_is_shown_and_all_are_a_history(store):
    keep(store, forecasts=[("daily", forecast())], truths=truths([8.0] * 24))
    for now in (START + 12 * HOUR, START + DAY):
        keep(store, accuracies=store.read(lambda cursor, now=now: judged(cursor, "calls", now)))

    assert {each.made_at for each in accuracies(Direct(store), "calls")} == {START + DAY}
    history = accuracy_history(Direct(store), "calls", 7, WHOLE_DAY)
    assert [each.steps for each in history] == [12, 24]
    assert history[0].drifted is False


def test_a_plan_is_kept_when_it_changes_and_once_an_hour(store):
    for n in range(0, 2 * HOUR, 30):
        store.demand.keep_plans([plan(START + n, wanted=2 if n >= 5400 else 1)])

    kept = plans_of(Direct(store), "gpu", (START, START + DAY))
    assert [(each.at - START, each.wanted) for each in kept] == [(0, 1), (3600, 1), (5400, 2)]
    assert kept[0] == plan()


def test_a_need_that_changes_with_every_look_is_kept_every_five_minutes(store):
    for n in range(0, 1800, 30):
        store.demand.keep_plans([plan(START + n, reactive=n // 30 % 3)])
    store.demand.keep_plans([plan(START + 1830, allowed=0), plan(START - 60, allowed=0)])

    kept = plans_of(Direct(store), "gpu", (START - 600, START + DAY))
    moments = [each.at - START for each in kept]
    assert moments[-1] == 1830
    assert moments[0] == -60
    assert 5 <= len(moments) <= 9


def test_the_plan_that_was_in_force_when_a_span_begins_is_part_of_it(store):
    keep(store, plans=[plan(START), plan(START + 600, wanted=2, predicted=2)])

    kept = plans_of(Direct(store), "gpu", (START + 900, START + HOUR))
    assert [(each.at - START, each.wanted, each.predicted) for each in kept] == [(600, 2, 2)]


def test_fits_and_months_are_the_newest_of_their_kind(store):
    keep(store, fits=[KeptFit("b", "short", START, '{"n":1}'), KeptFit("a", "short", START, "{}")])
    keep(store, fits=[KeptFit("b", "short", START + DAY, '{"n":2}')])
    months = [MonthForecast("api", START, START + DAY, START + n, f'{{"n":{n}}}') for n in (1, 2)]
    keep(store, months=months)

    assert [fit.key for fit in store.read(lambda cursor: fits(cursor, "short"))] == ["a", "b"]
    assert store.read(lambda cursor: fit_of(cursor, "b", "short")).document == '{"n":2}'
    assert store.read(lambda cursor: fit_of(cursor, "c", "short")) is None
    assert store.read(lambda cursor: month_forecast(cursor, "api", START)) == months[1]
    assert month_document(Direct(store), "api", START) == (START + 2, '{"n":2}')
    assert month_document(Direct(store), "servers", START) is None


@pytest.mark.slow
def test_what_is_past_its_time_goes_and_its_room_is_used_again(tmp_path):
    home = home_in(tmp_path)
    store = opened(home, START)
    sizes = []
    for day in range(0, 200, 4):
        now = START + day * DAY
        many = [("refresh", forecast(now + n * HOUR, [chance(n, day)] * 24)) for n in range(96)]
        keep(store, forecasts=many, truths=truths([1.0] * 96, now))
        with store._database.transaction() as connection:  # noqa: SLF001 (as at its own chores)
            forget_old_demand(connection, now)
        store._database.connection.execute("CHECKPOINT")  # noqa: SLF001
        sizes.append(home.ops.stat().st_size)

    assert one(store, "SELECT count(*) FROM forecasts") <= 65 * 24
    assert one(store, "SELECT count(*) FROM truths") == 200 * 24
    assert sizes[-1] <= 2 * sizes[len(sizes) // 3]
    store.close()


def chance(n, day):
    return float(1000 + (n * 7919 + day * 104729) % 9973)


def test_a_clock_that_jumps_ahead_takes_no_forecast_with_it(store):
    keep(store, forecasts=[("daily", forecast(NOON))])
    store.maintain(NOON)
    store.maintain(NOON + 400 * DAY)

    assert one(store, "SELECT count(*) FROM forecasts") == 1
