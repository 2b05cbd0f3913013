import fcntl
import stat
import subprocess
import sys
import tomllib

import pytest

from deploy.cli import main
from deploy.layout import UNITS

pytestmark = pytest.mark.slow


def mode(path):
    return stat.S_IMODE(path.lstat().st_mode)


def test_an_installed_release_runs_and_will_start_with_the_machine(machine):
    code = machine.carry_out("install", machine.source("1.0"))

    assert code == 0, machine.said
    assert machine.answering == "ok: 1.0"
    assert machine.runner.enabled == set(UNITS)
    assert "ssh -N -L" in machine.told[-1]


def test_the_service_manager_hears_exactly_these_words(machine):
    machine.carry_out("install", machine.source("1.0"))
    agent, app = UNITS

    assert machine.runner.calls == [
        ["daemon-reload"],
        ["enable", agent, app],
        ["is-enabled", agent],
        ["is-enabled", app],
        ["is-enabled", "sallim-gateway.service"],
        ["--no-block", "restart", agent, app],
    ]


def test_installing_twice_is_installing_once(machine):
    source = machine.source("1.0")
    machine.carry_out("install", source)
    kept = machine.layout.settings.read_text()
    code = machine.carry_out("install", source)

    assert code == 0, machine.said
    assert machine.answering == "ok: 1.0"
    assert machine.layout.settings.read_text() == kept
    assert len(list(machine.layout.releases.iterdir())) == 1


def test_installing_over_another_release_is_an_upgrade(machine):
    machine.carry_out("install", machine.source("1.0"))
    code = machine.carry_out("install", machine.source("2.0"))

    assert code == 0, machine.said
    assert machine.answering == "ok: 2.0"
    assert machine.store == ["1.0", "2.0"]


def test_a_release_that_is_not_well_is_said_so(machine):
    code = machine.carry_out("install", machine.source("1.0", "dies"), "--health-seconds", "0.5")

    assert code == 1
    assert "is in place, and it is not well: the agent does not answer" in machine.said
    assert "journalctl -u sallim-agent" in machine.said


def test_secrets_and_data_are_closed_to_others(machine):
    machine.carry_out("install", machine.source("1.0"))

    assert mode(machine.layout.credentials) == 0o700
    assert mode(machine.layout.home) == 0o711
    assert mode(machine.layout.ledger) == 0o2770


def test_the_first_settings_file_is_valid_and_says_nothing(machine, tmp_path):
    root = tmp_path / "root"
    arguments = machine.arguments("install", machine.source("1.0"), "--root", str(root))
    code = main(arguments, {}, machine.told.append)

    assert code == 0, machine.said
    assert tomllib.loads((root / "etc/sallim/sallim.toml").read_text()) == {}


def test_below_a_scratch_root_nothing_is_started_unless_a_manager_is_named(machine, tmp_path):
    root = tmp_path / "root"
    arguments = machine.arguments("install", machine.source("1.0"), "--root", str(root))
    code = main(arguments, {}, machine.told.append)

    assert code == 0, machine.said
    assert (root / "opt/sallim/current/agent/__main__.py").is_file()
    assert all((root / "etc/systemd/system" / unit).is_file() for unit in UNITS)
    assert "systemd does not run here" in machine.told[-1]
    # As in the unit: with -g alone, runuser leaves out the group that the ledger belongs to.
    assert "runuser -u sallim -g sallim-web -G sallim -- " in machine.told[-1]
    assert machine.runner.calls == []


def test_two_commands_at_once_are_one_too_many(machine):
    machine.layout.lock.parent.mkdir(parents=True, exist_ok=True)
    with machine.layout.lock.open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        code = machine.carry_out("install", machine.source("1.0"))

    assert code == 1
    assert "is at work here" in machine.said


AS_NOBODY = """
import os, sys, deploy.cli
os.geteuid() or os.setuid(65534)
sys.exit(deploy.cli.main(sys.argv[1:], {}))
"""


@pytest.mark.parametrize("verb", ["install", "upgrade", "rollback", "uninstall"])
def test_without_root_the_real_machine_is_not_touched(verb):
    command = [sys.executable, "-c", AS_NOBODY, verb]
    done = subprocess.run(command, check=False, capture_output=True, text=True)

    assert done.returncode == 1
    assert f"Run `sudo make {verb}`" in done.stdout
