"""Commands of the owner's, as real programs: bounded, without our secrets, killed with children."""

import json
import os
import sys
import time

import pytest

from agent.actions.command import Command
from agent.programs import OUTPUT_BYTES_MAX, limit_of, run_program
from models.errors import ActionRefused, ActionUnconfirmed
from models.settings.service import Service
from tests.processes import until

pytestmark = pytest.mark.slow

TRUE = ("/bin/true",)


def service(**more):
    commands = {"stop": TRUE, "start": TRUE, "check": TRUE}
    return Service(name="gpu", kind="command", **{**commands, **more})


def shell(script):
    return ("/bin/sh", "-c", script)


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize(("code", "is_up"), [(0, True), (1, False), (3, False)])
def test_the_check_says_whether_it_is_up(code, is_up):
    assert Command().is_up(service(check=shell(f"exit {code}"))) is is_up


@pytest.mark.parametrize("code", [2, 4, 127])
def test_a_check_that_is_broken_is_no_proof(code):
    with pytest.raises(ActionRefused) as told:
        Command().is_up(service(check=shell(f"echo no network; exit {code}")))

    assert "gpu" in str(told.value)
    assert "no network" in str(told.value)


def test_a_failure_says_what_ended_how(tmp_path):
    with pytest.raises(ActionRefused) as told:
        Command().stop(service(stop=shell("echo quota reached >&2; exit 7")))
    assert str(told.value) == (
        "gpu: its command `stop` ended with 7 (quota reached); run it by hand to see why"
    )
    with pytest.raises(ActionRefused) as told:
        Command().start(service(start=(str(tmp_path / "nowhere"),)))
    assert "cannot be started" in str(told.value)
    assert "check `start` of its [[service]]" in str(told.value)


def test_only_the_name_and_the_verb_are_filled_in(tmp_path):
    seen = tmp_path / "seen"
    stop = (*shell(f'echo "$@" > {seen}'), "sh", "{verb}", "--name={name}", "$HOME")
    Command().stop(service(stop=stop))

    assert seen.read_text() == "stop --name=gpu $HOME\n"


def test_it_gets_none_of_our_secrets_and_nothing_of_our_place(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-of-the-owner")
    seen = tmp_path / "seen"
    look = (
        "import json, os, sys; json.dump([dict(os.environ), os.getcwd(), os.getsid(0), "
        f"sys.stdin.read()], open({str(seen)!r}, 'w'))"
    )
    Command().start(service(start=(sys.executable, "-c", look)))
    environ, folder, session, typed = json.loads(seen.read_text())

    assert set(environ) <= {"PATH", "LANG", "HOME", "LC_CTYPE"}
    assert (folder, typed) == ("/", "")
    assert session != os.getsid(0)


def test_at_its_limit_all_of_it_is_killed_also_what_will_not_hear(tmp_path):
    pids = tmp_path / "pids"
    stubborn = f"trap '' TERM; sleep 60 & echo $$ $! > {pids}; wait; sleep 60"
    began = time.monotonic()
    with pytest.raises(ActionUnconfirmed) as told:
        Command().stop(service(stop=shell(stubborn), timeout_seconds=1))

    assert "did not end within 1 s and was killed" in str(told.value)
    assert time.monotonic() - began < limit_of(1) + 1
    until(lambda: not any(is_alive(int(pid)) for pid in pids.read_text().split()), 5)


def test_what_it_leaves_in_the_background_lives_and_keeps_nobody_waiting(tmp_path):
    pid = tmp_path / "pid"
    began = time.monotonic()
    Command().start(service(start=shell(f"sleep 60 & echo $! > {pid}"), timeout_seconds=30))
    worker = int(pid.read_text())

    assert time.monotonic() - began < 5
    assert is_alive(worker)
    os.kill(worker, 9)


def test_of_endless_words_64_kib_are_kept_without_secrets():
    words = f"head -c {OUTPUT_BYTES_MAX * 4} /dev/zero | tr '\\0' x"
    done = run_program(shell(f"echo api_key=abcdefgh12345; {words}"), 10)

    assert done.code == 0
    assert len(done.output) <= OUTPUT_BYTES_MAX + 20
    assert "abcdefgh12345" not in done.output


def test_words_that_are_no_text_are_shown_on_one_line():
    done = run_program(shell(r"printf 'a\033[2Jb\n\377c'; exit 1"), 10)

    assert done.said.isprintable()
    assert "\n" not in done.said
