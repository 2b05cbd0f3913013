"""What `GET /live` answers, as the pages see it."""

import json

import pytest

from models.live import live_from_json
from models.machines import MachineState
from models.messages import say
from models.monitoring import SeriesKey, SourceState, State

CPU_USER = {
    "machine": "vps",
    "name": "system.cpu.utilization",
    "unit": "1",
    "labels": {"cpu.mode": "user"},
    "value": 0.25,
    "at": 1_800_000_000.5,
    "history": {"at": [1_799_999_990.0, 1_800_000_000.0], "value": [0.5, 0.25]},
}
CPU_STEAL = {
    **{key: CPU_USER[key] for key in ("machine", "name", "unit", "at")},
    "labels": {"cpu.mode": "steal"},
    "value": None,
}
DISK_READ = {
    "machine": "vps",
    "name": "system.disk.io",
    "unit": "By/s",
    "labels": {"direction": "read", "device": "vda"},
    "value": 0.0,
    "at": 1_800_000_000.0,
}
HUNG = {
    "name": "gpu",
    "state": "error",
    "reason": {"template": "no answer for {seconds} s", "values": {"seconds": 7}},
    "age_seconds": None,
    "interval_seconds": 10.0,
    "series": 0,
    "duration_seconds": 0.0,
}
FINE = {**HUNG, "name": "host", "state": "present", "reason": None, "age_seconds": 1.5}


@pytest.fixture
def live():
    answer = {
        "at": 1_800_000_001.0,
        "machine": "vps",
        "version": "0.1.0",
        "demo": False,
        "sources": [FINE, HUNG],
        "series": [CPU_USER, CPU_STEAL, DISK_READ],
    }
    return live_from_json(json.loads(json.dumps(answer)))


def test_a_series_is_found_by_its_labels(live):
    found = live.find("vps", "system.cpu.utilization", cpu_mode="user")

    assert found.value == 0.25
    assert found.history == (0.5, 0.25)
    assert len(found.history_at) == 2


def test_some_of_the_labels_are_enough(live):
    assert live.find("vps", "system.disk.io", direction="read").value == 0.0


def test_a_gap_is_not_a_zero(live):
    assert live.find("vps", "system.cpu.utilization", cpu_mode="steal").value is None


@pytest.mark.parametrize(
    ("machine", "name", "labels"),
    [
        ("other", "system.disk.io", {}),
        ("vps", "system.network.io", {}),
        ("vps", "system.disk.io", {"direction": "write"}),
        ("vps", "system.disk.io", {"mountpoint": "/"}),
    ],
)
def test_what_is_not_there_is_not_found(live, machine, name, labels):
    assert live.find(machine, name, **labels) is None


def test_labels_are_in_the_order_of_their_names(live):
    assert live.series[2].key == SeriesKey(
        "vps", "system.disk.io", (("device", "vda"), ("direction", "read"))
    )


def test_a_source_keeps_its_state_and_its_reason(live):
    assert live.sources == (
        SourceState("host", State.PRESENT, None, 1.5, 10.0, 0, 0.0),
        SourceState(
            "gpu", State.ERROR, say("no answer for {seconds} s", seconds=7), None, 10.0, 0, 0.0
        ),
    )


def test_machines_come_with_their_state():
    told = MachineState("gpu-1", "probe", "off", 1.0, 2.0, say("off, ₩0/h"))
    shape = {"at": 1.0, "machine": "vps", "version": "1", "demo": False, "sources": []}
    live = live_from_json({**shape, "series": [], "machines": [told.as_json()]})
    older = live_from_json({**shape, "series": []})

    assert live.machine_state("gpu-1") == told
    assert live.machine_state("vps") is None
    assert older.machines == ()
