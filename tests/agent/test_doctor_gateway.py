"""What the doctor says of the gateway: whether it answers, and its certificate."""

import ssl
import subprocess
import time

import pytest

from agent.checks import Level
from agent.checks.gateway import answering, certificate
from models.settings import Settings
from tests.processes import free_port
from tests.servers.http import Page, pages

pytestmark = pytest.mark.slow
DAY = 86_400


@pytest.fixture
def made(tmp_path):
    """Settings with a certificate that openssl made, and its key."""

    def make(names="IP:127.0.0.1,DNS:localhost", listen="127.0.0.1:4000", days=90, key=""):
        cert, own_key = tmp_path / "gateway.pem", tmp_path / f"{len(names)}.key"
        words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                 "-nodes", "-subj", "/CN=gateway", "-days", str(days), "-keyout", str(own_key),
                 "-out", str(cert)]  # fmt: skip
        if names:
            words += ["-addext", f"subjectAltName={names}"]
        subprocess.run(words, check=True, capture_output=True)
        gateway = {"listen": listen, "tls_cert": str(cert), "tls_key": key or str(own_key)}
        return Settings.model_validate({"gateway": gateway})

    return make


def test_without_tls_there_is_nothing_to_check():
    assert certificate(Settings(), time.time()) == []


def test_a_good_one_says_how_long_it_lasts(made):
    [found] = certificate(made(), time.time())

    assert found.level is Level.OK
    assert "in 89 days" in str(found.text)


@pytest.mark.parametrize(
    ("later", "said"), [(80 * DAY, "in 9 days; renew it"), (91 * DAY, "so callers refuse it"),
                        (-DAY, "look at the clock")]
)  # fmt: skip
def test_one_that_ends_soon_or_does_not_hold_is_a_problem(made, later, said):
    found, *_ = certificate(made(), time.time() + later)

    assert found.level is Level.PROBLEM
    assert said in str(found.text)


def test_the_key_of_another_one_is_a_problem(made, tmp_path):
    made(names="DNS:other")
    settings = made(key=str(tmp_path / f"{len('DNS:other')}.key"))
    [found] = certificate(settings, time.time())

    assert found.level is Level.PROBLEM
    assert "TLS cannot be spoken" in str(found.text)


def test_a_file_that_cannot_be_read_is_a_problem(made):
    settings = made(key="/nowhere/gateway.key")
    [found] = certificate(settings, time.time())

    assert found.level is Level.PROBLEM
    assert "/nowhere/gateway.key" in str(found.text)


def test_an_address_that_it_does_not_name_is_told(made):
    settings = made(names="DNS:gateway.example", listen="10.0.0.5:4000")
    _lasts, found = certificate(settings, time.time())

    assert found.level is Level.ABSENT
    assert str(found.text).startswith("10.0.0.5 is none of its names (gateway.example)")
    # At all addresses, which of them callers use is not known.
    assert len(certificate(made(listen="0.0.0.0:4000"), time.time())) == 1


def test_one_without_a_name_is_a_problem(made):
    _lasts, found = certificate(made(names=""), time.time())

    assert found.level is Level.PROBLEM
    assert "subjectAltName" in str(found.text)


def at(port, **more):
    return Settings.model_validate({"gateway": {"listen": f"127.0.0.1:{port}", **more}})


def test_one_that_is_wanted_and_not_there_is_named():
    port = free_port()
    [found] = answering(at(port, enabled=True))

    assert found.level is Level.ABSENT
    assert f"nobody answers at http://127.0.0.1:{port}; start it with `make run`" in str(found.text)
    assert answering(at(port)) == []


@pytest.mark.parametrize(
    ("status", "said", "level"),
    [
        (200, b'{"status": "ok"}', Level.OK),
        (503, b'{"status": "ledger_unavailable"}', Level.PROBLEM),
        (200, b"hello", Level.PROBLEM),
    ],
)
def test_what_answers_says_how_it_is(status, said, level):
    with pages({"/health": Page(said, status)}) as server:
        [found] = answering(at(server.port, enabled=True))

    assert found.level is level


def test_with_tls_it_is_asked_by_its_own_certificate(made):
    gateway = made().gateway
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(gateway.tls_cert, gateway.tls_key)
    with pages({"/health": Page(b'{"status": "ok"}')}, server) as there:
        [found] = answering(at(there.port, tls_cert=gateway.tls_cert, tls_key=gateway.tls_key))

    assert str(found.text) == f"answers at https://127.0.0.1:{there.port}"
