"""The example unit of a probe, as the real systemd-analyze reads it."""

from tests.deploy.service_runner import read_unit
from tests.deploy.test_units import DEPLOY, EXPOSURE_MAX, analyze

UNIT = "sallim-probe.service"


def test_it_is_exposed_to_at_most_two_of_ten():
    options = ["--offline=true", "--no-pager", f"--threshold={EXPOSURE_MAX}"]
    done = analyze("security", *options, str(DEPLOY / UNIT))

    assert done.returncode == 0, done.stdout[-400:] + done.stderr


def test_systemd_finds_nothing_to_complain_about(tmp_path):
    """The Python that it names need not be there on the machine that tests it."""
    (tmp_path / "python3").write_text("#!/bin/sh\n")
    (tmp_path / "python3").chmod(0o755)
    text = (DEPLOY / UNIT).read_text().replace("/usr/bin/python3", str(tmp_path / "python3"))
    (tmp_path / UNIT).write_text(text)
    done = analyze("verify", "--man=no", str(tmp_path / UNIT))

    assert (done.returncode, done.stderr.strip()) == (0, "")


def test_the_token_is_a_credential_and_stands_in_no_line():
    unit = read_unit(DEPLOY / UNIT)

    assert unit["LoadCredential"] == ["SALLIM_TOKEN:/etc/sallim-probe/token"]
    assert "TOKEN" not in unit["ExecStart"][0]


def test_there_is_time_for_a_goodbye():
    unit = read_unit(DEPLOY / UNIT)

    assert int(unit["TimeoutStopSec"][0]) >= 10
    assert (unit["Type"], unit["WatchdogSec"]) == (["notify"], ["60"])
