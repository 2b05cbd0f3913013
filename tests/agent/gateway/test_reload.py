"""New settings without a restart, the last good ones where they are bad, and TLS."""

import json
import socket
import threading
import time
from contextlib import suppress

import httpx
import pytest

from agent.__main__ import main
from sallim import guard
from sallim.guard.spending import close_all
from tests.house import CHAT
from tests.processes import until
from tests.servers.http import own_certificate

pytestmark = pytest.mark.slow

IN_FORCE, NOT_TAKEN = "new settings are in force", "nothing of the settings was taken over"
OTHER = '[[upstream]]\nname = "other"\nprovider = "openai"\nurl = "{url}/openai"\nkey = "{key}"\n'
LONG = json.dumps({**CHAT, "user": "x" * 1_000_000}).encode()


def post_long(house) -> int:
    return house.post(content=LONG, headers={"Content-Type": "application/json"}).status_code


def test_limits_and_providers_are_taken_over(closed_house):
    house = closed_house
    house.settings = "body_max_mb = 1\n"
    house.started()
    assert (post_long(house), house.post("/other/v1/chat/completions").status_code) == (413, 404)

    house.settings = OTHER.format(url=house.upstream.url, key="OPENAI_KEY_HERE")
    house.write_settings()
    house.hang_up(IN_FORCE)

    assert (post_long(house), house.post("/other/v1/chat/completions").status_code) == (200, 200)
    house.equals_the_bill(2)


def test_a_key_that_was_changed_in_its_file_is_read_anew(closed_house, monkeypatch):
    house, file = closed_house, closed_house.folder / "key"
    file.write_text("sk-first-0123456789")
    file.chmod(0o600)
    monkeypatch.setenv("ROTATED_FILE", str(file))
    house.settings = OTHER.format(url=house.upstream.url, key="ROTATED")
    house.started()
    house.post("/other/v1/chat/completions")
    file.write_text("sk-second-0123456789")
    house.hang_up(IN_FORCE)
    house.post("/other/v1/chat/completions")

    shown = [headers["authorization"] for _, _, headers, _ in house.upstream.requests]
    assert shown == ["Bearer sk-first-0123456789", "Bearer sk-second-0123456789"]
    assert "sk-" not in house.log.read_text()


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("body_max_mb = 0\n", "gateway.body_max_mb is 0"),
        ("body_max = 5\n", "gateway.body_max"),
        ("[[upstream]\n", "line"),
        (OTHER.format(url="http://127.0.0.1:1", key="NOBODY_SET_IT"), "NOBODY_SET_IT"),
    ],
)
def test_bad_settings_leave_the_last_good_ones_in_force_and_are_told(closed_house, bad, says):
    house = closed_house
    house.settings = "body_max_mb = 1\n"
    house.started()
    house.settings = bad
    house.write_settings()
    told = house.hang_up(NOT_TAKEN)

    assert says in told.partition(NOT_TAKEN)[2]
    assert (house.post().status_code, post_long(house)) == (200, 413)
    house.settings = "body_max_mb = 2\n"
    house.write_settings()
    house.hang_up(IN_FORCE)
    assert post_long(house) == 200


def test_where_it_listens_stays_until_the_next_start_and_that_is_told(house):
    port, house.port = house.port, house.port + 1
    house.settings = 'also_listen = ["127.0.0.1:1025"]\n'
    house.write_settings()
    told = house.hang_up(IN_FORCE)

    assert "listen, also_listen of [gateway] holds from the next start of the gateway on" in told
    house.port = port
    assert house.post().status_code == 200


def test_what_is_on_its_way_ends_as_it_began(house):
    house.upstream.pace_seconds = 0.05
    said = []
    thread = threading.Thread(target=lambda: said.append(house.post(json={**CHAT, "stream": True})))
    thread.start()
    until(lambda: house.upstream.requests)
    house.hang_up(IN_FORCE)
    thread.join()

    assert said[0].text.endswith("data: [DONE]\n\n")
    house.equals_the_bill(1)


def test_the_command_that_tells_the_agent_tells_the_gateway(house, capsys, monkeypatch):
    monkeypatch.setenv("SALLIM_CONFIG", str(house.home.path / "sallim.toml"))
    main(["reload", "--home", str(house.home.path)])
    until(lambda: IN_FORCE in house.log.read_text())

    assert f"The gateway, process {house.gateways[0].pid}, takes" in capsys.readouterr().out
    house.gateways[0].kill()
    house.gateways[0].wait()
    main(["reload", "--home", str(house.home.path)])
    assert "The gateway" not in capsys.readouterr().out


@pytest.fixture
def tls_house(closed_house):
    house = closed_house
    house.certificate, key = own_certificate(house.folder)
    house.settings = f'tls_cert = "{house.certificate}"\ntls_key = "{key}"\n'
    house.url = house.url.replace("http:", "https:")
    house.started()
    return house


def test_with_a_certificate_it_speaks_tls_and_nothing_else(tls_house):
    house = tls_house
    assert house.post().status_code == 200
    streamed = house.post(json={**CHAT, "stream": True})

    assert streamed.text.endswith("data: [DONE]\n\n")
    house.equals_the_bill(2)
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"http://{house.host}:{house.port}/health", trust_env=False)


def test_who_connects_and_begins_no_tls_is_left(tls_house):
    with socket.create_connection((tls_house.host, tls_house.port), timeout=15) as link:
        began = time.monotonic()
        assert link.recv(1) == b""

    assert time.monotonic() - began < 12
    assert tls_house.post().status_code == 200


def test_guards_elsewhere_reserve_over_tls(tls_house, monkeypatch):
    house = tls_house
    monkeypatch.setenv("SALLIM_URL", house.url)
    monkeypatch.setenv("SALLIM_TOKEN", house.made("gpu-1"))
    monkeypatch.setenv("SSL_CERT_FILE", house.certificate)
    url = f"{house.upstream.url}/openai/v1/chat/completions"
    with guard(base_urls=house.upstream.base_urls) as client:
        assert client.post(url, json=CHAT).status_code == 200
    close_all()

    house.equals_the_bill(1)


def test_a_renewed_certificate_is_shown_from_the_next_connection_on(tls_house):
    house = tls_house
    own_certificate(house.folder)
    with suppress(httpx.ConnectError):
        house.post()
        pytest.fail("the old certificate fits the new one")
    house.hang_up(IN_FORCE)

    assert house.post().status_code == 200


def test_a_certificate_that_is_none_changes_nothing(tls_house):
    house = tls_house
    kept = (house.folder / "self.pem").read_bytes()
    (house.folder / "self.pem").write_text("no certificate")
    told = house.hang_up(NOT_TAKEN)
    (house.folder / "self.pem").write_bytes(kept)

    assert "tls_cert" in told.partition(NOT_TAKEN)[2]
    assert house.post().status_code == 200


@pytest.mark.parametrize("wrong", ["missing", "locked", "foreign"])
def test_without_a_certificate_that_works_it_does_not_start(closed_house, wrong):
    house = closed_house
    encrypted = ("-passout", "pass:secret") if wrong == "locked" else ()
    certificate, key = own_certificate(house.folder, *encrypted)
    if wrong == "foreign":
        (house.folder / "else").mkdir()
        key = own_certificate(house.folder / "else")[1]
    if wrong == "missing":
        key = f"{key}.gone"
    house.settings = f'tls_cert = "{certificate}"\ntls_key = "{key}"\n'
    began = time.monotonic()

    assert house.start().wait(30) == 6
    assert time.monotonic() - began < 25
    told = house.log.read_text()
    assert f"tls_key = {key}" in told
    assert "without a passphrase" in told
