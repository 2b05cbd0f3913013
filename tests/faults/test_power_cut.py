"""kill -9 before a change that the installer makes: the same command run again repairs it.

A few places are tried; SALLIM_FAULT_COUNT raises their number, up to every single change.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.layout import UNITS
from tests.deploy.machine import scratch_machine

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

SCRIPT = Path(__file__).with_name("cut_off.py")
COUNT = int(os.environ.get("SALLIM_FAULT_COUNT", "2"))


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    venv = tmp_path_factory.mktemp("venv") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    with scratch_machine(venv) as machine:
        yield machine


def start_over(machine, *, installed):
    """A machine with release 1.0 and its data, or with nothing; the stories so far are told."""
    machine.told.clear()
    assert machine.carry_out("uninstall", "/nonexistent", "--purge") == 0, machine.said
    machine.settle()
    if installed:
        assert machine.carry_out("install", machine.source("1.0")) == 0, machine.said


def cut_off(machine, place, verb, source):
    """Run a verb until the place; the number of changes when it came to its end."""
    arguments = machine.arguments(verb, source, "--health-seconds", "0.5")
    command = [sys.executable, "-B", str(SCRIPT), str(place), *arguments]
    done = subprocess.run(command, check=False, env=machine.environ, capture_output=True, text=True)
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr
    return int(done.stdout or 0)


def cut_off_at_places(machine, verb, source, *, installed):
    """Cut the verb off at places spread over it, and yield after each.

    Every other time the machine has been off, too, and starts what is enabled.
    """
    start_over(machine, installed=installed)
    total = cut_off(machine, 0, verb, source)
    count = min(COUNT, total)
    for turn in range(count):
        place = 1 + (2 * turn + 1) * total // (2 * count)
        start_over(machine, installed=installed)
        cut_off(machine, place, verb, source)
        if turn % 2:
            machine.runner.boot()
        machine.told.append(f"--- cut off before change {place} of {total}")
        yield


def test_an_install_that_is_cut_off_is_finished_by_the_same_command(machine):
    source = machine.source("1.0")
    for _ in cut_off_at_places(machine, "install", source, installed=False):
        code = machine.carry_out("install", source)

        assert code == 0, machine.said
        assert machine.answering == "ok: 1.0", machine.said
        assert machine.runner.enabled == set(UNITS), machine.said


def test_an_upgrade_that_is_cut_off_is_finished_by_the_same_command(machine):
    source = machine.source("2.0")
    for _ in cut_off_at_places(machine, "upgrade", source, installed=True):
        code = machine.carry_out("upgrade", source)

        assert code == 0, machine.said
        assert machine.answering == "ok: 2.0", machine.said
        assert machine.store[0] == "1.0", machine.said
        assert not machine.layout.journal.exists(), machine.said


@pytest.mark.parametrize("behaviour", ["dies", "degraded"])
def test_an_upgrade_that_fails_and_is_cut_off_leaves_the_old_release_and_its_data(
    machine, behaviour
):
    source = machine.source(f"2.0-{behaviour}", behaviour)
    for _ in cut_off_at_places(machine, "upgrade", source, installed=True):
        code = machine.carry_out("upgrade", source, "--health-seconds", "0.5")

        assert code == 1, machine.said
        assert machine.answering == "ok: 1.0", machine.said
        assert set(machine.store) == {"1.0"}, machine.said
        assert not machine.layout.journal.exists(), machine.said


def test_an_uninstall_that_is_cut_off_is_finished_by_the_same_command(machine):
    for _ in cut_off_at_places(machine, "uninstall", "/nonexistent", installed=True):
        code = machine.carry_out("uninstall")

        assert code == 0, machine.said
        assert machine.answering is None, machine.said
        assert machine.runner.enabled == set(), machine.said
        assert not machine.layout.opt.exists(), machine.said
        assert machine.store[0] == "1.0", machine.said
