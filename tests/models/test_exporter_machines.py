"""A scraped node_exporter or DCGM is a machine, with the series of our own collectors."""

from pathlib import Path

import pytest

from models.cards import cards_of
from models.exporters.presets import PRESETS
from models.exporters.target import Exporter
from models.live import Live, LiveSeries
from models.metrics import METRICS
from models.monitoring import SeriesKey, State
from models.panels import GPU_PANELS, HOST_PANELS, metrics_of
from models.tiles import tiles_of
from models.views import View

PAYLOADS = Path(__file__).parents[1] / "payloads" / "exporters"
NOW = 1000.0
L4 = ("GPU-c2f76b33-7953-256e-8f33-1343419b1a1c", "NVIDIA L4")
LOST_MEMORY = "GPU-72ad4d20-cfed-f08d-c894-f620962ca3e4"

LATER = {
    'node_cpu_seconds_total{cpu="0",mode="idle"} 2577.08': "2584.58",
    'node_cpu_seconds_total{cpu="0",mode="user"} 189.63': "197.13",
    'node_cpu_seconds_total{cpu="1",mode="idle"} 2374.83': "2389.83",
    "node_pressure_memory_waiting_seconds_total": "+3",
    'node_network_receive_bytes_total{device="eth0"}': "+15e6",
    'node_disk_read_bytes_total{device="vda"}': "+30e6",
    'node_disk_io_time_seconds_total{device="vda"}': "+7.5",
}
"""What changes in fifteen seconds: beginnings of lines, and the new value or what is added."""


def later(text):
    lines = []
    for line in text.splitlines():
        head, _, value = line.rpartition(" ")
        for start, change in LATER.items():
            if line.startswith(start) and head:
                value = str(float(value) + float(change)) if change[0] == "+" else change
        lines.append(f"{head} {value}")
    return "\n".join(lines)


def readings_of(name, *texts):
    one = Exporter("gpu-1", PRESETS[name], (), 2000)
    readings = []
    for round_, text in enumerate(texts):
        readings = one.readings(one.read(text.encode()), 100.0 + 15 * round_)
    return readings


@pytest.fixture
def node():
    text = (PAYLOADS / "node_exporter.txt").read_text()
    return readings_of("node_exporter", text, later(text))


@pytest.fixture
def dcgm():
    return readings_of("dcgm", (PAYLOADS / "dcgm.txt").read_text())


def view_of(*groups):
    series = tuple(
        LiveSeries(
            SeriesKey("gpu-1", r.name, r.labels), METRICS[r.name].unit, r.value, NOW - 3, (), ()
        )
        for readings in groups
        for r in readings
    )
    return View(Live(NOW, "vps", "1", demo=False, sources=(), series=series), silent=False)


def value_of(readings, name, **labels):
    pairs = {key.replace("__", "."): value for key, value in labels.items()}
    [value] = [
        r.value for r in readings if r.name == name and pairs.items() <= dict(r.labels).items()
    ]
    return value


def test_every_tile_of_a_machine_has_its_value(node, dcgm):
    tiles = {tile.key: tile for tile in tiles_of(view_of(node, dcgm), "gpu-1", NOW)}

    assert {tile.state for tile in tiles.values()} == {State.PRESENT}
    assert tiles["cpu"].value == pytest.approx(0.25)
    assert tiles["cpu"].limit == 2
    assert tiles["memory"].limit == 25276510208
    assert (tiles["space"].note, round(tiles["space"].value, 3)) == ("/", 0.263)
    assert (tiles["network_in"].value, tiles["network_in"].note) == (1e6, "eth0")
    assert (tiles["pressure"].value, tiles["pressure"].note) == (0.2, "memory")
    assert (tiles["gpu"].value, tiles["gpu"].note) == (0.87, "L4")
    assert tiles["gpu_memory"].limit == 23033 * 1024 * 1024


def test_every_chart_of_a_machine_has_series(node, dcgm):
    wanted = set(metrics_of(HOST_PANELS)) | set(metrics_of(GPU_PANELS))
    # No swap on that machine; caps and throttling are none of the exporter's default counters.
    wanted -= {"system.paging.utilization", "hw.power.limit", "hw.gpu.throttle"}

    assert wanted <= {reading.name for reading in (*node, *dcgm)}


def test_series_are_those_of_our_own_collectors(node, dcgm):
    assert {reading.name for reading in (*node, *dcgm)} <= METRICS.keys()
    for reading in (*node, *dcgm):
        assert reading.labels == tuple(sorted(reading.labels))
        assert "source" not in dict(reading.labels)


