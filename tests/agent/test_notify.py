"""The datagrams of sd_notify, read by a real socket in place of the service manager's."""

import contextlib
import os
import re
import secrets
import socket
import time

import pytest

from agent.notify import Notifier, watchdog_interval_seconds

pytestmark = pytest.mark.slow


@pytest.fixture
def manager():
    """The socket of a service manager; nothing is in it until something is sent."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.settimeout(5)
        yield listener


@pytest.fixture(params=["path", "abstract"])
def address(request, manager, tmp_path):
    if request.param == "path":
        path = str(tmp_path / "notify@home")
        manager.bind(path)
        return path
    name = f"sallim-test-{secrets.token_hex(8)}"
    manager.bind("\0" + name)
    return "@" + name


def heard(manager):
    return manager.recv(4096).decode()


def test_the_manager_hears_that_the_agent_is_ready(manager, address):
    Notifier(address).ready()

    assert heard(manager) == "READY=1"


def test_messages_arrive_in_the_order_they_were_sent(manager, address):
    notifier = Notifier(address)
    notifier.ready()
    notifier.watchdog()
    notifier.stopping()

    assert [heard(manager) for _ in range(3)] == ["READY=1", "WATCHDOG=1", "STOPPING=1"]


def test_a_reload_says_when_it_began(manager, address):
    before = time.monotonic_ns() // 1000
    Notifier(address).reloading()
    said = re.fullmatch(r"RELOADING=1\nMONOTONIC_USEC=(\d+)", heard(manager))
    after = time.monotonic_ns() // 1000

    assert said is not None
    assert before <= int(said[1]) <= after


@pytest.mark.parametrize("address", [None, ""])
def test_without_a_manager_nothing_happens(address, caplog):
    notifier = Notifier(address)
    for tell in (notifier.ready, notifier.reloading, notifier.stopping, notifier.watchdog):
        tell()

    assert caplog.records == []


def test_a_manager_that_is_gone_is_logged_and_does_not_end_the_agent(tmp_path, caplog):
    Notifier(str(tmp_path / "nobody")).ready()

    assert "could not be told 'READY=1'" in caplog.text


def test_a_manager_that_does_not_read_holds_up_nobody(tmp_path, caplog):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as deaf:
        deaf.bind(str(tmp_path / "notify"))
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as filler:
            filler.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    filler.sendto(b"x", str(tmp_path / "notify"))
        Notifier(str(tmp_path / "notify")).watchdog()

        assert "timed out" in caplog.text


def test_signs_of_life_are_sent_twice_in_the_time_allowed():
    assert watchdog_interval_seconds({"WATCHDOG_USEC": "30000000"}) == 15.0


def test_a_watchdog_for_this_process_counts():
    ours = {"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}

    assert watchdog_interval_seconds(ours) == 15.0


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"WATCHDOG_USEC": ""},
        {"WATCHDOG_USEC": "0"},
        {"WATCHDOG_USEC": "soon"},
        {"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getppid())},
    ],
)
def test_without_a_watchdog_for_this_process_none_is_fed(environ):
    assert watchdog_interval_seconds(environ) is None
