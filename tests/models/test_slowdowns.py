"""Which stages were slower while something was strained, by numbers chosen by hand."""

import pytest

from models.bottlenecks.inputs import Inputs, Pace, Strain
from models.bottlenecks.slowdowns import causes_of, slowdowns_of

DAY = 86_400.0
SINCE = 1_763_899_200.0


def paces(slow_from, count=40, slow=30.0, usual=10.0):
    return tuple(
        Pace("video", "think", "gpu-1", n, 5, (slow if n >= slow_from else usual) + n % 3)
        for n in range(count)
    )


def strain(name, buckets, labels=(), machine="gpu-1"):
    strained = frozenset(buckets)
    calm = frozenset(range(40)) - strained
    return Strain(
        machine, name, labels, 40, 0.5, 1.0, 1.0, 0.9, len(strained), strained=strained, calm=calm
    )


def found(*strains, of=None):
    return slowdowns_of(
        Inputs(SINCE, SINCE + DAY, 600, paces=of or paces(20), strains=tuple(strains))
    )


def test_a_difference_comes_with_its_numbers():
    [one] = found(strain("machine.cpu.utilization", range(20, 40)))

    assert (one.strained_seconds, one.calm_seconds, one.ratio) == (31.0, 11.0, 31 / 11)
    assert (one.strained_runs, one.calm_runs, one.stretches) == (100, 100, 1)
    assert one.p_value < 1e-6
    assert one.minutes_a_day == pytest.approx(20 * 100 / 60)


def test_too_few_buckets_prove_nothing():
    assert found(strain("machine.cpu.utilization", range(37, 40))) == ()


def test_a_small_difference_is_not_told_however_certain():
    same = paces(20, slow=10.5, usual=10.0)

    assert found(strain("machine.cpu.utilization", range(20, 40)), of=same) == ()


def test_what_was_strained_while_it_was_fast_is_no_cause():
    assert found(strain("machine.cpu.utilization", range(20))) == ()


def test_of_causes_that_explain_as_much_the_lock_comes_first():
    slowdowns = found(
        strain("machine.cpu.utilization", range(20, 40)),
        strain("http.check.duration", range(21, 40), (("source", "gemini"),)),
        strain("postgresql.blocked", range(20, 38), (("source", "main"),)),
    )

    assert [one.subject for one in causes_of(slowdowns, "video", "think")] == [
        "PostgreSQL main",
        "gemini",
        "CPU",
    ]
