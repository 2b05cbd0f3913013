"""Heartbeats that come in: one line of curl, whose they are, and when they are late."""

import json
import subprocess

import pytest

from data.tokens import create
from tests.agent.intaking import NOW, Clock, hub_in

pytestmark = pytest.mark.slow


def curl(*arguments: str) -> str:
    """The answer to a curl one-liner; fails as the job's script would."""
    done = subprocess.run(
        ["curl", "-fsS", "--noproxy", "*", *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout


def test_a_heartbeat_is_one_line_of_curl(hub, token):
    bearer = f"Authorization: Bearer {token}"
    url = f"http://127.0.0.1:{hub.port}/beat/dump"
    first = curl("-X", "POST", "-H", bearer, f"{url}?every=24h")
    hub.clock.now += 60
    failed = curl("-H", bearer, "-d", "state=fail&message=disk full", url)
    message = curl("-H", bearer, "-d", "412 rows, 3 s", url)
    by_exit_code = curl("-X", "POST", "-H", bearer, f"{url}?exit=1")
    local = curl("-X", "POST", "--unix-socket", str(hub.home.socket), "http://agent/beat/dump")

    told = [json.loads(text) for text in (first, failed, message, by_exit_code, local)]
    assert [each["state"] for each in told] == ["on time", "failed", "on time", "failed", "on time"]
    assert [each["message"] for each in told] == ["", "disk full", "412 rows, 3 s", "", ""]
    assert told[0]["every_seconds"] == 86_400


def test_the_probe_is_one_line_of_curl(hub, token, tmp_path):
    target = tmp_path / "sallim-probe.pyz"
    curl(
        *("-H", f"Authorization: Bearer {token}", "-o", str(target)),
        f"http://127.0.0.1:{hub.port}/probe.pyz",
    )

    assert target.read_bytes() == b"#!the probe"


def test_a_heartbeat_that_nobody_knows_says_how_to_make_it_known(hub, token):
    headers = {"authorization": f"Bearer {token}"}
    unknown = hub.outer.post("/beat/dump", headers=headers)
    strange = hub.outer.post("/beat/du mp?every=1h", headers=headers)
    never = hub.outer.post("/beat/dump?every=soon", headers=headers)

    assert (unknown.status_code, strange.status_code, never.status_code) == (404, 422, 422)
    assert "/beat/dump?every=24h" in unknown.json()["error"]
    assert "15m" in never.json()["error"]


def test_a_heartbeat_belongs_to_the_token_that_first_sent_it(hub, token):
    other = create(hub.home, "other", NOW, ["push"])
    hub.outer.post("/beat/dump?every=1h", headers={"authorization": f"Bearer {token}"})
    refused = hub.outer.post("/beat/dump", headers={"authorization": f"Bearer {other}"})

    assert refused.status_code == 409
    assert "belongs to the token gpu" in refused.json()["error"]
    assert hub.inner.post("/beat/dump").status_code == 200


def test_a_secret_in_a_heartbeat_is_not_kept(hub, token):
    headers = {"authorization": f"Bearer {token}"}
    hub.outer.post("/beat/dump?every=1h", headers=headers, content=b"failed: password=hunter2")

    assert "hunter2" not in hub.inner.get("/machines").text


def test_a_heartbeat_is_late_known_and_late_after_a_restart_too(tmp_path):
    clock = Clock()
    with hub_in(tmp_path, clock) as hub:
        hub.inner.post("/beat/dump?every=1h&grace=10m")
        clock.now += 3600
        on_time = hub.beats.states()[0].state
    with hub_in(tmp_path, clock) as hub:
        clock.now += 601
        [late] = hub.beats.states()
        hub.inner.post("/beat/dump")
        [again] = hub.beats.states()

    assert (on_time, late.state, late.late_seconds, again.state) == (
        "on time",
        "late",
        1,
        "on time",
    )
