"""Laws that the report on bottlenecks keeps for any numbers."""

from dataclasses import replace
from math import inf, isfinite

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some

from models.bottlenecks.comparing import holding, one_sided_p
from models.bottlenecks.crews import servers_of
from models.bottlenecks.inputs import Inputs, Level, Link, Pace, StageRuns
from models.bottlenecks.laws import capacity_per_second, open_wait, utilisation
from models.bottlenecks.order import in_order, links_by_stage
from models.bottlenecks.report import bottlenecks

DAY = 86_400.0
SINCE = 1_763_899_200.0
STAGES = ("a", "b", "c", "d")

seconds = some.floats(0.1, 500.0)
waits = some.one_of(some.none(), some.floats(0.0, 5_000.0))


@some.composite
def stage_runs(draw, stage):
    """Numbers that can be true together: utilisation law, waits of those that ended."""
    ended = draw(some.integers(10, 100))
    mean = draw(seconds)
    wait = draw(waits)
    return StageRuns(
        analysis="video",
        stage=stage,
        ended=ended,
        failed=draw(some.integers(0, ended)),
        arrived=ended,
        busy_seconds=ended * mean,
        mean_seconds=mean,
        variance_seconds=draw(some.floats(0.0, 4.0)) * mean**2,
        median_seconds=mean,
        p95_seconds=3 * mean,
        waits=0 if wait is None else ended,
        wait_seconds=(wait or 0.0) * ended,
        first_at=SINCE,
        last_at=SINCE + DAY,
    )


@some.composite
def inputs(draw):
    names = STAGES[: draw(some.integers(1, 4))]
    return Inputs(
        since=SINCE,
        until=SINCE + DAY,
        bucket_seconds=600,
        runs=tuple(draw(stage_runs(name)) for name in names),
        paces=tuple(Pace("video", "a", "", draw(some.integers(0, 9)), 9, 1.0) for _ in range(9)),
        levels=tuple(Level("video", name, draw(some.integers(1, 5)), 100.0) for name in names),
    )


@given(inputs())
def test_utilisation_is_throughput_times_service_over_servers(given_inputs):
    [pipeline] = bottlenecks(given_inputs).pipelines
    for station in pipeline.stations:
        throughput = station.ended / pipeline.active_seconds
        law = throughput * station.service_seconds / station.servers
        assert station.utilisation == pytest.approx(min(1.0, law))


@given(inputs())
def test_the_limit_is_the_busiest_and_no_capacity_is_below_what_was_done(given_inputs):
    [pipeline] = bottlenecks(given_inputs).pipelines
    assume(all(one.utilisation < 1 for one in pipeline.stations))
    # Where runs pass every station as often, the utilisation law says which one fills first.
    if len({one.ended for one in pipeline.stations}) == 1:
        assert pipeline.limiting.utilisation == pytest.approx(
            max(one.utilisation for one in pipeline.stations)
        )
    for station in pipeline.stations:
        assert station.capacity >= station.arrivals / station.visits * (1 - 1e-9)


@given(inputs())
def test_relief_never_makes_anything_worse_and_more_relief_never_less(given_inputs):
    [pipeline] = bottlenecks(given_inputs).pipelines
    for stage in {one.stage for one in pipeline.reliefs}:
        quarter, half = (one for one in pipeline.reliefs if one.stage == stage)
        assert pipeline.limiting.capacity <= quarter.capacity * (1 + 1e-9)
        assert quarter.capacity <= half.capacity * (1 + 1e-9)
        assert pipeline.throughput <= quarter.throughput * (1 + 1e-9)
        assert quarter.throughput <= half.throughput * (1 + 1e-9)
        if quarter.minutes_saved_a_day is not None:
            assert 0 <= quarter.minutes_saved_a_day <= half.minutes_saved_a_day + 1e-6


@given(inputs())
def test_relief_saves_no_more_waiting_than_there_is(given_inputs):
    [pipeline] = bottlenecks(given_inputs).pipelines
    waiting = sum(one.waiting_minutes_a_day or 0.0 for one in pipeline.stations)
    arrived = max(one.arrivals for one in pipeline.stations)
    same = all(one.arrivals == arrived for one in pipeline.stations)
    for relief in pipeline.reliefs:
        if same and relief.minutes_saved_a_day is not None:
            assert relief.minutes_saved_a_day <= waiting * (1 + 1e-9) + 1e-6


