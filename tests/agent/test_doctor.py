"""`python -m agent doctor`: every trouble it knows is told with what to do about it."""

import grp
import http.server
import os
import threading
import time
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

import pytest

from agent.__main__ import main
from agent.checks import Finding, Level, house, machine
from agent.checks.rounds import carried_out, rounds
from data.home import Home
from data.settings_file import load
from data.tokens import create
from models.messages import Message, say
from models.settings import App, House, Server, Settings, Store

ROOT = Path(__file__).parents[2]
NOW = 1_795_413_600.0


@pytest.fixture
def home(tmp_path) -> Home:
    home = Home(tmp_path / "home")
    home.make()
    return home


def text_of(findings: list[Finding], level: Level) -> str:
    [finding] = findings
    assert finding.level is level, finding
    return finding.text


# --- the whole ----------------------------------------------------------------------------------


def test_a_fresh_checkout_on_a_healthy_machine_has_no_problem(tmp_path):
    place = Home(tmp_path / "never made")
    findings = {finding.name: finding for finding in rounds(place, {}, ROOT)}
    # Whatever listens at the usual port of the app on this machine is not ours.
    del findings["app"]

    assert [found for found in findings.values() if found.level is Level.PROBLEM] == []
    assert findings["agent"].level is findings["store"].level is Level.ABSENT
    assert findings["source host"].level is Level.OK
    assert not place.path.exists()


