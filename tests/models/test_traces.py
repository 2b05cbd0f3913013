import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.cards import belongs_to, cards_of
from models.live import Live, LiveSeries
from models.monitoring import SeriesKey
from models.traces import Trace, thinned, trace_of_live

KEY = SeriesKey("vps", "machine.cpu.utilization", ())


def trace(at, gap=15.0) -> Trace:
    at = np.array(at, float)
    return Trace(KEY, "1", at, at, at, at, 10.0, gap)


def test_a_trace_without_values_has_no_runs():
    assert trace([]).runs() == []


def test_runs_end_where_the_next_value_is_too_far():
    assert trace([0, 10, 40, 50, 90]).runs() == [slice(0, 2), slice(2, 4), slice(4, 5)]


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=200), st.integers(1, 60))
def test_thinning_keeps_the_extremes_and_the_order(moments, bucket):
    at = np.sort(np.array(moments))
    values = np.sin(at)

    starts, mean, low, high = thinned(at, values, bucket)

    assert (np.diff(starts) > 0).all()
    assert low.min() == values.min()
    assert high.max() == values.max()
    assert ((low <= mean + 1e-9) & (mean <= high + 1e-9)).all()


def test_fifteen_minutes_at_two_seconds_become_at_most_300_points():
    at = tuple(np.arange(1e9, 1e9 + 900, 2.0))
    live = LiveSeries(KEY, "1", 1.0, at[-1], at, tuple(1.0 for _ in at))

    assert len(trace_of_live(live, 900 / 299).at) <= 300


@pytest.mark.parametrize("every", [2.0, 10.0, 30.0, 60.0, 300.0])
def test_live_values_are_one_line_however_seldom_they_are_read(every):
    at = tuple(np.arange(1e9, 1e9 + 900, every))
    live = LiveSeries(KEY, "1", 1.0, at[-1], at, tuple(1.0 for _ in at), every)

    assert len(trace_of_live(live, 900 / 299).runs()) == 1


@pytest.mark.parametrize("every", [10.0, 30.0, 60.0])
def test_four_intervals_without_a_live_value_are_a_gap(every):
    at = (1e9, 1e9 + every, 1e9 + 5 * every, 1e9 + 6 * every)
    live = LiveSeries(KEY, "1", 1.0, at[-1], at, (1.0, 1.0, 1.0, 1.0), every)

    assert trace_of_live(live, 900 / 299).runs() == [slice(0, 2), slice(2, 4)]


def card_series(name, value, **labels) -> LiveSeries:
    pairs = tuple(sorted((key.replace("__", "."), text) for key, text in labels.items()))
    return LiveSeries(SeriesKey("vps", name, pairs), "1", value, 0.0)


def live_of(*series) -> Live:
    return Live(0.0, "vps", "1", demo=False, sources=(), series=series)


def test_a_card_is_its_identity_and_the_headline_is_its_general_work():
    live = live_of(
        card_series("hw.gpu.utilization", 0.9, hw__id="a", hw__name="L4", hw__gpu__task="general"),
        card_series("hw.gpu.utilization", 0.0, hw__id="a", hw__name="L4", hw__gpu__task="encoder"),
        card_series("hw.gpu.throttle", 1.0, hw__id="a", hw__name="L4", reason="hw thermal"),
        card_series("hw.gpu.throttle", 0.0, hw__id="a", hw__name="L4", reason="sw thermal"),
        card_series("hw.gpu.utilization", 0.1, hw__id="b"),
    )

    first, second = cards_of(live, "vps")

    assert (first.name, first.value("hw.gpu.utilization")) == ("L4", 0.9)
    assert first.throttled_by == ("hw thermal",)
    assert second.name == "GPU"


def test_a_card_that_has_gone_is_remembered_without_values():
    key = SeriesKey("vps", "hw.gpu.utilization", (("hw.id", "a"), ("hw.name", "L4")))

    (card,) = cards_of(None, "vps", [key])

    assert (card.name, card.values) == ("L4", {})
    assert belongs_to("a")(key)
