"""The agent as a person or a service manager meets it: a real process on a scratch home."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from data.home import Home
from data.reader import Reader
from tests.processes import (
    ROOT,
    environ_of,
    free_port,
    log_of,
    running_agent,
    start_agent,
    stop,
    until,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return Home(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def agent(home):
    with running_agent(home) as (process, reader):
        until(lambda: len(live_names(reader)) > 20)
        yield process, reader


def live_names(reader: Reader) -> set[str]:
    live = reader.live()
    return set() if live is None else {s.key.name for s in live.series if s.value is not None}


def command(*words: str, home: Home, **extra: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "agent", *words],
        cwd=ROOT,
        env=environ_of(home, **extra),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_this_machine_is_seen_within_seconds(agent):
    _, reader = agent
    wanted = {
        "machine.cpu.utilization",
        "machine.memory.utilization",
        "system.filesystem.utilization",
        "system.network.io",
    }

    until(lambda: wanted <= live_names(reader), 20)


def test_looking_makes_the_host_be_read_every_two_seconds(agent):
    _, reader = agent

    def host_interval():
        sources = {source.name: source for source in reader.live().sources}
        return sources["host"].interval_seconds

    assert until(lambda: host_interval() == 2)


def test_health_names_loops_store_and_sources(agent):
    _, reader = agent

    health = reader.health()

    loops = {"supervisor", "store", "server", "outbox", "budget", "waiting", "months"}
    assert set(health["loops"]) == {*loops, "demand", "planning"}
    assert {source["name"] for source in health["sources"]} == {
        "host",
        "gpu",
        "processes",
        "itself",
        "beats",
    }
    assert health["store"]["state"] == "ok"


def test_a_socket_that_somebody_removed_comes_back(agent, home):
    process, reader = agent
    home.socket.unlink()

    assert until(reader.health)["pid"] == process.pid


def test_a_source_that_is_not_here_does_not_make_the_agent_unwell(agent):
    _, reader = agent

    health = until(lambda: (h := reader.health())["status"] == "ok" and h)

    states = {source["name"]: source["state"] for source in health["sources"]}
    assert states["gpu"] == "absent"


def test_status_says_how_it_is_and_its_exit_code_agrees(agent, home):
    said = command("status", home=home)

    assert said.returncode == 0, said.stdout
    assert said.stdout.startswith("ok: sallim ")


def test_a_second_agent_says_who_owns_the_home(agent, home):
    process, _ = agent

    second = command("run", home=home)

    assert second.returncode == 4
    assert str(process.pid) in second.stderr


def test_a_second_start_of_the_whole_house_says_which_process_runs(agent, home):
    process, _ = agent

    second = command("up", home=home)

    assert second.returncode == 4
    assert f"process {process.pid}" in second.stdout


def test_an_agent_that_hangs_is_named_by_what_finds_it_silent(agent, home):
    process, _ = agent
    process.send_signal(signal.SIGSTOP)
    try:
        start, status = command("up", home=home), command("status", home=home)
    finally:
        process.send_signal(signal.SIGCONT)

    assert (start.returncode, status.returncode) == (4, 3)
    assert f"Process {process.pid} has {home.path} and does not answer" in start.stdout
    assert f"Process {process.pid}" in status.stdout


def test_a_taken_port_is_told_with_the_file_that_changes_it(tmp_path):
    home = Home(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = tmp_path / "sallim.toml"
        settings.write_text(f"[app]\nport = {port}\n")
        start = command("up", home=home)

    assert start.returncode == 1
    assert f"Port {port} of 127.0.0.1 is taken" in start.stdout
    assert str(settings) in start.stdout


def test_heavy_modules_stay_out_after_real_use(agent):
    process, reader = agent
    for n in range(100):
        reader.columns("SELECT count(*) AS n FROM series WHERE id > ? AND name <> ?", [n, "x"])
    maps = Path(f"/proc/{process.pid}/maps").read_text()

    heavy = ("numpy", "pandas", "pyarrow", "streamlit", "cryptography")
    assert not [name for name in heavy if name in maps]


def test_files_of_the_home_are_for_the_owner_alone(agent, home):
    modes = {path.name: path.stat().st_mode & 0o077 for path in home.path.iterdir()}
    modes.pop("agent.log")  # Opened by this test, not by the agent.

    assert not any(modes.values()), modes


def test_sigterm_brings_everything_to_disk_within_five_seconds(tmp_path):
    home = Home(tmp_path)
    with running_agent(home) as (process, reader):
        until(lambda: len(live_names(reader)) > 20)
        started = time.monotonic()
        process.terminate()

        assert process.wait(10) == 0
        assert time.monotonic() - started < 5
    stored = Reader(home)

    assert stored.columns("SELECT count(*) AS n FROM samples")["n"][0] > 20
    assert stored.source == "file"
    assert not home.socket.exists()


def test_without_an_agent_commands_say_so(tmp_path):
    home = Home(tmp_path)

    for words in (["status"], ["reload"]):
        said = command(*words, home=home)

        assert said.returncode == 3
        assert "no agent answers" in said.stdout.lower()


def test_a_home_too_deep_for_a_socket_is_refused_with_a_cure(tmp_path):
    said = command("run", home=Home(tmp_path / ("deep" * 30)))

    assert said.returncode == 6
    assert "Choose a shorter folder" in said.stderr


def test_settings_are_taken_over_by_reload_and_a_bad_file_changes_nothing(tmp_path):
    home, settings = Home(tmp_path / "home"), tmp_path / "sallim.toml"
    settings.write_text("[collectors.gpu]\nenabled = 'off'\n")
    config = {"SALLIM_CONFIG": str(settings)}

    with running_agent(home, **config) as (_, reader):
        before = {source["name"] for source in reader.health()["sources"]}
        settings.write_text("[collectors.processes]\nenabled = 'off'\n")
        taken = command("reload", home=home, **config)
        after = {source["name"] for source in reader.health()["sources"]}
        settings.write_text("demo = true\n[machine]\nname = 'renamed'\n")
        command("reload", home=home, **config)
        until(lambda: "agent.series.count" in live_names(reader))
        health, live = reader.health(), reader.live()
        settings.write_text("[collectors.host]\ninterval_seconds = '10s'\n")
        refused = command("reload", home=home, **config)

    assert (before, taken.returncode) == ({"host", "processes", "itself", "beats"}, 0)
    assert after == {"host", "gpu", "itself", "beats"}
    assert {source["name"] for source in health["sources"]} == after | {"processes"}
    assert {series.key.machine for series in live.series} == {health["machine"]}
    assert refused.returncode == 6
    assert "line 2" in refused.stdout
    assert "collectors.host.interval_seconds" in refused.stdout


def test_a_bad_file_at_a_hangup_keeps_the_last_good_one_and_is_said(tmp_path):
    home, settings = Home(tmp_path / "home"), tmp_path / "sallim.toml"
    settings.write_text("[collectors.gpu]\nenabled = 'off'\n")
    config = {"SALLIM_CONFIG": str(settings)}
    with running_agent(home, **config) as (process, reader):
        settings.write_text("typo at night")
        process.send_signal(signal.SIGHUP)
        at_reload = until(lambda: (h := reader.health())["settings"]["error"] and h)
    with running_agent(home, **config) as (_, reader):
        at_cold_start = reader.health()

    for health in (at_reload, at_cold_start):
        assert health["status"] == "degraded"
        assert health["settings"]["source"] == "last good"
        assert "gpu" not in {source["name"] for source in health["sources"]}


def test_the_service_manager_hears_ready_and_signs_of_life(tmp_path):
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address)
        manager.settimeout(30)
        home = Home(tmp_path / "home")
        process = start_agent(home, NOTIFY_SOCKET=address, WATCHDOG_USEC="4000000")
        try:
            heard = [manager.recv(4096) for _ in range(3)]
        finally:
            code = stop(process)
        while heard[-1] != b"STOPPING=1":
            heard.append(manager.recv(4096))

    assert heard[0] == b"READY=1", log_of(home)
    assert heard[1:3] == [b"WATCHDOG=1"] * 2
    assert set(heard[3:-1]) <= {b"WATCHDOG=1"}
    assert code == 0


def test_an_address_that_is_taken_costs_the_listener_and_not_the_watch(tmp_path):
    home, settings = Home(tmp_path / "home"), tmp_path / "sallim.toml"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        settings.write_text(f"[server]\nlisten = '{address}'\n")
        with running_agent(home, SALLIM_CONFIG=str(settings)) as (_, reader):
            health = reader.health()

    assert health["status"] == "degraded"
    assert any(p["values"].get("address") == address for p in health["problems"])


def test_a_store_that_was_cut_off_is_repaired_and_said_in_log_and_status(tmp_path):
    home = Home(tmp_path)
    with running_agent(home) as (process, reader):
        until(lambda: reader.columns("SELECT count(*) AS n FROM samples")["n"][0] > 20, 40)
        assert stop(process) == 0
    os.truncate(home.ops, home.ops.stat().st_size // 2)
    with running_agent(home):
        said = command("status", home=home)

    assert "lost: " in said.stdout, said.stdout
    assert str(home.quarantine) in said.stdout
    assert str(home.quarantine) in log_of(home)


def test_one_command_starts_the_house_keeps_it_and_one_ctrl_c_ends_it(tmp_path):
    home, settings = Home(tmp_path / "home"), tmp_path / "sallim.toml"
    port = free_port()
    settings.write_text(f"[app]\nport = {port}\n")
    environ = environ_of(home, SALLIM_CONFIG=str(settings))
    environ.pop("DISPLAY", None)
    house = subprocess.Popen(
        [sys.executable, "-m", "agent", "up"],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        said = ""
        while "there." not in said:
            line = house.stdout.readline()
            assert line, f"it ended with exit code {house.wait()} after saying: {said}"
            said += line
        killed = Reader(home).health()["pid"]
        os.kill(killed, signal.SIGKILL)
        health = until(lambda: (h := Reader(home).health()) and h["pid"] != killed and h)
        pid = health["pid"]
        house.send_signal(signal.SIGINT)

        assert house.wait(20) == 0
    finally:
        stop(house)
        house.stdout.close()

    assert f"http://127.0.0.1:{port}" in said
    assert f"ssh -N -L {port}:127.0.0.1:{port}" in said
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_an_agent_that_was_killed_starts_again_by_itself_on_the_same_home(tmp_path):
    home = Home(tmp_path)
    with running_agent(home) as (process, reader):
        until(lambda: reader.columns("SELECT count(*) AS n FROM samples")["n"][0] > 20, 40)
        process.kill()
        process.wait()
    with running_agent(home) as (_, reader):
        health = reader.health()

        assert health["store"]["state"] == "ok"
        assert reader.columns("SELECT count(*) AS n FROM samples")["n"][0] > 20
