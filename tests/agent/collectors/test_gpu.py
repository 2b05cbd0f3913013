"""The GPU collector against a libnvidia-ml of our own, compiled here (tests/fake_nvml.c).

It runs in a process of its own, since the loader reads LD_LIBRARY_PATH once, at the start.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent.collectors.gpu.bus import PciBus

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
FIRST, SECOND = "0000:01:00.0", "0000:3b:00.0"

CHILD = """
import json, pathlib, sys
from agent.collectors.gpu import GpuCollector
from models.errors import SourceError
from models.monitoring import Absent

collector = GpuCollector(pathlib.Path(sys.argv[1]))
for line in sys.stdin:
    try:
        got = collector.collect(float(line))
        if isinstance(got, Absent):
            got = {"absent": str(got.reason)}
    except SourceError as error:
        got = {type(error).__name__: str(error.reason)}
    print(json.dumps({"got": got, "binding": "pynvml" in sys.modules}), flush=True)
"""


class Machine:
    """A /sys tree, a folder with the driver's library, and a process with the collector."""

    def __init__(self, folder: Path) -> None:
        self.sys = folder / "sys"
        self.libraries = folder / "lib"
        self.control = folder / "control"
        self.log = folder / "log"
        self.libraries.mkdir()
        self.control.touch()
        self.log.touch()
        self.binding_loaded = False
        self._child: subprocess.Popen[str] | None = None

    def install_driver(self, *flags: str) -> None:
        """Like a package manager: a new file under the name, never written over the old one."""
        built = self.libraries / "new"
        command = ["cc", "-shared", "-fPIC", "-O1", *flags, "-o", built, ROOT / "tests/fake_nvml.c"]
        subprocess.run(command, check=True)
        built.rename(self.libraries / "libnvidia-ml.so.1")

    def install_cards(self) -> None:
        for line in (ROOT / "tests/payloads/gpu_sysfs.txt").read_text().splitlines():
            if not line.startswith("#"):
                name, _, contents = line.partition(" = ")
                path = self.sys / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(contents + "\n")

    def set_power(self, address: str, status: str) -> None:
        (self.sys / f"bus/pci/devices/{address}/power/runtime_status").write_text(status + "\n")

    def faults(self, *lines: str) -> None:
        self.control.write_text("".join(line + "\n" for line in lines))

    def collect(self, at: float) -> "Got":
        child = self._child = self._child or self._start()
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(f"{at}\n")
        child.stdin.flush()
        answer = json.loads(child.stdout.readline())
        self.binding_loaded = answer["binding"]
        return Got(answer["got"])

    def calls(self) -> list[str]:
        """NVML calls since the last look, as "function card"."""
        lines = self.log.read_text().splitlines()
        self.log.write_text("")
        return lines

    def stop(self) -> None:
        if self._child is not None:
            self._child.communicate()
            assert self._child.returncode == 0

    def _start(self) -> subprocess.Popen[str]:
        environment = os.environ | {
            "LD_LIBRARY_PATH": str(self.libraries),
            "FAKE_NVML_CONTROL": str(self.control),
            "FAKE_NVML_LOG": str(self.log),
            "FAKE_NVML_PID": str(os.getpid()),
            "PYTHONPATH": str(ROOT),
        }
        return subprocess.Popen(
            [sys.executable, "-c", CHILD, str(self.sys)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )


class Got:
    """What one reading gave; `got["hw.power", "GPU-0"]` is a value."""

    def __init__(self, answer: list | dict) -> None:
        self.trouble = answer if isinstance(answer, dict) else {}
        readings = [] if self.trouble else answer
        self.values = {
            (name, *(value for _, value in labels)): value for name, value, labels in readings
        }
        self.labels = {name: dict(labels) for name, _, labels in readings}
        self.count = len(readings)
        self.by_card = {
            card: {key[0] for key in self.values if card in key}
            for card in {dict(labels)["hw.id"] for _, _, labels in readings}
        }

    def about(self, name: str, card: str) -> dict[str, float]:
        """Values of one metric of one card by the labels that are not the card's own."""
        own = {card, "gpu", "NVIDIA", "NVIDIA A100", "NVIDIA L4"}
        return {
            " ".join(part for part in key[1:] if part not in own): value
            for key, value in self.values.items()
            if key[0] == name and card in key
        }


@pytest.fixture
def machine(tmp_path):
    machine = Machine(tmp_path)
    yield machine
    machine.stop()


@pytest.fixture
def two_cards(machine):
    machine.install_driver()
    machine.install_cards()
    return machine


def test_a_card_is_read_in_watts_joules_bytes_and_ratios(two_cards):
    got = two_cards.collect(0)

    assert set(got.by_card) == {"GPU-0", "GPU-1"}
    assert got.about("hw.gpu.utilization", "GPU-1") == {
        "general": 0.7,
        "encoder": 0.1,
        "decoder": 0.2,
    }
    assert got.about("hw.gpu.memory.usage", "GPU-0") == {"": 2 << 30}
    assert got.about("hw.gpu.memory.limit", "GPU-0") == {"": 8 << 30}
    assert got.about("hw.gpu.memory.utilization", "GPU-0") == {"": 0.25}
    assert got.about("hw.gpu.memory.busy", "GPU-0") == {"": 0.25}
    assert got.about("hw.temperature", "GPU-0") == {"": 61}
    assert got.about("hw.power", "GPU-0") == {"": 71.5}
    assert got.about("hw.power.limit", "GPU-0") == {"": 72}
    assert got.about("hw.energy", "GPU-0") == {"": 123456.789}
    assert got.about("hw.gpu.asleep", "GPU-0") == {"": 0}
    assert got.labels["hw.power"] == {
        "hw.id": "GPU-1",
        "hw.name": "NVIDIA L4",
        "hw.type": "gpu",
    }


def test_throttling_and_errors_are_told_in_words(two_cards):
    got = two_cards.collect(0)

    assert got.about("hw.gpu.throttle", "GPU-0") == {
        "sw power cap": 0,
        "hw slowdown": 1,
        "sw thermal": 0,
        "hw thermal": 1,
        "hw power brake": 0,
    }
    assert got.about("hw.errors", "GPU-0") == {
        "ecc.uncorrected": 2,
        "ecc.corrected": 7,
        "remapped_rows": 4,
        "lost": 0,
        "xid": 0,
    }


def test_memory_by_process_is_read_every_30_s_and_survives_foreign_process_numbers(two_cards):
    first, soon, later = (two_cards.collect(at) for at in (0, 10, 30))

    usage = first.about("hw.gpu.process.memory.usage", "GPU-0")
    ours = next(name for name in usage if name != "pid 4194305")
    assert usage == {"pid 4194305": 1 << 30, ours: 2 << 30}
    assert soon.about("hw.gpu.process.memory.usage", "GPU-0") == {}
    assert later.about("hw.gpu.process.memory.usage", "GPU-0") == usage


def test_the_call_that_blocks_for_20_ms_is_never_made(two_cards):
    two_cards.collect(0)

    assert not [call for call in two_cards.calls() if "Pcie" in call]


def test_a_field_that_a_card_does_not_have_is_asked_once(two_cards):
    two_cards.faults(
        "fail nvmlDeviceGetTotalEccErrors 0 3",
        "fail nvmlDeviceGetUtilizationRates 0 3",
        "fail nvmlDeviceRegisterEvents 0 3",
    )

    first = two_cards.collect(0)
    two_cards.calls()
    two_cards.collect(10)

    calls = two_cards.calls()
    assert "hw.gpu.memory.busy" not in first.by_card["GPU-0"]
    assert first.about("hw.errors", "GPU-0") == {"remapped_rows": 4, "lost": 0}
    assert "nvmlDeviceGetTotalEccErrors 0" not in calls
    assert "nvmlDeviceGetUtilizationRates 0" not in calls
    assert "nvmlDeviceGetTotalEccErrors 1" in calls
    assert "nvmlDeviceGetUtilizationRates 1" in calls


def test_a_passing_error_costs_one_value_once(two_cards):
    two_cards.faults("fail nvmlDeviceGetPowerUsage 0 999")
    failing = two_cards.collect(0)
    two_cards.faults()
    healthy = two_cards.collect(10)

    assert failing.about("hw.power", "GPU-0") == {}
    assert failing.about("hw.power.limit", "GPU-0") == {"": 72}
    assert healthy.about("hw.power", "GPU-0") == {"": 71.5}


def test_a_driver_without_the_newer_functions_is_asked_by_their_old_names(machine):
    machine.install_driver("-DOLD_DRIVER")
    machine.install_cards()

    got = machine.collect(0)

    assert got.about("hw.temperature", "GPU-0") == {"": 60}
    assert got.about("hw.gpu.memory.usage", "GPU-0") == {"": 3 << 30}
    assert got.about("hw.gpu.throttle", "GPU-0")["sw power cap"] == 1
    assert "decoder" not in got.about("hw.gpu.utilization", "GPU-0")


def test_a_lost_card_says_so_and_the_other_goes_on(two_cards):
    healthy = two_cards.collect(0)
    two_cards.faults("lost 0")
    lost = two_cards.collect(10)
    two_cards.calls()
    still = two_cards.collect(20)

    assert lost.about("hw.errors", "GPU-0") == {"lost": 1}
    assert lost.by_card["GPU-0"] == {"hw.errors"}
    assert lost.by_card["GPU-1"] == healthy.by_card["GPU-1"] - {"hw.gpu.process.memory.usage"}
    assert still.values == lost.values
    assert not [call for call in two_cards.calls() if call.endswith(" 0")]


def test_a_card_that_comes_back_is_read_again(two_cards):
    two_cards.collect(0)
    two_cards.faults("lost 0")
    two_cards.collect(10)
    still_lost = two_cards.collect(45)
    two_cards.faults()
    back = two_cards.collect(80)

    assert still_lost.about("hw.errors", "GPU-0") == {"lost": 1}
    assert back.about("hw.errors", "GPU-0")["lost"] == 0
    assert back.about("hw.power", "GPU-0") == {"": 71.5}


def test_a_card_that_was_lost_before_the_start_is_seen_under_its_address(two_cards):
    two_cards.faults("lost 0")

    got = two_cards.collect(0)

    assert got.about("hw.errors", FIRST) == {"lost": 1}
    assert "hw.power" in got.by_card["GPU-1"]


def test_an_xid_is_counted_by_card_and_number(two_cards):
    two_cards.collect(0)
    two_cards.faults("xid 1 79 1", "xid 1 31 2", "xid 1 31 3")
    got = two_cards.collect(10)
    later = two_cards.collect(20)

    xids = {k: v for k, v in got.about("hw.errors", "GPU-1").items() if "xid" in k}
    assert xids == {"xid": 3, "xid 79": 1, "xid 31": 2}
    assert got.about("hw.errors", "GPU-0")["xid"] == 0
    assert later.about("hw.errors", "GPU-1") == got.about("hw.errors", "GPU-1")


def test_a_sleeping_card_is_not_asked_anything(two_cards):
    two_cards.collect(0)
    two_cards.set_power(FIRST, "suspended")
    two_cards.calls()
    got = two_cards.collect(10)

    assert got.by_card["GPU-0"] == {"hw.gpu.asleep"}
    assert got.about("hw.gpu.asleep", "GPU-0") == {"": 1}
    assert got.about("hw.power", "GPU-1") == {"": 71.5}
    assert not [call for call in two_cards.calls() if call.endswith(" 0")]


def test_cards_that_sleep_from_the_start_do_not_even_open_the_driver(two_cards):
    two_cards.set_power(FIRST, "suspended")
    two_cards.set_power(SECOND, "suspended")
    asleep = two_cards.collect(0)
    calls = two_cards.calls()
    two_cards.set_power(SECOND, "active")
    awake = two_cards.collect(10)

    assert asleep.values == {
        ("hw.gpu.asleep", FIRST, "NVIDIA"): 1,
        ("hw.gpu.asleep", SECOND, "NVIDIA"): 1,
    }
    assert calls == []
    assert awake.about("hw.power", "GPU-1") == {"": 71.5}
    assert not [call for call in two_cards.calls() if call.endswith(" 0")]


def test_without_a_driver_the_source_is_absent_and_costs_no_binding(machine):
    got = machine.collect(0)

    assert got.trouble == {"absent": "no NVIDIA driver here (libnvidia-ml.so.1 is not installed)"}
    assert not machine.binding_loaded


def test_a_card_without_a_driver_is_pointed_out(machine):
    machine.install_cards()

    assert "install the NVIDIA driver" in machine.collect(0).trouble["absent"]


def test_a_driver_that_is_installed_later_is_found(machine):
    machine.install_cards()
    before = machine.collect(0)
    machine.install_driver()
    after = machine.collect(300)

    assert "absent" in before.trouble
    assert after.about("hw.power", "GPU-0") == {"": 71.5}


def test_a_driver_whose_module_is_not_loaded_is_absent_with_its_own_sentence(two_cards):
    two_cards.faults("init 9")
    absent = two_cards.collect(0)
    two_cards.faults()

    assert "kernel module is not loaded" in absent.trouble["absent"]
    assert two_cards.collect(300).about("hw.power", "GPU-0") == {"": 71.5}


def test_an_upgraded_driver_is_refused_until_it_is_reloaded(two_cards):
    two_cards.collect(0)
    two_cards.install_driver("-DDRIVER_VERSION=2")
    two_cards.faults("kernel 2")
    in_use = two_cards.collect(10)
    reloaded = two_cards.collect(20)

    assert "reboot or reload the driver" in in_use.trouble["SourceRefused"]
    assert reloaded.about("hw.power", "GPU-0") == {"": 71.5}


def test_a_mismatch_that_stays_is_said_at_every_try(two_cards):
    two_cards.faults("kernel 2")

    for at in (0, 10):
        assert "reboot or reload" in two_cards.collect(at).trouble["SourceRefused"]


def test_cards_that_the_kernel_does_not_show_are_counted_by_the_driver(machine):
    machine.install_driver()

    got = machine.collect(0)

    assert set(got.by_card) == {"GPU-0", "GPU-1"}


def test_only_display_devices_of_nvidia_are_cards(machine):
    machine.install_cards()

    assert PciBus(machine.sys).nvidia_cards() == [FIRST, SECOND]
    assert PciBus(machine.sys / "nowhere").nvidia_cards() == []
