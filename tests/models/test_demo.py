"""The demo's household: the same for ever, for a float and for an array, and believable."""

import json
import math
from datetime import UTC, datetime

import numpy as np
import pytest

from models.demo import MACHINES, RENTED, VPS, is_on, values
from models.demo.details import beats, details_of, rented_machine
from models.demo.rented import GPU_ID, GPU_NAME
from models.demo.services import SOURCES
from models.demo.signals import Clock
from models.host import MODES
from models.metrics import METRICS
from models.monitoring import SeriesKey

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 18, 5, 0, tzinfo=UTC).timestamp()  # a Wednesday, 14:00 in Korea
SIXTY_DAYS = np.arange(NOW - 60 * 86_400, NOW, 60.0)
CARD = {"hw_id": GPU_ID, "hw_name": GPU_NAME}
TYPED = CARD | {"hw_type": "gpu"}
GENERAL = CARD | {"hw_gpu_task": "general"}


def of(machine: str, name: str, **labels: str) -> SeriesKey:
    pairs = ((label.replace("_", "."), value) for label, value in labels.items())
    return SeriesKey(machine, name, tuple(sorted(pairs)))


def seoul_hour(t: np.ndarray) -> np.ndarray:
    return (t / 3_600 + 9) % 24


@pytest.fixture(scope="module")
def history() -> dict[SeriesKey, np.ndarray]:
    """All series over sixty days by the minute; NaN where the machine is off."""
    kept = {}
    for machine in MACHINES:
        off = ~(is_on(machine, SIXTY_DAYS, np) & np.ones(len(SIXTY_DAYS), bool))
        for key, value in values(machine, SIXTY_DAYS, np).items():
            kept[key] = np.where(off, np.nan, value)
    for series in SOURCES.values():
        for (name, labels), value in series(Clock(SIXTY_DAYS, np)).items():
            kept[SeriesKey(VPS, name, labels)] = np.broadcast_to(value, SIXTY_DAYS.shape)
    return kept


@pytest.mark.parametrize("machine", MACHINES)
def test_the_agents_float_and_the_fillers_array_agree(machine):
    moments = SIXTY_DAYS[::997]
    filled = values(machine, moments, np)

    for place, t in enumerate(moments):
        for key, value in values(machine, float(t), math).items():
            expected = np.broadcast_to(filled[key], moments.shape)[place]
            assert value == pytest.approx(expected, rel=1e-9, abs=1e-9), key
        assert is_on(machine, float(t), math) == is_on(machine, moments, np)[place]


def test_every_series_is_a_metric_we_know_and_there_are_many(history):
    assert {key.name for key in history} <= METRICS.keys()
    assert len(history) > 60


def test_shares_stay_between_nothing_and_everything(history):
    for key, value in history.items():
        if METRICS[key.name].unit == "1":
            assert np.nanmin(value) >= 0, key
            assert np.nanmax(value) <= 1 or key.name.startswith("process."), key


def test_nothing_is_below_zero_and_no_zero_has_a_sign(history):
    for key, value in history.items():
        assert not np.signbit(value[~np.isnan(value)]).any(), key


@pytest.mark.parametrize("machine", MACHINES)
def test_cpu_modes_are_the_whole_cpu(history, machine):
    whole = sum(history[of(machine, "system.cpu.utilization", cpu_mode=mode)] for mode in MODES)

    assert whole[~np.isnan(whole)] == pytest.approx(1.0)


def test_the_rented_machine_is_off_at_night_and_on_weekends_most_of_the_time():
    on = is_on(RENTED, SIXTY_DAYS, np)
    hour = seoul_hour(SIXTY_DAYS)

    assert 0.2 < on.mean() < 0.5
    assert not on[(hour > 4) & (hour < 8)].any()
    assert bool(is_on(RENTED, NOW, math)) is True


def test_the_uptime_of_a_rented_machine_starts_anew_with_each_session(history):
    uptime = history[of(RENTED, "system.uptime")]

    assert np.nanmin(uptime) < 120
    assert np.nanmax(uptime) < 12 * 3_600


