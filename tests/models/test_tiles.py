from dataclasses import replace

import pytest

from models.live import Live, LiveSeries
from models.machines import MachineState
from models.messages import say
from models.monitoring import SeriesKey, SourceState, State
from models.tiles import machines_of, sparkline, tiles_of
from models.views import View

NOW = 1000.0


def series(name, value, *, at=NOW - 3, machine="vps", history=(), **labels) -> LiveSeries:
    pairs = tuple(sorted((key.replace("__", "."), text) for key, text in labels.items()))
    moments = tuple(at - 2 * n for n in reversed(range(len(history))))
    return LiveSeries(SeriesKey(machine, name, pairs), "1", value, at, moments, history)


def source(name, state=State.PRESENT, reason=None) -> SourceState:
    return SourceState(name, state, reason, 3.0, 10.0, 1, 0.0)


def live(*found, sources=()) -> Live:
    return Live(NOW, "vps", "1", demo=False, sources=sources, series=found)


def tile(found, key, machine="vps"):
    return next(one for one in tiles_of(View(found, silent=False), machine, NOW) if one.key == key)


def test_traffic_is_added_over_interfaces_but_not_over_the_loopback():
    found = live(
        series("system.network.io", 1.0, direction="receive", interface="eth0", history=(1, 2)),
        series("system.network.io", 5.0, direction="receive", interface="eth1", history=(3, 4)),
        series("system.network.io", 9e9, direction="receive", interface="lo"),
        series("system.network.io", 7.0, direction="transmit", interface="eth0"),
    )

    incoming = tile(found, "network_in")

    assert incoming.value == 6.0
    assert [value for _, value in incoming.history] == [4, 6]
    assert incoming.note == "eth1"


def test_the_fullest_disk_is_the_one_that_is_shown():
    name = "system.filesystem.utilization"
    found = live(series(name, 0.2, mountpoint="/"), series(name, 0.9, mountpoint="/var"))

    assert (tile(found, "space").value, tile(found, "space").note) == (0.9, "/var")


def test_a_gap_is_no_value_and_no_zero():
    found = live(series("machine.cpu.utilization", None), sources=(source("host"),))

    assert tile(found, "cpu").value is None
    assert tile(found, "cpu").state is State.ABSENT


@pytest.mark.parametrize(("age", "state"), [(29, State.PRESENT), (31, State.STALE)])
def test_a_value_older_than_three_intervals_is_stale(age, state):
    found = live(series("machine.cpu.utilization", 0.5, at=NOW - age))

    assert tile(found, "cpu").state is state


def test_while_the_agent_is_silent_every_value_is_stale_however_young():
    found = live(series("machine.cpu.utilization", 0.5), sources=(source("host"),))

    tiles = tiles_of(View(found, silent=True), "vps", NOW)

    assert {one.state for one in tiles} == {State.STALE}


@pytest.mark.parametrize("state", [State.ERROR, State.STALE])
def test_the_source_of_a_value_knows_best(state):
    reason = say("it does not answer")
    found = live(series("machine.cpu.utilization", 0.5), sources=(source("host", state, reason),))

    assert (tile(found, "cpu").state, tile(found, "cpu").reason) == (state, reason)


def test_what_the_agent_says_of_its_own_sources_is_not_said_of_other_machines():
    found = live(
        series("machine.cpu.utilization", 0.5),
        series("machine.cpu.utilization", 0.5, machine="gpu-1"),
        sources=(source("host", State.ERROR, say("no")),),
    )

    assert tile(found, "cpu", "gpu-1").state is State.PRESENT


def test_a_broken_gpu_keeps_its_tiles_and_an_absent_one_has_none():
    broken = live(sources=(source("gpu", State.ERROR, say("the driver failed")),))
    absent = live(sources=(source("gpu", State.ABSENT, say("no driver")),))

    assert tile(broken, "gpu").state is State.ERROR
    assert "gpu" not in {one.key for one in tiles_of(View(absent, silent=False), "vps", NOW)}


def test_a_share_says_of_how_much():
    found = live(series("machine.cpu.utilization", 0.5), series("machine.cpu.limit", 2.0))

    assert tile(found, "cpu").limit == 2.0


def test_with_two_cards_the_busier_one_is_shown_with_its_own_memory():
    name = "hw.gpu.memory"
    found = live(
        series("hw.gpu.utilization", 0.1, hw__id="a", hw__gpu__task="general"),
        series(f"{name}.utilization", 0.3, hw__id="a"),
        series(f"{name}.utilization", 0.8, hw__id="b"),
        series(f"{name}.limit", 24.0, hw__id="a"),
        series(f"{name}.limit", 80.0, hw__id="b"),
    )

    memory = tile(found, "gpu_memory")

    assert (memory.value, memory.limit) == (0.8, 80.0)


def test_the_agents_own_machine_comes_first():
    found = live(series("a", 1, machine="alpha"), series("a", 1, machine="vps"))

    assert machines_of(found) == ["vps", "alpha"]


def test_a_change_too_small_for_the_number_is_no_mountain_in_its_sparkline():
    calm = (0.2701, 0.2703, 0.2706, 0.2709)
    space = tile(live(series("machine.cpu.utilization", 0.27, history=calm)), "cpu")

    assert set(sparkline(space, 30, 10)) == {0.27}


def test_a_sparkline_has_at_most_the_points_it_may_have():
    long = tile(live(series("machine.cpu.utilization", 0.5, history=tuple(range(300)))), "cpu")

    assert len(sparkline(long, 30, 10)) == 30


def test_a_machine_that_was_returned_is_off_and_costs_nothing():
    off = MachineState("gpu-1", "probe", "off", NOW - 60, NOW - 60, say("off, ₩0/h"))
    cpu = series("machine.cpu.utilization", 0.5, at=NOW - 60, machine="gpu-1")
    found = replace(live(cpu), machines=(off,))
    shown = tile(found, "cpu", "gpu-1")

    assert (shown.state, shown.value, shown.reason) == (State.ABSENT, None, say("off, ₩0/h"))
    back = replace(found, machines=(replace(off, state="on", note=None),))
    assert tile(back, "cpu", "gpu-1").state is State.STALE
