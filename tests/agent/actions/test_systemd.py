"""Units by systemctl. The stand-in keeps what units do in files, and speaks as systemctl does."""

import os
from pathlib import Path

import pytest

from agent.actions.systemd import Systemd
from models.errors import ActionRefused
from models.settings.service import Service

pytestmark = pytest.mark.slow

STANDIN = Path(__file__).parents[2] / "standins" / "systemctl"


class Units:
    def __init__(self, folder):
        self.folder = folder
        self.actor = Systemd(("/bin/sh", str(STANDIN), str(folder)))

    def add(self, unit, active="active", **files):
        (self.folder / unit).mkdir()
        for name, content in {"active": active, **files}.items():
            (self.folder / unit / name).write_text(content)

    def active(self, unit):
        return (self.folder / unit / "active").read_text().strip()

    def calls(self):
        return (self.folder / "calls").read_text().splitlines()


@pytest.fixture
def units(tmp_path):
    return Units(tmp_path)


WORKER = Service(name="worker")


def test_a_unit_is_stopped_and_started_and_seen(units):
    units.add("worker.service")

    assert units.actor.is_up(WORKER) is True
    units.actor.stop(WORKER)
    assert units.active("worker.service") == "inactive"
    assert units.actor.is_up(WORKER) is False
    units.actor.start(WORKER)
    assert units.actor.is_up(WORKER) is True


@pytest.mark.parametrize(
    ("active", "is_up"),
    [("failed", False), ("activating", None), ("deactivating", None), ("reloading", None)],
)
def test_what_is_on_its_way_is_neither_up_nor_down(units, active, is_up):
    units.add("worker.service", active)

    assert units.actor.is_up(WORKER) is is_up


def test_the_name_of_a_unit_is_no_option(units):
    units.add("--force.service")
    units.actor.stop(Service(name="worker", target="--force.service"))

    assert units.active("--force.service") == "inactive"
    assert "--no-ask-password stop -- --force.service" in units.calls()


def test_a_unit_that_failed_too_often_is_reset_once(units):
    units.add("worker.service", "failed", result="start-limit-hit")
    units.actor.start(WORKER)

    assert units.actor.is_up(WORKER) is True
    assert [call.split()[1] for call in units.calls() if "reset" in call] == ["reset-failed"]


def test_what_polkit_forbids_says_how_to_allow_it(units):
    units.add("worker.service", denied="")

    with pytest.raises(ActionRefused) as told:
        units.actor.stop(WORKER)
    assert "systemd does not let this user stop worker.service" in str(told.value)
    assert "polkit rule in docs/limits.md" in str(told.value)
    assert units.active("worker.service") == "active"


def test_what_fails_says_what_systemd_said(units):
    units.add("worker.service", stuck="")

    with pytest.raises(ActionRefused) as told:
        units.actor.stop(WORKER)
    assert str(told.value) == (
        "`systemctl stop worker.service` failed (Job for worker.service failed.); look at "
        "`journalctl -u worker.service`"
    )


@pytest.mark.parametrize("load", ["not-found", "masked"])
def test_a_unit_that_is_not_there_is_no_stopped_one(units, load):
    if load != "not-found":
        units.add("worker.service", "inactive", load=load)

    with pytest.raises(ActionRefused) as told:
        units.actor.is_up(WORKER)
    assert f"worker.service is {load} for systemd; check `target`" in str(told.value)


def test_without_systemd_it_is_said():
    with pytest.raises(ActionRefused) as told:
        Systemd(("/usr/bin/timeout-that-is-not-there",)).is_up(WORKER)

    assert "timeout-that-is-not-there" in str(told.value)
    assert os.sep in str(told.value)