def test_office_hours_are_busier_than_the_night(history):
    cpu = history[of(VPS, "machine.cpu.utilization")]
    hour = seoul_hour(SIXTY_DAYS)
    at_work, at_night = cpu[(hour > 10) & (hour < 12)], cpu[(hour > 4) & (hour < 7)]

    assert at_work.mean() > 2 * at_night.mean()


def test_the_disk_fills_up_and_is_cleaned(history):
    used = history[of(VPS, "system.filesystem.utilization", mountpoint="/")]

    assert used.max() > 0.92
    assert np.diff(used).min() < -0.3


def test_a_night_of_swapping_is_seen_in_memory_pressure_and_disk(history):
    waited = history[of(VPS, "system.linux.pressure.memory")]
    swapped = history[of(VPS, "system.paging.usage", state="used")]
    nights = waited > 0.2

    assert 0 < nights.mean() < 0.03
    assert swapped[nights].min() > 5 * swapped[~nights & (waited < 0.001)].mean()


def test_a_gpu_that_analyses_is_hot_and_draws_power(history):
    busy = history[of(RENTED, "hw.gpu.utilization", **GENERAL)]
    power = history[of(RENTED, "hw.power", **TYPED)]
    warmth = history[of(RENTED, "hw.temperature", **TYPED)]

    assert power[busy > 0.7].min() > 200
    assert power[busy < 0.01].mean() < 60
    assert warmth[busy > 0.7].mean() > 55
    assert np.nanmax(warmth) < 83


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_is_the_same_for_the_agent_and_for_the_filler(source):
    moments = SIXTY_DAYS[::997]
    filled = SOURCES[source](Clock(moments, np))

    for place, t in enumerate(moments):
        for key, value in SOURCES[source](Clock(float(t), math)).items():
            expected = np.broadcast_to(filled[key], moments.shape)[place]
            assert value == pytest.approx(expected, rel=1e-9, abs=1e-9), key


@pytest.mark.parametrize("source", SOURCES)
def test_what_a_source_tells_besides_can_be_sent(source):
    for hours in range(48):
        assert json.loads(json.dumps(details_of(source, NOW + hours * 1_800)))


def test_a_lock_is_a_tree_of_two_sessions_and_ends():
    told = [details_of("postgres:main", NOW + minutes * 60) for minutes in range(40)]
    locked = [detail for detail in told if detail["blocked"]]

    assert 0 < len(locked) < len(told)
    for detail in locked:
        [root] = detail["blocking"]
        assert root["waiting"] == len(root["children"]) == 1
    assert all(not detail["blocking"] for detail in told if not detail["blocked"])


def test_an_endpoint_is_down_with_a_sentence_and_a_certificate_ends_soon():
    down, soon = (details_of(f"endpoint:{name}", NOW) for name in ("old-cdn", "site"))

    assert down["up"] is False
    assert down["status"] == 503
    assert "answered 503" in down["problem"]["template"].format(**down["problem"]["values"])
    assert 0 <= soon["certificate_days"] < 14
    assert details_of("endpoint:api", NOW)["problem"] is None


def test_one_workflow_is_silent():
    workflows = details_of("n8n:main", NOW)["workflows"]

    assert [workflow["id"] for workflow in workflows if workflow["silent"]] == ["w6sync"]


@pytest.mark.parametrize("hours", range(0, 72, 7))
def test_one_heartbeat_is_late_whenever_one_looks(hours):
    states = {state.beat.name: state.state for state in beats(NOW + hours * 3_600)}

    assert states.pop("offsite-copy") == "late"
    assert set(states.values()) == {"on time"}


def test_the_rented_machine_is_off_and_costs_nothing_when_nobody_rents_it():
    at_six = NOW - 8 * 3_600

    assert (rented_machine(NOW).state, rented_machine(NOW).note) == ("on", None)
    assert (rented_machine(at_six).state, str(rented_machine(at_six).note)) == ("off", "off, ₩0/h")
