"""The gateway as a process: killed, ended, started again, locked out, alone in its network."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, contextmanager

import httpx
import pytest

from tests.agent.gateway.house import CHAT, House
from tests.processes import ROOT, stop, until
from tests.sallim.money import WON
from tests.standins.upstream import Upstream

pytestmark = pytest.mark.slow

SPEND = """
import json, os, sys
from sallim import guard
url, count = sys.argv[1], int(sys.argv[2])
chat = json.loads(sys.argv[3])
with guard(base_urls={url + "/openai": "openai"}, trust_env=False) as client:
    said = [client.post(url + "/openai/v1/chat/completions", json=chat) for _ in range(count)]
print(json.dumps([each.status_code for each in said]))
"""


def broken_off(house, body=CHAT):
    with pytest.raises(httpx.HTTPError):
        house.post(json=body)


def test_killed_between_reserve_and_settle_it_leaves_what_was_reserved(house):
    house.upstream.faults = ["hang"]
    thread = threading.Thread(target=broken_off, args=(house,))
    thread.start()
    until(lambda: house.upstream.requests)
    house.gateways[0].kill()
    house.gateways[0].wait()
    thread.join()

    row = house.row
    assert row.state == "open"
    assert house.used == (0, row.worst_micro, 0)
    assert house.accounts.expire(row.expires_us + 1)[0].state == "unverified"
    assert house.used == (0, 0, row.worst_micro)


def test_started_again_it_goes_on_where_it_was(house):
    assert house.post().status_code == 200
    house.gateways[0].kill()
    house.gateways[0].wait()
    house.started()
    with house.openai() as sdk:
        sdk.chat.completions.create(**CHAT)

    house.equals_the_bill(2)


def test_told_to_end_it_finishes_what_is_on_its_way(house):
    house.upstream.pace_seconds = 1.0
    said = []
    thread = threading.Thread(target=lambda: said.append(house.post()))
    thread.start()
    until(lambda: house.upstream.requests)
    assert stop(house.gateways[0]) == 0
    thread.join()

    assert said[0].status_code == 200
    house.equals_the_bill(1)


def test_told_to_end_in_a_stream_that_lasts_it_leaves_it_as_estimated(house):
    house.upstream.pace_seconds = 60
    thread = threading.Thread(target=broken_off, args=(house, {**CHAT, "stream": True}))
    thread.start()
    until(lambda: house.upstream.requests)
    until(lambda: house.rows)
    house.gateways[0].send_signal(signal.SIGTERM)
    house.gateways[0].wait(30)
    thread.join()

    assert (house.row.state, house.row.source) == ("settled", "estimated")


def test_while_the_ledger_is_locked_only_essential_calls_go_on(house):
    essential = house.made("pager", priority="essential")
    assert house.post().status_code == 200
    with closing(sqlite3.connect(house.home.ledger, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        closed = house.post()
        went_on = house.post(token=essential, json={**CHAT, "max_completion_tokens": 64})
        other.execute("ROLLBACK")

    error = closed.json()["error"]
    assert (closed.status_code, error["code"]) == (402, "ledger_unavailable")
    assert went_on.status_code == 200
    # The next call brings what the spool holds into the ledger.
    assert house.post().status_code == 200
    house.equals_the_bill(3)


def test_a_ledger_that_is_no_ledger_is_told_by_health(house):
    house.home.ledger.write_bytes(b"this is no database" * 1_000)
    for ending in ("-wal", "-shm"):
        house.home.ledger.with_name(f"ledger.sqlite3{ending}").unlink(missing_ok=True)
    house.gateways[0].kill()
    house.gateways[0].wait()
    house.started()

    assert house.post().status_code == 402
    said = httpx.get(f"{house.url}/health", trust_env=False)
    assert (said.status_code, said.json()["status"]) == (503, "ledger_unavailable")
    assert house.upstream.requests == []


def ended(house, **extra):
    process = house.start() if not extra else None
    if process is None:
        text = extra["settings"]
        (house.home.path / "sallim.toml").write_text(text)
        environ = {**house.environ(), **extra.get("environ", {})}
        with house.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "agent", "gateway"],
                cwd=ROOT, env=environ, stdout=log, stderr=log,
            )  # fmt: skip
        house.gateways.append(process)
    return process.wait(30), house.log.read_text()


def test_a_port_that_is_taken_is_told_with_what_to_do(house):
    code, told = ended(house)

    assert code == 6
    assert f"cannot listen on {house.host}:{house.port}" in told


def test_without_any_key_it_says_so(closed_house):
    gone = {name: "" for name in os.environ if name.endswith("_API_KEY")}
    listen = f'[gateway]\nlisten = "127.0.0.1:{closed_house.port}"\n'
    code, told = ended(closed_house, settings=listen, environ=gone)

    assert code == 1
    assert "no provider has a key yet" in told


def test_a_key_that_is_no_key_is_refused_without_showing_it(closed_house):
    keys = {"OPENAI_API_KEY": "비밀-열쇠-0123456789"}
    code, told = ended(closed_house, settings="", environ=keys)

    assert code == 6
    assert "OPENAI_API_KEY" in told
    assert "비밀" not in told


def test_two_networks_live_under_one_cap(tmp_path):
    """A rented machine reserves over the gateway; a container calls by way of it."""
    with namespaces(tmp_path) as (inside, outside), Upstream() as upstream:
        # The upstream is reached from both as each would reach the internet.
        enter = ("ip", "netns", "exec", outside)
        house = House(tmp_path, upstream, host="10.231.78.1", before=enter)
        house.gateways += [*relay_to(house, outside), *relay_to(house, inside)]
        try:
            process = house.start()
            curl = ("ip", "netns", "exec", inside, "curl", "-s", "--max-time", "5")
            until(
                lambda: (
                    process.poll() is not None
                    or subprocess.run([*curl, f"{house.url}/health"], check=False).returncode == 0
                )
            )
            assert process.poll() is None, house.log.read_text()
            spend_from_both(house, inside, curl)
        finally:
            house.end()


def spend_from_both(house, inside, curl):
    assert call_by_curl(house, curl) == 200
    most = 20 * house.row.gross_micro + house.row.worst_micro
    house.cap(most / WON / 0.95)
    environ = {
        **os.environ,
        "SALLIM_URL": house.url,
        "SALLIM_TOKEN": house.made("gpu-1"),
        "PYTHONPATH": str(ROOT),
    }
    command = [*curl[:4], sys.executable, "-c", SPEND, house.upstream.url, "30", chat_text()]
    elsewhere = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)
    said = [call_by_curl(house, curl) for _ in range(30)]
    codes = [int(each) for each in elsewhere.communicate(timeout=60)[0].strip("[]\n").split(",")]

    assert set(said + codes) <= {200, 402}
    assert 402 in said
    assert 402 in codes
    settled, reserved, unverified = house.used
    assert reserved == unverified == 0
    assert settled == house.upstream.bill_micro() <= most
    assert {row.key_label for row in house.rows} == {"laptop", "gpu-1"}


def call_by_curl(house, curl) -> int:
    head = ("-H", f"Authorization: Bearer {house.token}", "-H", "Content-Type: application/json")
    show = ("-o", "/dev/null", "-w", "%{http_code}")
    url = f"{house.url}/w/container/v1/chat/completions"
    done = subprocess.run(
        [*curl, *head, *show, "-d", chat_text(), url], check=True, capture_output=True, text=True
    )
    return int(done.stdout)


def chat_text() -> str:
    return json.dumps({**CHAT, "max_completion_tokens": 64})


def relay_to(house, namespace) -> list[subprocess.Popen]:
    """In a namespace, the upstream at the address that it has outside: over a Unix socket."""
    path, port = f"{house.folder}/{namespace}.sock", str(house.upstream.port)
    program = [sys.executable, str(ROOT / "tests/agent/gateway/piping.py")]
    near = subprocess.Popen([*program, "unix", path, port])
    until(lambda: os.path.exists(path))  # noqa: PTH110
    enter = ["ip", "netns", "exec", namespace]
    return [near, subprocess.Popen([*enter, *program, "tcp", path, port])]


@contextmanager
def namespaces(tmp_path):
    inside = f"sallim-g{tmp_path.stat().st_ino % 10_000}"
    outside = inside.replace("-g", "-w")
    try:
        run("ip", "netns", "add", inside)
        run("ip", "netns", "add", outside)
        pair = ("type", "veth", "peer", "name", "hub1", "netns", outside)
        run("ip", "-n", inside, "link", "add", "guest1", *pair)
        for name, link, address in (
            (inside, "guest1", "10.231.78.2/30"),
            (outside, "hub1", "10.231.78.1/30"),
        ):
            run("ip", "-n", name, "address", "add", address, "dev", link)
            run("ip", "-n", name, "link", "set", link, "up")
            run("ip", "-n", name, "link", "set", "lo", "up")
        yield inside, outside
    finally:
        for name in (inside, outside):
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=20)
