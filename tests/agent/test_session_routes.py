"""Signing in over the real socket: what the app may ask, and what only the agent's own user may."""

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from agent.attempts import FAILURES_MAX, Attempts
from agent.oidc import Oidc
from agent.server import Door as OpenDoor
from agent.server import ServerLoop, SignIn, inner_app, listen_on_path
from data.asking import ask
from models.sessions import SESSION_HEADER
from tests.agent.signing_in import Door


class NoView:
    """None of these routes asks it."""


@pytest.fixture
def door(tmp_path):
    door = Door(tmp_path / "control.sqlite3")
    door.socket = tmp_path / "agent.sock"
    sign_in = SignIn(door.sessions, Attempts(time.monotonic), Oidc(time.monotonic, {}))
    app = inner_app(NoView(), sign_in=sign_in)
    loop = ServerLoop([OpenDoor(listen_on_path(door.socket, 0o666), app)], time.monotonic)
    loop.start()
    yield door
    loop.stop(5)
    door.control.close()


def told(door, target, shape=None, token=None) -> tuple[int, dict]:
    """Without a token: as a command of the household."""
    headers = {"x-sallim-via": "command"} if token is None else {SESSION_HEADER: token}
    body = None if shape is None else json.dumps(shape).encode()
    answer = ask(door.socket, target, 5.0, body, headers)
    return answer.status, json.loads(answer.body)


def signed_in(door, **wanted) -> str:
    _, made = told(door, "/session/links", wanted)
    status, said = told(door, "/session/use", {"link": made["link"], "device": "Chrome"})
    assert status == 200
    return said["session"]


def test_a_link_becomes_a_session_that_says_who_is_there(door):
    token = signed_in(door)

    status, said = told(door, "/session", token=token)
    assert (status, said["name"], said["role"], said["granted"]) == (200, "owner", "owner", "owner")
    assert said["remembered"] is False
    assert told(door, "/session/remember", {"remember": True}, token)[1]["remembered"] is True
    assert told(door, "/session/used", {}, token) == (200, {})
    assert told(door, "/session/end", {}, token) == (200, {})
    assert told(door, "/session", token=token)[0] == 401


def test_devices_are_listed_without_anything_that_signs_in(door):
    token = signed_in(door)

    _, said = told(door, "/session/devices", token=token)
    [device] = said["devices"]
    assert (device["person"], device["device"], device["this"]) == ("owner", "Chrome", True)
    assert token not in json.dumps(said)
    assert told(door, "/session", token=device["id"])[0] == 401


def test_a_viewer_makes_no_link_and_adds_nobody(door):
    signed_in(door)
    viewer = signed_in(door, name="lee", role="viewer")

    for token in (viewer, "", "slm_stranger"):
        assert told(door, "/session/links", {}, token)[0] == 403
        assert told(door, "/people", None, token)[0] == 403
        assert told(door, "/people", {"name": "lee", "role": "owner"}, token)[0] == 403
    assert told(door, "/session", token=viewer)[1]["role"] == "viewer"


def test_an_owner_may_do_both_from_a_page(door):
    owner = signed_in(door)

    assert told(door, "/people", {"name": "lee", "role": "operator"}, owner)[0] == 200
    assert told(door, "/session/links", {"name": "lee"}, owner)[1]["person"] == "lee"
    status, said = told(door, "/people", {"name": "owner", "remove": True}, owner)
    assert (status, "only owner" in said["error"]) == (422, True)
    assert told(door, "/people", {"name": "nobody", "remove": True}, owner)[0] == 404


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can ask as somebody else")
def test_another_user_of_the_machine_gets_no_link(door):
    for folder in door.socket.parents:
        if folder.is_relative_to(Path(tempfile.gettempdir()) / "pytest-of-root"):
            folder.chmod(0o755)
    words = ["-s", "--unix-socket", str(door.socket), "-d", "{}", "http://agent/session/links"]
    asked = subprocess.run(
        ["curl", *words], cwd="/", user="nobody", check=True, capture_output=True, text=True
    )

    assert "Only an owner may do this" in json.loads(asked.stdout)["error"]


def test_guessing_ends_after_five_and_holds_nobody_else_up(door):
    guess = {"link": "slm_guess", "address": "10.0.0.9"}
    statuses = [told(door, "/session/use", guess)[0] for _ in range(6)]

    assert statuses == [403] * 5 + [429]
    assert signed_in(door)


@pytest.mark.parametrize(
    ("target", "shape"),
    [
        ("/session/use", []),
        ("/session/links", {"days": "7"}),
        ("/session/links", {"days": 365}),
        ("/session/links", {"role": "admin", "name": "kim"}),
        ("/people", {"name": "../x", "role": "viewer"}),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(door, target, shape):
    status, said = told(door, target, shape)

    assert status == 422
    assert len(said["error"]) > 10


def test_whoever_fails_often_shuts_out_nobody_who_has_a_link(door):
    """By a tunnel, and for pages of strangers in one's own browser, all have one address."""
    _, made = told(door, "/session/links", {})
    wrong = {"link": "slm_" + "x" * 43, "address": "127.0.0.1"}

    failed = [told(door, "/session/use", wrong)[0] for _ in range(FAILURES_MAX + 2)]
    status, _ = told(door, "/session/use", {"link": made["link"], "address": "127.0.0.1"})

    assert failed == [403] * FAILURES_MAX + [429] * 2
    assert status == 200