def test_the_command_prints_a_line_each_and_counts_the_problems(home, capsys):
    (home.path / "sallim.toml").write_text('demo = "sk-canary0123456789"\napp.prt = 1\n')

    assert main(["doctor", "--home", str(home.path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("problem settings: sallim.toml line 1: demo is ")
    assert lines[1].startswith("problem settings: sallim.toml line 2: app.prt is not known")
    assert lines[-1].endswith(" problems.")
    assert "canary" not in "".join(lines)


def test_a_check_that_cannot_be_carried_out_is_a_finding():
    def check() -> list[Finding]:
        raise OSError("no such thing")

    [finding] = carried_out("clock", check)
    assert finding == Finding(
        Level.PROBLEM, "clock", "could not be checked (OSError: no such thing)"
    )


# --- what Sallim stands on ------------------------------------------------------------------------


def test_an_old_python_is_told():
    assert "install Python 3.11 or newer" in text_of(machine.python_version((3, 10)), Level.PROBLEM)


def test_missing_and_other_packages_are_told(tmp_path):
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(
        "# pins\nduckdb==1.5.5 \\\n    --hash=sha256:00\npsutil==7.2.2\nhttpx==0.28.1\n"
        "numpy==2.5.5 ; python_full_version >= '3.12' \\\n"
    )

    def installed(name: str) -> str:
        if name == "psutil":
            raise metadata.PackageNotFoundError(name)
        return {"duckdb": "2.0.0", "httpx": "0.28.1"}[name]

    assert text_of(machine.packages(requirements, installed), Level.PROBLEM) == (
        "duckdb is 2.0.0, not 1.5.5; psutil 7.2.2 is missing; install what is pinned: "
        "`make run` does"
    )


def test_without_pins_nothing_is_compared(tmp_path):
    findings = machine.packages(tmp_path / "requirements.txt")

    assert "nothing was compared" in text_of(findings, Level.ABSENT)


@pytest.mark.parametrize(
    ("now", "kernel", "level", "told"),
    [
        (NOW, 0, Level.OK, "kept by a time service"),
        (NOW, 5, Level.ABSENT, "no time service keeps it right"),
        (NOW, None, Level.OK, "cannot be seen here"),
        (NOW - 86_500, 0, Level.PROBLEM, "is before this version was installed; set the clock"),
        (0.0, 0, Level.PROBLEM, "1970-01-01"),
    ],
)
def test_the_clock(tmp_path, now, kernel, level, told):
    code = tmp_path / "code.py"
    code.touch()
    os.utime(code, (NOW, NOW))

    assert told in text_of(machine.clock(now, code, lambda: kernel), level)


def test_the_kernel_is_asked_without_being_changed():
    before = time.time()

    assert machine.kernel_clock() in {None, 0, 1, 2, 3, 4, 5}
    assert abs(time.time() - before) < 60


def test_a_machine_without_time_zones_is_told():
    settings = Settings(house=House.model_construct(timezone="Mars/Olympus"))

    assert "does not know Mars/Olympus" in text_of(machine.time_zone(settings), Level.PROBLEM)


# --- what Sallim keeps ----------------------------------------------------------------------------


def test_with_a_bad_file_everything_else_is_checked_with_the_last_good_one(home, tmp_path):
    path = tmp_path / "sallim.toml"
    path.write_text("app.port = 9000\n")
    load(path, home)
    path.write_text("app.port = 1\n")
    settings, findings = house.settings_file(path, home)

    assert settings.app.port == 9000
    assert "app.port is 1;" in text_of(findings, Level.PROBLEM)


def test_a_closed_home_with_room_is_well(home):
    assert str(home.path) in text_of(house.home(home, Settings()), Level.OK)


def test_a_home_that_others_may_open_is_told(home):
    home.path.chmod(0o755)

    told = [finding.text for finding in house.home(home, Settings())]
    assert f"others may open {home.path} (mode 755); close it with `chmod o-rw {home.path}`" in told


@pytest.mark.parametrize(
    ("name", "mode", "told"),
    [
        ("control.sqlite3", 0o640, "chmod go-rwx"),
        ("tokens.sqlite3", 0o604, "chmod go-rwx"),
        ("settings.last-good.toml", 0o644, "chmod go-rwx"),
        ("ops.duckdb", 0o644, "chmod o-rwx"),
        ("agent.sock", 0o666, "chmod o-rwx"),
    ],
)
def test_a_file_that_others_may_open_is_told(home, name, mode, told):
    (home.path / name).touch()
    (home.path / name).chmod(mode)

    assert told in text_of(house.home(home, Settings()), Level.PROBLEM)


@pytest.mark.parametrize("name", ["ops.duckdb", "agent.sock", "ledger/ledger.sqlite3"])
def test_what_a_group_of_services_shares_is_well(home, name):
    home.path.chmod(0o710)
    home.ledger_folder.mkdir(0o700)
    (home.path / name).touch()
    (home.path / name).chmod(0o660)

    assert house.home(home, Settings())[0].level is Level.OK


def test_a_ledger_that_is_open_to_everybody_is_told(home):
    home.ledger_folder.mkdir()
    home.ledger_folder.chmod(0o755)
    home.ledger.touch()
    home.ledger.chmod(0o664)
    told = [finding.text for finding in house.home(home, Settings())]

    assert any(f"`chmod o-rwx {home.ledger_folder}`" in text for text in told)
    assert any(f"`chmod o-rwx {home.ledger}`" in text for text in told)


@pytest.fixture
def writers(monkeypatch):
    """The group of these tests stands for that of the owner's programs."""
    monkeypatch.setattr(house, "WRITERS", grp.getgrgid(os.getegid()).gr_name)


@pytest.mark.usefixtures("writers")
def test_the_ledger_of_a_service_is_open_to_the_group_of_its_writers(home):
    home.path.chmod(0o711)
    assert "run `sudo make install` again" in text_of(house.home(home, Settings()), Level.PROBLEM)

    home.ledger_folder.mkdir()
    home.ledger_folder.chmod(0o2770)
    assert house.home(home, Settings())[0].level is Level.OK

    home.ledger.touch(0o600)
    told = text_of(house.home(home, Settings()), Level.PROBLEM)
    assert f"may not write {home.ledger}, so their jobs are not recorded" in told

    home.ledger.chmod(0o660)
    assert house.home(home, Settings())[0].level is Level.OK


def test_a_ledger_of_another_group_is_told(home, monkeypatch):
    monkeypatch.setattr(house, "WRITERS", "a group that is not here")
    home.path.chmod(0o711)
    home.ledger_folder.mkdir()
    home.ledger_folder.chmod(0o2770)

    assert "may not write" in text_of(house.home(home, Settings()), Level.PROBLEM)


def test_a_home_that_is_a_file_is_told(tmp_path):
    (tmp_path / "home").touch()

    assert "is no folder" in text_of(house.home(Home(tmp_path / "home"), Settings()), Level.PROBLEM)


def test_a_full_disk_is_told(home):
    settings = Settings(store=Store.model_construct(disk_free_min_mb=10**12))

    assert "make room" in text_of(house.home(home, settings), Level.PROBLEM)


# --- what runs ------------------------------------------------------------------------------------

STATUS: dict[str, object] = {
    "state": "ok",
    "reason": None,
    "size_bytes": 12_340_000,
    "size_max_bytes": 1_000_000_000,
    "series": 120,
    "rows_lost": 0,
}


def health(problems: list[Message], **status: object) -> Mapping[str, object]:
    return {
        "problems": [problem.as_json() for problem in problems],
        "version": "0.1.0",
        "pid": 42,
        "store": {**STATUS, **status},
    }


def test_an_agent_that_is_well(home):
    assert text_of(house.agent(home, health([])), Level.OK) == (
        "version 0.1.0 answers as process 42"
    )
    assert text_of(house.store(home, health([])), Level.OK) == "ok, 12.3 of 1,000 MB, 120 series"


def test_an_agent_that_is_not_well_says_why(home):
    findings = house.agent(home, health([say("the loop {name} does not tick", name="store")]))

    assert text_of(findings, Level.PROBLEM).startswith("the loop store does not tick; see ")


def test_no_agent_is_no_problem(home):
    assert "start it with `make run`" in text_of(house.agent(home, None), Level.ABSENT)


def test_a_lock_that_a_dead_process_left_is_no_agent(home):
    home.lock.write_text("999999999")

    assert house.agent(home, None)[0].level is Level.ABSENT


def test_a_store_that_lost_rows_or_is_full_says_so(home):
    full = health([], state="lean", reason=say("the disk is full").as_json(), rows_lost=7)
    told = text_of(house.store(home, full), Level.PROBLEM)

    assert f"7 rows were lost to damage, see {home.quarantine}" in told
    assert told.endswith(": the disk is full")


def test_a_store_without_an_agent_is_not_opened(home):
    home.ops.write_bytes(b"not even a database")

    assert "the agent checks it" in text_of(house.store(home, None), Level.OK)


def test_a_listener_without_tokens_is_told(home):
    settings = Settings(server=Server(listen="127.0.0.1:9464"))
    told = text_of(house.listener(home, settings), Level.PROBLEM)
    assert "python -m agent token create" in told

    create(home, "prometheus", NOW)
    assert text_of(house.listener(home, settings), Level.OK) == "127.0.0.1:9464 for prometheus"


def test_a_listener_on_an_address_of_another_machine_is_told(home):
    create(home, "prometheus", NOW)
    settings = Settings(server=Server(listen="10.255.255.254:9464"))

    assert "is no address of this machine" in text_of(house.listener(home, settings), Level.PROBLEM)


class NotTheApp(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def web_server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), NotTheApp) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.005,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_another_program_at_the_port_of_the_app_is_told(web_server):
    settings = Settings(app=App(port=web_server.server_port))
    web_server.answer = b"ok"
    assert "answers at port" in text_of(house.app(settings), Level.OK)

    web_server.answer = b"something else"
    assert "is not the app" in text_of(house.app(settings), Level.PROBLEM)