@given(inputs())
def test_the_most_minutes_come_first_and_none_is_negative(given_inputs):
    minutes = [finding.minutes_a_day or 0.0 for finding in bottlenecks(given_inputs).findings]

    assert minutes == sorted(minutes, reverse=True)
    assert all(0 <= lost < inf for lost in minutes)


@given(inputs(), some.sampled_from([0.01, 0.5, 7.0]))
def test_the_unit_of_time_makes_no_difference(given_inputs, scale):
    """All times so many times longer: shares are the same, rates so many times lower."""
    [before] = bottlenecks(given_inputs).pipelines
    [after] = bottlenecks(scaled(given_inputs, scale)).pipelines

    assert after.limit == before.limit
    for one, other in zip(before.stations, after.stations, strict=True):
        assert other.utilisation == pytest.approx(one.utilisation)
        assert other.capacity == pytest.approx(one.capacity / scale)
        assert other.visits == pytest.approx(one.visits)
        assert (one.queue is None) == (other.queue is None)
        assert one.queue is None or other.queue == pytest.approx(one.queue)


def scaled(given_inputs, scale):
    return replace(
        given_inputs,
        until=SINCE + DAY * scale,
        runs=tuple(
            replace(
                row,
                busy_seconds=row.busy_seconds * scale,
                mean_seconds=row.mean_seconds * scale,
                variance_seconds=row.variance_seconds * scale**2,
                wait_seconds=row.wait_seconds * scale,
                last_at=SINCE + DAY * scale,
            )
            for row in given_inputs.runs
        ),
    )


@given(some.floats(0.001, 10.0), seconds, some.integers(1, 40), some.floats(0.0, 5.0))
def test_a_shorter_service_or_one_more_server_never_waits_longer(rate, mean, servers, variability):
    now = open_wait(rate, mean, servers, variability)

    assert open_wait(rate, mean / 2, servers, variability) <= now
    assert open_wait(rate, mean, servers + 1, variability) <= now * (1 + 1e-9)
    if isfinite(now):
        assert now >= 0


def test_the_open_wait_is_that_of_the_books():
    # M/M/1: rho / (mu - lambda); M/M/2 with rho 0.75 (Allen 1990, table 5.2.1 of formulas).
    assert open_wait(0.75, 1.0, 1, 1.0) == pytest.approx(3.0)
    assert open_wait(1.5, 1.0, 2, 1.0) == pytest.approx(9 / 7)
    assert open_wait(2.0, 1.0, 2, 1.0) == inf


@given(some.floats(0.0, 1e6), some.integers(1, 9), some.floats(1.0, 1e6))
def test_no_more_than_all_of_the_time_is_used(busy, servers, span):
    assert 0 <= utilisation(busy, servers, span) <= 1


def test_what_takes_no_time_has_no_limit():
    assert capacity_per_second(0.0, 1) == inf


@given(some.lists(some.floats(0, 100), min_size=4, max_size=30))
def test_values_are_not_larger_than_themselves(values):
    assert one_sided_p(values, values) >= 0.4


@given(some.lists(some.floats(0, 1), max_size=30))
def test_claims_hold_from_the_smallest_p_on(p_values):
    kept = holding(p_values, 0.05)
    least = [p for p, holds in zip(p_values, kept, strict=True) if holds]
    rest = [p for p, holds in zip(p_values, kept, strict=True) if not holds]

    assert max(least, default=0) <= min(rest, default=1)
    assert sum(p <= 0.05 / max(len(p_values), 1) for p in p_values) <= len(least)


def test_moments_in_which_clocks_overlap_make_no_second_worker():
    levels = [Level("v", "s", 1, 5_000.0), Level("v", "s", 2, 3.0), Level("v", "s", 9, 0.1)]

    assert (servers_of(levels), servers_of([])) == (1, 1)


def test_stages_follow_what_came_before_them_even_in_a_circle():
    links = [
        Link("v", "think", "read", 30, 5.0, 30, 150.0, 6.0),
        Link("v", "write", "think", 29, 7.0, 29, 203.0, 8.0),
        Link("v", "read", "write", 28, 3_600.0, 28, 100_800.0, 4_000.0),
        Link("v", "think", "think", 2, 1.0, 2, 2.0, 1.0),
    ]
    chosen = links_by_stage(links)

    assert in_order({"write", "think", "read"}, chosen) == ["read", "think", "write"]
    assert "read" not in chosen
