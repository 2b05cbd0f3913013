"""The gateway as a process: killed, ended, started again, locked out, alone in its network."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing

import httpx
import pytest

from tests.agent.gateway.house import GatewayHouse
from tests.disks import fill, remount, small_disk_at
from tests.house import CHAT
from tests.namespaces import two_networks
from tests.processes import ROOT, stop, until
from tests.sallim.money import EXCHANGE, WON
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


def full(house, disk):
    return fill(disk).unlink


def read_only(house, disk):
    """What is open for writing cannot become so: the gateway starts upon it."""

    def started_upon(how):
        house.accounts.close()
        stop(house.gateways[-1])
        remount(disk, how)
        house.started()

    started_upon("ro")
    return lambda: started_upon("rw")


@pytest.mark.parametrize("trouble", [full, read_only])
def test_while_the_ledger_cannot_be_written_only_essential_calls_go_on(tmp_path, upstream, trouble):
    with small_disk_at(tmp_path / "home" / "ledger") as disk:
        house = GatewayHouse(tmp_path, upstream)
        house.started()
        try:
            essential = house.made("pager", priority="essential")
            assert house.post().status_code == 200
            ends = trouble(house, disk)
            assert house.post().json()["error"]["code"] == "ledger_unavailable"
            said = house.post(token=essential, json={**CHAT, "max_completion_tokens": 64})
            assert said.status_code == 200
            ends()
            assert house.post().status_code == 200
            rows = house.ends(3)
            # Who starts upon a ledger that it cannot read takes the rate that came along.
            assert sum(row.fx_id == EXCHANGE.fx_id for row in rows) >= 2
            assert [row.nano_usd for row in rows] == [each.nano_usd for each in upstream.bill]
            assert house.used == (sum(row.gross_micro for row in rows), 0, 0)
        finally:
            house.end()


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
    with two_networks() as networks, Upstream() as upstream:
        house = GatewayHouse(tmp_path, upstream, networks.hub_address, networks.in_hub)
        house.reach_upstream_from(networks.hub, networks.guest)
        try:
            house.started()
            curl = (*networks.in_guest, "curl", "-s", "--max-time", "5")
            spend_from_both(house, curl)
        finally:
            house.end()


def spend_from_both(house, curl):
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
    # It takes a while to begin, and by then the others might have spent everything.
    until(lambda: any(row.key_label == "gpu-1" for row in house.rows), 60)
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
