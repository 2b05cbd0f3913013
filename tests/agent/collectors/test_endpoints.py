"""Endpoints against real sockets on 127.0.0.1, well-behaved and not."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from agent.collectors.endpoints import EndpointCollector
from agent.net.dialing import Dialer
from models.errors import SourceRefused
from models.settings.endpoint import Endpoint
from tests.servers import http as servers
from tests.servers.http import DAY_SECONDS, Authority, Page, pages, serving

pytestmark = pytest.mark.slow

NOW = float(int(time.time()))
"""The real one: the TLS library judges certificates by a clock of its own."""


def endpoint(url, **keys):
    return EndpointCollector(Endpoint(url=url, timeout_seconds=0.8, **keys), lambda: NOW)


def problem_of(collector) -> str:
    collector.collect(0.0)
    return " ".join(str(message) for message in collector.left_out.values())


def value_of(readings, name, **labels):
    [value] = [
        reading.value
        for reading in readings
        if reading.name == name and labels.items() <= dict(reading.labels).items()
    ]
    return value


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


def test_an_endpoint_that_answers_is_up_with_its_times():
    with pages({"/": Page(b"welcome")}) as server:
        readings = endpoint(server.url, expect_text="welcome").collect(0.0)

    assert value_of(readings, "http.check.up") == 1.0
    steps = ("resolve", "connect", "first_byte", "total")
    times = [value_of(readings, "http.check.duration", step=step) for step in steps]
    assert all(seconds > 0 for seconds in times)
    assert times[-1] >= times[1] + times[2]


@pytest.mark.parametrize(
    ("behaviour", "sentence"),
    [
        (servers.hanging, "accepts the connection, but does not answer within 0.8 s"),
        (servers.closing, "closes the connection without an answer"),
        (servers.resetting, "closes the connection without an answer"),
        (servers.half_closed, "answers 200 and closes the connection in the middle"),
        (servers.trickling, "answers 200, but its page does not end within 0.8 s"),
        (servers.trickling_headers, "does not answer within 0.8 s"),
        (servers.garbage, "answers something that is not HTTP"),
    ],
)
def test_a_server_that_misbehaves_is_a_result_with_its_sentence(behaviour, sentence):
    with serving(behaviour) as server:
        assert sentence in problem_of(endpoint(server.url))


def test_of_ten_megabytes_only_the_beginning_is_read():
    with serving(servers.garbage_page) as server:
        collector = endpoint(server.url)
        readings = collector.collect(0.0)

    assert value_of(readings, "http.check.success") == 1.0


def test_a_port_where_nobody_listens_says_so():
    with servers.refused() as server:
        assert "refuses the connection: no program listens there" in problem_of(
            endpoint(server.url)
        )


def test_down_is_a_result_and_never_an_error():
    with servers.refused() as server:
        collector = endpoint(server.url)
        up = [value_of(collector.collect(0.0), "http.check.up") for _ in range(4)]

    assert up == [None, None, 0.0, 0.0]


def test_an_endpoint_that_comes_back_is_up_after_two_successes():
    with pages({"/": Page(status=500)}) as server:
        collector = endpoint(server.url)
        for _ in range(3):
            collector.collect(0.0)
        server.pages["/"] = Page()
        up = [value_of(collector.collect(0.0), "http.check.up") for _ in range(2)]

    assert up == [0.0, 1.0]
    assert collector.left_out == {}


def test_wrong_credentials_and_missing_pages_are_told_by_their_status():
    with pages({"/": Page(bearer="x")}) as server:
        assert "answered 401 instead of 200 to 399" in problem_of(endpoint(server.url))
        assert "answered 404" in problem_of(endpoint(f"{server.url}/gone"))


def test_a_redirect_is_an_answer_and_is_not_followed():
    there = Page(status=302, headers={"Location": "/there?token=abcdef"})
    with pages({"/": there, "/there": Page()}) as server:
        assert problem_of(endpoint(server.url)) == ""
        told = problem_of(endpoint(server.url, expect_status=200))
        asked = [path for path, _ in server.requests]

    assert "points to /there?token=[redacted]" in told
    assert asked == ["/", "/"]


def test_the_request_carries_its_host_and_no_credentials():
    with pages({"/": Page()}) as server:
        endpoint(f"http://localhost:{server.port}").collect(0.0)
        [(_, headers)] = server.requests

    assert headers["Host"] == f"localhost:{server.port}"
    assert not {"Authorization", "Cookie"} & headers.keys()


def test_proxies_of_the_environment_are_not_used(monkeypatch):
    with servers.refused() as nobody, pages({"/": Page()}) as server:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, nobody.url)

        assert problem_of(endpoint(server.url)) == ""


def test_a_clock_that_is_a_day_ahead_changes_nothing():
    with pages({"/": Page(clock_offset_seconds=DAY_SECONDS)}) as server:
        assert problem_of(endpoint(server.url)) == ""


def test_a_name_that_is_not_there_is_a_result():
    told = problem_of(endpoint("http://nobody.invalid/"))

    assert "the name nobody.invalid cannot be resolved" in told or "was not resolved" in told


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1", "localhost", "127.0.0.1"])
def test_what_is_private_is_refused_where_that_is_not_meant(host):
    with pages({"/": Page()}) as server:
        collector = endpoint(f"http://{host}:{server.port}", allow_private=False)
        with pytest.raises(SourceRefused, match="allow_private = true"):
            collector.collect(0.0)
        connections = server.connections

    assert connections == 0


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "[::ffff:169.254.169.254]", "2852039166", "[fd00:ec2::254]"]
)
def test_metadata_is_never_asked(host):
    with pytest.raises(SourceRefused, match="is never asked"):
        endpoint(f"http://{host}/latest/meta-data").collect(0.0)


def test_a_name_that_comes_to_mean_what_is_forbidden_is_not_up_any_more():
    with pages({"/": Page()}) as server:
        settings = Endpoint(url=f"http://rebind.example:{server.port}/")
        dialer = Dialer(resolver=_Changing(["127.0.0.1"], ["127.0.0.1", "169.254.169.254"]))
        collector = EndpointCollector(settings, lambda: NOW, dialer)
        collector.collect(0.0)
        with pytest.raises(SourceRefused, match="is never asked"):
            collector.collect(10.0)

    assert collector.details()["up"] is None
    assert len(server.requests) == 1


def test_the_connection_goes_to_the_address_that_was_judged():
    """A name that means something else when it is asked again is not asked again."""
    with pages({"/": Page()}) as server:
        resolver = _Changing(["127.0.0.1"], ["169.254.169.254"])
        settings = Endpoint(url=f"http://rebind.example:{server.port}/")
        EndpointCollector(settings, lambda: NOW, Dialer(resolver=resolver)).collect(0.0)
        [(_, headers)] = server.requests

    assert headers["Host"] == f"rebind.example:{server.port}"
    assert resolver.asked == 1


class _Changing:
    """A resolver whose answer changes with every question."""

    def __init__(self, *answers):
        self._answers = answers
        self.asked = 0

    def addresses(self, host, deadline):
        self.asked += 1
        return self._answers[self.asked - 1]


class _Silent:
    def __init__(self):
        self.release = threading.Event()

    def __call__(self, *question, **flags):
        if flags.get("flags"):
            raise OSError("no number")
        self.release.wait(30)
        return []


def test_a_resolver_that_hangs_costs_one_thread_and_its_time(monkeypatch):
    silent = _Silent()
    monkeypatch.setattr("socket.getaddrinfo", silent)
    collector = endpoint("http://slow.example/")
    try:
        told = [problem_of(collector) for _ in range(3)]
        names = [thread.name for thread in threading.enumerate()]
    finally:
        silent.release.set()

    assert all("was not resolved within 0.8 s" in sentence for sentence in told)
    assert names.count("resolve-slow.example") == 1


def test_a_port_is_checked_without_a_word():
    with serving(servers.hanging) as server:
        collector = endpoint(f"tcp://127.0.0.1:{server.port}")
        readings = collector.collect(0.0)
    with servers.refused() as nobody:
        told = problem_of(endpoint(f"tcp://127.0.0.1:{nobody.port}"))

    assert value_of(readings, "http.check.success") == 1.0
    assert "refuses the connection" in told


@pytest.mark.parametrize("scheme", ["https", "tls"])
def test_days_of_the_certificate_come_with_the_same_handshake(authority, scheme):
    ends_at = datetime.fromtimestamp(NOW, UTC) + timedelta(days=20, hours=1)
    with pages({"/": Page()}, authority.context(ends_at=ends_at)) as server:
        url = f"{scheme}://127.0.0.1:{server.port}"
        collector = endpoint(url, ca_file=authority.file)
        readings = collector.collect(0.0)

    assert collector.details()["certificate_days"] == 20
    assert value_of(readings, "tls.certificate.remaining") == 20 * DAY_SECONDS + 3600
    assert value_of(readings, "http.check.duration", step="tls") > 0


def test_a_certificate_that_ends_soon_is_a_problem_while_the_endpoint_is_up(authority):
    ends_at = datetime.fromtimestamp(NOW, UTC) + timedelta(days=3)
    with pages({"/": Page()}, authority.context(ends_at=ends_at)) as server:
        collector = endpoint(server.url, ca_file=authority.file)
        told = problem_of(collector)

    assert "the certificate ends in 3 days" in told
    assert collector.details()["up"] is True


def test_a_certificate_of_an_unknown_authority_is_told_apart(authority):
    with pages({"/": Page()}, authority.context()) as server:
        assert "an authority that this machine does not know" in problem_of(endpoint(server.url))


def test_a_certificate_for_another_name_is_told_apart(authority):
    with pages({"/": Page()}, authority.context("other.example")) as server:
        collector = endpoint(server.url, ca_file=authority.file)

        assert "is for another name" in problem_of(collector)


@pytest.mark.parametrize(
    ("days", "sentence"), [((-30, -1), "has expired"), ((1, 30), "is not valid yet")]
)
def test_a_certificate_out_of_its_time_is_told_apart(authority, days, sentence):
    now = datetime.now(UTC)
    starts_at, ends_at = (now + timedelta(days=day) for day in days)
    context = authority.context(starts_at=starts_at, ends_at=ends_at)
    with pages({"/": Page()}, context) as server:
        assert sentence in problem_of(endpoint(server.url, ca_file=authority.file))


def test_a_certificate_that_signs_itself_is_told_apart(tmp_path):
    with pages({"/": Page()}, servers.self_signed(tmp_path)) as server:
        assert "is signed by itself" in problem_of(endpoint(server.url))


def test_plain_http_behind_https_is_no_tls():
    with pages({"/": Page()}) as server:
        told = problem_of(endpoint(f"https://127.0.0.1:{server.port}"))

    assert "speaks no TLS" in told


def test_a_handshake_that_hangs_is_told_apart(authority):
    with serving(servers.hanging) as server:
        told = problem_of(endpoint(f"tls://127.0.0.1:{server.port}"))

    assert "did not finish the TLS handshake within 0.8 s" in told


def test_an_authority_that_cannot_be_read_needs_a_person():
    with serving(servers.hanging) as server:
        collector = endpoint(f"tls://127.0.0.1:{server.port}", ca_file="/nowhere/ca.pem")
        with pytest.raises(SourceRefused, match=r"/nowhere/ca\.pem cannot be used"):
            collector.collect(0.0)


def test_one_that_hangs_delays_no_other():
    with serving(servers.hanging) as slow, pages({"/": Page()}) as quick:
        hanging = endpoint(slow.url)
        thread = threading.Thread(target=hanging.collect, args=(0.0,))
        thread.start()
        readings = endpoint(quick.url).collect(0.0)
        was_hanging = thread.is_alive()
        thread.join()

    assert was_hanging
    assert value_of(readings, "http.check.success") == 1.0


def test_the_snapshot_tells_the_last_results_and_hides_secrets():
    with pages({"/": Page(status=500)}) as server:
        collector = endpoint(f"{server.url}/?key=abcdefgh")
        for _ in range(25):
            collector.collect(0.0)
        told = collector.details()

    assert told["url"].endswith("/?key=[redacted]")
    assert (told["up"], told["since_at"], told["status"]) == (False, NOW, 404)
    assert len(told["results"]) == 20
    assert told["problem"]["values"]["status"] == 404


def test_nothing_is_left_open():
    before = threading.active_count()
    with serving(servers.half_closed) as server:
        for _ in range(5):
            endpoint(server.url).collect(0.0)
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.02)

    assert threading.active_count() == before