def test_disks_and_interfaces_are_chosen_as_on_our_own_machines(node):
    assert value_of(node, "system.disk.io", device="vda", direction="read") == 2e6
    assert value_of(node, "system.disk.io_time", device="vda") == 0.5
    names = {pair for reading in node for pair in reading.labels}
    assert not {("device", "zram0"), ("interface", "ifb0"), ("interface", "lo")} & names


def test_shares_of_cpu_add_up_to_one(node):
    shares = [r.value for r in node if r.name == "system.cpu.utilization"]

    assert sum(shares) == pytest.approx(1.0)
    assert value_of(node, "system.cpu.utilization", cpu__mode="user") == pytest.approx(0.25)


def test_uptime_is_by_the_machines_own_clock(node):
    assert value_of(node, "system.uptime") == pytest.approx(2863.9, abs=0.1)


def test_a_machine_that_was_started_anew_has_gaps_and_no_spikes():
    text = (PAYLOADS / "node_exporter.txt").read_text()
    readings = readings_of("node_exporter", later(text), text)

    assert value_of(readings, "machine.cpu.utilization") is None
    assert value_of(readings, "system.network.io", interface="eth0", direction="receive") is None


def test_what_an_exporter_does_not_tell_is_no_zero():
    text = "node_load1 0.5\nnode_load5 0.4\nnode_load15 0.3\n"
    readings = readings_of("node_exporter", text)

    assert [(r.name[-3:], r.value) for r in readings] == [(".1m", 0.5), (".5m", 0.4), ("15m", 0.3)]


def test_a_card_has_the_labels_of_our_own_collector(dcgm):
    identity = (("hw.id", L4[0]), ("hw.name", L4[1]))
    labels = {(r.name, r.labels): r.value for r in dcgm}

    assert labels["hw.gpu.memory.usage", identity] == 20000 * 1024 * 1024
    assert labels["hw.temperature", (*identity, ("hw.type", "gpu"))] == 61
    assert labels["hw.energy", (*identity, ("hw.type", "gpu"))] == pytest.approx(319159.391)
    task = ("hw.gpu.task", "decoder")
    assert labels["hw.gpu.utilization", (task, *identity)] == pytest.approx(0.03)


def test_blanks_of_dcgm_are_gaps_in_every_width(dcgm):
    assert value_of(dcgm, "hw.energy", hw__id=LOST_MEMORY) is None
    assert value_of(dcgm, "hw.gpu.utilization", hw__id=LOST_MEMORY, hw__gpu__task="decoder") is None


def test_an_xid_is_told_with_its_number(dcgm):
    found = {dict(r.labels)["error.type"] for r in dcgm if r.name == "hw.errors" and r.value}

    assert found == {"xid", "xid 79", "remapped_rows"}
    assert value_of(dcgm, "hw.errors", hw__id=LOST_MEMORY, error__type="remapped_rows") == 3


def test_cards_of_the_machine_are_found_by_their_identity(dcgm):
    cards = cards_of(view_of(dcgm).live, "gpu-1")

    assert [card.id for card in cards] == sorted([L4[0], LOST_MEMORY])
    assert {card.name for card in cards} == {"NVIDIA L4"}


def test_slices_of_a_card_are_cards_of_their_own():
    line = 'DCGM_FI_DEV_FB_USED{{UUID="GPU-1",modelName="A100",GPU_I_ID="{}"{}}} 1024\n'
    text = line.format(1, ',GPU_I_PROFILE="1g.5gb"') + line.format(2, "")
    engine = line.replace("DEV_FB_USED", "PROF_GR_ENGINE_ACTIVE").replace("1024", "0.5")
    readings = readings_of("dcgm", text + engine.format(1, ',GPU_I_PROFILE="1g.5gb"'))

    names = {(dict(r.labels)["hw.id"], dict(r.labels)["hw.name"]) for r in readings}
    assert names == {("GPU-1/1", "A100 1g.5gb"), ("GPU-1/2", "A100 2")}
    assert value_of(readings, "hw.gpu.utilization", hw__id="GPU-1/1") == 0.5


def test_why_a_clock_is_held_back_is_told_by_either_name():
    for name in ("DCGM_FI_DEV_CLOCKS_EVENT_REASONS", "DCGM_FI_DEV_CLOCK_THROTTLE_REASONS"):
        readings = readings_of("dcgm", f'{name}{{UUID="GPU-1"}} 4\n')

        assert value_of(readings, "hw.gpu.throttle", reason="sw power cap") == 1.0
        assert value_of(readings, "hw.gpu.throttle", reason="hw thermal") == 0.0
