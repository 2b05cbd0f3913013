"""Space by mountpoint, with a server behind one of them that never answers."""

import threading

import pytest

from agent.collectors.host.filesystems import MOUNTS_KEPT_SECONDS, Filesystems
from models.host import Mount, Space
from tests.agent.collectors.canned_machine import CannedMachine

NOON = 1_000.0
DATA = Mount("nas:/export", "/mnt/nas", "nfs4")


@pytest.fixture
def machine():
    machine = CannedMachine()
    machine.mounted.append(DATA)
    machine.spaces["/mnt/nas"] = None
    yield machine
    machine.release.set()


def mountpoints(readings) -> set[str]:
    return {dict(labels)["mountpoint"] for _, _, labels in readings}


def threads_for(mountpoint: str) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == f"space-{mountpoint}"]


def test_a_mountpoint_that_hangs_is_left_out_and_the_others_report(machine):
    filesystems = Filesystems(machine, timeout_seconds=0.05)

    assert mountpoints(filesystems.read(NOON)) == {"/"}
    assert "/mnt/nas does not answer" in str(filesystems.left_out["/mnt/nas"])


def test_while_it_hangs_nobody_waits_for_it_again_nor_asks_again(machine):
    filesystems = Filesystems(machine, timeout_seconds=0.05)
    for second in range(0, 300, 10):
        filesystems.read(NOON + second)

    assert machine.asked.count("/mnt/nas") == 1
    assert machine.asked.count("/") == 30
    assert len(threads_for("/mnt/nas")) == 1


def test_when_it_answers_again_it_is_shown_again(machine):
    filesystems = Filesystems(machine, timeout_seconds=0.05)
    filesystems.read(NOON)
    machine.spaces["/mnt/nas"] = Space(1, 3)
    machine.release.set()
    for thread in threads_for("/mnt/nas"):
        thread.join(5)

    assert mountpoints(filesystems.read(NOON + 10)) == {"/", "/mnt/nas"}
    assert filesystems.left_out == {}


def test_it_is_logged_once_when_it_goes_and_once_when_it_comes(machine, caplog):
    caplog.set_level("INFO")
    filesystems = Filesystems(machine, timeout_seconds=0.05)
    filesystems.read(NOON)
    filesystems.read(NOON + 10)
    machine.mounted.remove(DATA)
    filesystems.read(NOON + MOUNTS_KEPT_SECONDS)

    assert [record.message.partition(";")[0] for record in caplog.records] == [
        "/mnt/nas does not answer",
        "/mnt/nas is no longer asked",
    ]


def test_a_mountpoint_that_refuses_is_left_out_with_its_reason(machine):
    machine.spaces["/mnt/nas"] = OSError(116, "Stale file handle")
    filesystems = Filesystems(machine, timeout_seconds=5)

    assert mountpoints(filesystems.read(NOON)) == {"/"}
    assert "Stale file handle" in str(filesystems.left_out["/mnt/nas"])


def test_what_is_no_folder_is_no_filesystem(tmp_path):
    from agent.collectors.host.machine import ThisMachine

    (tmp_path / "hosts").touch()
    machine = ThisMachine()

    assert machine.space(str(tmp_path / "hosts")) is None
    assert machine.space(str(tmp_path)) is not None


def test_new_mounts_are_seen_after_a_minute(machine):
    machine.mounted.remove(DATA)
    machine.spaces["/srv"] = Space(1, 1)
    filesystems = Filesystems(machine, timeout_seconds=5)
    filesystems.read(NOON)
    machine.mounted.append(Mount("/dev/vdb", "/srv", "xfs"))

    assert mountpoints(filesystems.read(NOON + MOUNTS_KEPT_SECONDS - 1)) == {"/"}
    assert mountpoints(filesystems.read(NOON + MOUNTS_KEPT_SECONDS)) == {"/", "/srv"}


def test_an_empty_filesystem_has_no_share(machine):
    machine.mounted.remove(DATA)
    machine.spaces["/"] = Space(0, 0)
    filesystems = Filesystems(machine, timeout_seconds=5)

    assert {name for name, _, _ in filesystems.read(NOON)} == {"system.filesystem.usage"}
