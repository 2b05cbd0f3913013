"""The largest processes, on trees of kernel files and on the machine the tests run on."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from agent.collectors.processes import ProcessesCollector
from models.metrics import METRICS
from models.monitoring import Absent, Reading
from tests.trees import unpack

NOON = 1_000.0
PAGE = os.sysconf("SC_PAGE_SIZE")
N8N = "docker-3f4e5a6b7c8d"
POSTGRES = "postgresql@16-main.service"


def by_group(readings: list[Reading], name: str) -> dict[str, float | None]:
    return {labels[0][1]: value for found, value, labels in readings if found == name and labels}


class Vps:
    """The VPS of the payloads: read now, change files, read thirty seconds later."""

    def __init__(self, folder: Path, top_n: int = 10) -> None:
        self.folder = unpack("processes/vps", folder)
        self.processes = ProcessesCollector(top_n, proc=folder / "proc")

    def first(self) -> list[Reading]:
        return self.processes.collect(NOON)

    def later(self, *, seconds: float = 30.0, changed: bool = True) -> list[Reading]:
        if changed:
            unpack("processes/vps_30s_later", self.folder)
        return self.processes.collect(NOON + seconds)

    def forbid(self, pid: int) -> None:
        """Reading the file fails, as with hidepid; root, who may run the tests, is not refused."""
        path = self.folder / f"proc/{pid}/stat"
        path.rename(path.with_name("hidden"))
        path.mkdir()

    def allow(self, pid: int) -> None:
        path = self.folder / f"proc/{pid}/stat"
        path.rmdir()
        path.with_name("hidden").rename(path)


@pytest.fixture
def vps(tmp_path):
    return Vps(tmp_path)


def test_the_first_look_knows_memory_and_count_and_no_cpu(vps):
    first = vps.first()

    assert first[0] == ("system.process.count", 9, ())
    assert set(by_group(first, "process.cpu.utilization").values()) == {None}
    assert by_group(first, "process.memory.usage") == {
        N8N: 60_000 * PAGE,
        "gpu worker": 30_000 * PAGE,
        POSTGRES: 14_000 * PAGE,
        "init.scope": 2_000 * PAGE,
        "user-1000.slice": 1_600 * PAGE,
    }
    assert by_group(first, "process.count")["user-1000.slice"] == 2


def test_cpu_is_what_each_group_used_between_two_looks(vps):
    vps.first()

    later = vps.later()

    assert by_group(later, "process.cpu.utilization") == pytest.approx(
        {
            N8N: 10 / 30,
            POSTGRES: 5 / 30,
            "report.service": 2 / 30,
            "[kernel]": 0.1 / 30,
            "backup.service": 0.03 / 30,
            "gpu worker": 0.0,
            "init.scope": 0.0,
            "user-1000.slice": 0.0,
        }
    )


def test_a_reused_number_is_another_process(vps):
    vps.first()
    vps.later()

    reused = next(use for use in vps.processes.top() if use.pid == 601)
    assert (reused.name, reused.group) == ("sleep", "backup.service")
    assert reused.cpu_utilization == pytest.approx(0.03 / 30)


def test_the_largest_by_cpu_come_first_and_those_by_memory_follow(tmp_path):
    vps = Vps(tmp_path, top_n=2)
    vps.first()
    later = vps.later()

    assert list(by_group(later, "process.count")) == [N8N, POSTGRES, "gpu worker"]
    assert [use.pid for use in vps.processes.top()] == [500, 410, 700]
    assert vps.processes.top()[0] == (500, "node", N8N, pytest.approx(10 / 30), 61_000 * PAGE)


def test_names_may_hold_spaces_and_parentheses(vps):
    vps.first()

    assert {"gpu worker", "tricky) S (name"} <= {use.name for use in vps.processes.top()}


def test_a_process_that_may_not_be_read_is_counted_and_not_guessed(vps):
    vps.forbid(500)
    first = vps.first()

    assert first[0].value == 9
    assert N8N not in by_group(first, "process.memory.usage")


def test_one_that_may_be_read_again_brings_no_spike(vps):
    vps.forbid(500)
    vps.first()
    vps.allow(500)

    later = vps.later(changed=False)

    assert by_group(later, "process.memory.usage")[N8N] == 60_000 * PAGE
    assert by_group(later, "process.cpu.utilization")[N8N] is None


def test_a_process_that_ends_while_it_is_read_is_left_out(vps):
    (vps.folder / "proc/500/stat").unlink()

    assert vps.first()[0].value == 8


def test_a_torn_line_is_counted_and_not_guessed(vps):
    (vps.folder / "proc/500/stat").write_text("500 (node) S 1")
    first = vps.first()

    assert first[0].value == 9
    assert N8N not in by_group(first, "process.memory.usage")


def test_one_that_is_gone_leaves_its_group(vps):
    vps.first()
    shutil.rmtree(vps.folder / "proc/411")
    (vps.folder / "proc/410/stat").touch()

    later = vps.later(changed=False)

    assert by_group(later, "process.count")[POSTGRES] == 1


def test_a_process_that_moves_to_its_unit_after_its_fork_is_found_there(vps):
    vps.first()
    cgroup = vps.folder / "proc/700/cgroup"
    cgroup.write_text("0::/system.slice/worker.service\n")

    later = vps.later(changed=False)

    assert "worker.service" in by_group(later, "process.count")


def test_a_unit_is_not_looked_up_for_ever(vps):
    vps.first()
    vps.later(changed=False)
    for path in vps.folder.glob("proc/*/cgroup"):
        path.unlink()

    assert N8N in by_group(vps.later(seconds=60, changed=False), "process.count")


def test_a_program_that_becomes_another_is_looked_up_anew(vps):
    vps.first()
    vps.later(changed=False)
    stat = vps.folder / "proc/700/stat"
    stat.write_text(stat.read_text().replace("(gpu worker)", "(exec'ed)"))

    assert "exec'ed" in by_group(vps.later(seconds=60, changed=False), "process.count")


def test_two_looks_at_the_same_moment_have_no_cpu(vps):
    vps.first()

    assert set(by_group(vps.later(seconds=0.0), "process.cpu.utilization").values()) == {None}


def test_without_proc_the_source_is_absent(tmp_path):
    answer = ProcessesCollector(proc=tmp_path / "nowhere").collect(NOON)

    assert isinstance(answer, Absent)
    assert "shows no processes" in str(answer.reason)


def test_on_this_machine_a_busy_process_is_found():
    processes = ProcessesCollector(top_n=100)
    processes.collect(time.monotonic())
    with subprocess.Popen(["sh", "-c", "while :; do :; done"]) as busy:
        time.sleep(0.3)
        readings = processes.collect(time.monotonic())
        busy.kill()

    assert {reading.name for reading in readings} <= METRICS.keys()
    assert len({(name, labels) for name, _, labels in readings}) == len(readings)
    assert all(value is None or value >= 0 for _, value, _ in readings)
    used = {use.pid: use.cpu_utilization for use in processes.top()}
    assert 0.05 < used[busy.pid] < 1.5
