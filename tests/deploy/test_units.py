"""The units as the real systemd-analyze reads them, without a running systemd."""

import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.accounts import READERS, WRITERS
from deploy.layout import LAID, UNITS
from deploy.setup import HOME_MODE
from tests.deploy.service_runner import read_unit

DEPLOY = Path(__file__).parents[2] / "deploy"
EXPOSURE_MAX = "20"
"""In tenths, as --threshold= takes it: 2.0 of 10."""


def analyze(*words):
    tool = shutil.which("systemd-analyze") or "/usr/bin/systemd-analyze"
    return subprocess.run([tool, *words], check=False, capture_output=True, text=True)


@pytest.mark.parametrize("unit", LAID)
def test_a_unit_is_exposed_to_at_most_two_of_ten(unit):
    options = ["--offline=true", "--no-pager", f"--threshold={EXPOSURE_MAX}"]
    done = analyze("security", *options, str(DEPLOY / unit))

    assert done.returncode == 0, done.stdout[-400:] + done.stderr
    assert "Overall exposure level" in done.stdout


def test_systemd_finds_nothing_to_complain_about(tmp_path):
    """Programs that a unit names must exist, so /opt/sallim is moved to a folder that has one."""
    python = tmp_path / "current/.venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\n")
    python.chmod(0o755)
    for unit in LAID:
        text = (DEPLOY / unit).read_text().replace("/opt/sallim", str(tmp_path))
        (tmp_path / unit).write_text(text)

    done = analyze("verify", "--man=no", *[str(tmp_path / unit) for unit in LAID])

    assert (done.returncode, done.stderr.strip()) == (0, "")


def test_the_agent_is_restarted_for_ever_and_when_it_hangs():
    unit = read_unit(DEPLOY / "sallim-agent.service")
    wanted = {
        "Type": "notify",
        "NotifyAccess": "main",
        "WatchdogSec": "30",
        "Restart": "always",
        "RestartSec": "5",
        "StartLimitIntervalSec": "0",
        "TimeoutStopSec": "15",
    }

    assert {key: unit[key][-1] for key in wanted} == wanted


def test_each_start_gives_the_home_the_rights_that_the_installer_gave_it():
    """At a start systemd sets those of the folder that the unit names, and of nothing in it."""
    unit = read_unit(DEPLOY / "sallim-agent.service")

    assert unit["StateDirectory"] == ["sallim"]
    assert int(unit["StateDirectoryMode"][-1], 8) == HOME_MODE
    assert unit["SupplementaryGroups"] == [WRITERS]
    assert unit["Group"] == [READERS]


def test_the_agent_has_a_share_of_the_cpu_and_no_quota():
    unit = read_unit(DEPLOY / "sallim-agent.service")

    assert "CPUWeight" in unit
    assert "CPUQuota" not in unit


def test_the_agent_reads_cards_processes_and_the_room_on_every_disk():
    unit = read_unit(DEPLOY / "sallim-agent.service")

    assert unit["PrivateDevices"] == ["no"]
    assert any(line.startswith("char-nvidia") for line in unit["DeviceAllow"])
    assert unit["ProtectProc"] == ["default"]
    assert unit["ProtectHome"] == ["read-only"]


def test_the_app_outlives_the_agent_and_holds_none_of_its_secrets():
    unit = read_unit(DEPLOY / "sallim-app.service")

    assert "sallim-agent.service" in unit["After"][-1]
    assert not {"Requires", "BindsTo", "PartOf", "LoadCredential"} & set(unit)
    assert "/etc/sallim/sallim.env" not in unit.get("EnvironmentFile", [])
    assert unit["User"] != read_unit(DEPLOY / "sallim-agent.service")["User"]


def test_the_gateway_outlives_the_agent_and_starts_only_when_its_owner_says_so():
    unit = read_unit(DEPLOY / "sallim-gateway.service")
    agent = read_unit(DEPLOY / "sallim-agent.service")

    assert "sallim-agent.service" in unit["After"][-1]
    assert not {"Requires", "BindsTo", "PartOf"} & set(unit)
    assert (unit["User"], unit["Group"]) == (agent["User"], agent["Group"])
    assert unit["SupplementaryGroups"] == [WRITERS]
    assert int(unit["StateDirectoryMode"][-1], 8) == HOME_MODE
    assert (unit["Type"], unit["WatchdogSec"]) == (["notify"], ["30"])
    assert unit["ExecReload"] == ["/bin/kill -HUP $MAINPID"]
    assert "sallim-gateway.service" not in UNITS


def test_no_unit_but_the_gateways_speaks_of_a_providers_key():
    for unit in LAID:
        names_one = "OPENAI_API_KEY" in (DEPLOY / unit).read_text()
        assert names_one == (unit == "sallim-gateway.service")
