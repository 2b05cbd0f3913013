"""What the probe says when the hub takes no push: what happened, and what a person can do."""

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from agent.probe.hub import Hub
from agent.probe.troubles import BucketRefused
from models.errors import ConfigError, SourceError, SourceRefused, SourceUnreachable
from tests.agent.intaking import NOW, hub_in
from tests.processes import free_port

pytestmark = pytest.mark.slow

TOKEN = "slm_secret_of_this_test"  # noqa: S105  # no real one


class Answering(BaseHTTPRequestHandler):
    """Answers every POST with the status and body that its server holds."""

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        status, body, headers = self.server.answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        # The probe reads no more than an answer may have, then it hangs up.
        with suppress(ConnectionError):
            self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def served(status=200, body=b"{}", tls=None, **headers) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.answer = (status, body, headers)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.005,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def trouble(url: str, ca_file: str | None = None) -> SourceError:
    with pytest.raises(SourceError) as caught:
        Hub(url, TOKEN, ca_file).push("{}", 2.0)
    assert TOKEN not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (401, SourceRefused, "token create NAME --for push"),
        (403, SourceRefused, "token create NAME --for push"),
        (404, SourceRefused, "has no /push"),
        (409, SourceRefused, "take another name"),
        (426, SourceRefused, "the hub is of another version"),
        (301, SourceRefused, "sends on to https://elsewhere"),
        (422, BucketRefused, "cannot read a push: take another name"),
        (400, SourceRefused, "if it wants TLS, write https://"),
        (413, BucketRefused, "cannot read a push"),
        (429, SourceUnreachable, "cannot take it now"),
        (503, SourceUnreachable, "cannot take it now (503: take another name)"),
        (200, SourceRefused, "is no hub"),
    ],
)
def test_every_answer_that_is_no_has_its_sentence(status, kind, said):
    body = b'{"error": "take another name"}'
    with served(status, body, location="https://elsewhere") as port:
        found = trouble(f"http://127.0.0.1:{port}")

    assert type(found) is kind
    assert said in str(found.reason)


@pytest.mark.parametrize(
    "body", [b"", b"<html>hello</html>", b"[1]", b"[" * 50_000, b"x" * 10_000_000]
)
def test_another_program_at_that_address_is_told_apart(body):
    with served(200, body) as port:
        assert "is no hub" in str(trouble(f"http://127.0.0.1:{port}").reason)


def test_a_proxy_that_takes_no_body_of_that_size_costs_no_bucket():
    with served(413, b"<h1>Request Entity Too Large</h1>") as port:
        found = trouble(f"http://127.0.0.1:{port}")

    assert isinstance(found, SourceRefused)
    assert "if it is a proxy" in str(found.reason)


def test_where_nobody_listens_it_says_so():
    found = trouble(f"http://127.0.0.1:{free_port()}")

    assert isinstance(found, SourceUnreachable)
    assert "server.listen" in str(found.reason)


def test_a_name_that_nobody_knows_is_told():
    assert "is not known here" in str(trouble("http://no-such-host.invalid:9464").reason)


@pytest.mark.parametrize(
    "answer", [b"", b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"]
)
def test_half_an_answer_is_none(answer):
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def once():
            connection, _ = listener.accept()
            with connection:
                connection.recv(100_000)
                connection.sendall(answer)

        thread = threading.Thread(target=once, daemon=True)
        thread.start()
        found = trouble(f"http://127.0.0.1:{listener.getsockname()[1]}")
        thread.join(5)

    assert isinstance(found, SourceUnreachable)
    assert "without an answer" in str(found.reason)


def test_a_hub_that_hangs_is_not_waited_for():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        found = trouble(f"http://127.0.0.1:{listener.getsockname()[1]}")

    assert isinstance(found, SourceUnreachable)
    assert "timed out" in str(found.reason)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A key and a certificate of this machine that nobody signed."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-keyout", str(folder / "key"), "-out", str(folder / "cert")),
            *("-days", "2", "-subj", "/CN=hub", "-addext", "subjectAltName=IP:127.0.0.1"),
        ],
        check=True,
        capture_output=True,
    )
    return folder


def test_a_certificate_that_is_not_trusted_needs_its_authority(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert", certificate / "key")
    taken = b'{"stored": 0, "at": 1.0}'
    with served(200, taken, context) as port:
        url = f"https://127.0.0.1:{port}"
        refused = trouble(url)
        answer = Hub(url, TOKEN, str(certificate / "cert")).push("{}")

    assert isinstance(refused, SourceRefused)
    assert "--ca FILE" in str(refused.reason)
    assert answer.stored == 0


def test_tls_where_there_is_none_and_none_where_there_is(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert", certificate / "key")
    with served(200) as plain:
        assert "write http://" in str(trouble(f"https://127.0.0.1:{plain}").reason)
    with served(200, tls=context) as tls:
        assert "https://" in str(trouble(f"http://127.0.0.1:{tls}").reason)


@pytest.mark.parametrize(
    "url", ["", "10.0.0.1:9464", "ftp://hub", "http://", "http://me:pass@hub", "http://hub:99999"]
)
def test_an_address_that_is_none_is_refused_at_the_start(url):
    with pytest.raises(ConfigError) as refusal:
        Hub(url, TOKEN)

    assert "pass@" not in str(refusal.value)


@pytest.mark.parametrize("token", ["토큰", "a\nb"])
def test_a_token_that_is_none_is_refused_at_the_start_and_not_shown(token):
    with pytest.raises(ConfigError, match="SALLIM_TOKEN") as refusal:
        Hub("http://hub", token)

    assert token not in str(refusal.value)


def test_certificates_that_are_none_are_refused_at_the_start(tmp_path):
    (tmp_path / "ca").write_text("no PEM")
    for path in (tmp_path / "ca", tmp_path / "nowhere"):
        with pytest.raises(ConfigError, match="--ca"):
            Hub("https://hub", TOKEN, str(path))


def test_a_path_before_a_proxy_is_kept(tmp_path):
    with hub_in(tmp_path) as hub:
        refused = trouble(f"http://127.0.0.1:{hub.port}/")
        elsewhere = trouble(f"http://127.0.0.1:{hub.port}/sallim")

    assert "refuses the token" in str(refused.reason)
    assert "/sallim has no /push" in str(elsewhere.reason)
    assert hub.clock() == NOW
