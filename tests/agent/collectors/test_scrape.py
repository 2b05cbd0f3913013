"""Exporters over real sockets on 127.0.0.1, well-behaved and not."""

import gzip
from pathlib import Path

import pytest

from agent.collectors.scrape import ScrapeCollector
from models.errors import SourceRefused, SourceUnreachable
from models.settings.scrape import Scrape
from tests.servers import http as servers
from tests.servers.http import DAY_SECONDS, Authority, Page, pages, serving

pytestmark = pytest.mark.slow

PAYLOADS = Path(__file__).parents[2] / "payloads" / "exporters"
TGI = (PAYLOADS / "tgi.txt").read_bytes()
KEY = "slm_1234567890abcdef"


def scrape(url, environ=None, **keys):
    settings = Scrape(name="gpu-1", url=f"{url}/metrics", timeout_seconds=0.8, **keys)
    return ScrapeCollector(settings, environ or {})


def value_of(readings, name):
    [value] = [reading.value for reading in readings if reading.name == name]
    return value


def test_an_exporter_that_is_known_needs_neither_preset_nor_prefixes():
    with pages({"/metrics": Page(TGI)}) as server:
        collector = scrape(server.url)
        readings = collector.collect(0.0)
        told = collector.details()

    assert value_of(readings, "tgi_queue_size") == 4.0
    assert (told["exporter"], told["samples"], told["malformed"]) == ("tgi", 17, 0)


def test_it_asks_for_text_and_for_nothing_packed():
    with pages({"/metrics": Page(TGI)}) as server:
        scrape(server.url).collect(0.0)
        [(_, headers)] = server.requests

    assert headers["Accept"] == (
        "text/plain;version=0.0.4, application/openmetrics-text;version=1.0.0;q=0.5"
    )
    assert headers["Accept-Encoding"] == "identity"
    assert "Authorization" not in headers


def test_the_connection_stays_open_between_two_scrapes():
    with pages({"/metrics": Page(TGI)}) as server:
        collector = scrape(server.url)
        for moment in range(5):
            collector.collect(15.0 * moment)
        connections = server.connections

    assert connections == 1


def test_a_connection_that_the_server_closed_in_between_is_opened_anew():
    def answers_once(link):
        servers.request_of(link)
        link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(TGI), TGI))

    with serving(answers_once) as server:
        collector = scrape(server.url)
        values = [value_of(collector.collect(15.0 * n), "tgi_queue_size") for n in range(3)]
        connections = server.connections

    assert values == [4.0, 4.0, 4.0]
    assert connections == 3


def test_an_exporter_that_is_started_anew_in_between_is_scraped_again():
    with pages({"/metrics": Page(TGI)}) as server:
        collector = scrape(server.url)
        collector.collect(0.0)
    with pytest.raises(SourceUnreachable, match="refuses the connection"):
        collector.collect(15.0)
    with pages({"/metrics": Page(TGI)}, port=server.port):
        readings = collector.collect(30.0)

    assert value_of(readings, "tgi_queue_size") == 4.0


@pytest.mark.parametrize(
    ("behaviour", "kind", "sentence"),
    [
        (servers.hanging, SourceUnreachable, "no whole answer within 0.8 s"),
        (servers.trickling, SourceUnreachable, "no whole answer within 0.8 s"),
        (servers.trickling_headers, SourceUnreachable, "no whole answer within 0.8 s"),
        (servers.closing, SourceUnreachable, "closes the connection without an answer"),
        (servers.resetting, SourceUnreachable, "closes the connection without an answer"),
        (servers.half_closed, SourceUnreachable, "breaks off in the middle"),
        (servers.garbage, SourceRefused, "something that is not HTTP"),
        (servers.garbage_page, SourceRefused, "larger than 5 MB"),
    ],
)
def test_a_server_that_misbehaves_says_what_and_what_to_do(behaviour, kind, sentence):
    with serving(behaviour) as server, pytest.raises(kind, match=sentence):
        scrape(server.url).collect(0.0)


@pytest.mark.parametrize(
    ("page", "kind", "sentence"),
    [
        (Page(status=503), SourceUnreachable, "answers 503"),
        (Page(status=404), SourceRefused, "answers 404 at /metrics; check the path"),
        (Page(b"<html>welcome</html>"), SourceRefused, "is no text of metrics"),
        (Page(b"my_own 1\n"), SourceRefused, "it has my_own ..."),
        (
            Page(status=301, headers={"Location": "http://169.254.169.254/"}),
            SourceRefused,
            "points to http://169.254.169.254/, which is not followed",
        ),
        (
            Page(gzip.compress(b"x" * 10_000_000), headers={"Content-Encoding": "gzip"}),
            SourceRefused,
            "answers packed as gzip",
        ),
    ],
)
def test_an_answer_that_is_no_use_says_why(page, kind, sentence):
    with pages({"/metrics": page}) as server, pytest.raises(kind, match=sentence):
        scrape(server.url).collect(0.0)


def test_a_token_is_sent_by_its_name():
    with pages({"/metrics": Page(TGI, bearer=KEY)}) as server:
        readings = scrape(server.url, {"TGI_TOKEN": KEY}, token="TGI_TOKEN").collect(0.0)  # noqa: S106

    assert value_of(readings, "tgi_queue_size") == 4.0


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [({}, "TGI_TOKEN is not set"), ({"TGI_TOKEN": "slm_wrong"}, "answers 401: the token is")],
)
def test_a_missing_or_wrong_token_names_what_to_set(environ, sentence):
    with pages({"/metrics": Page(TGI, bearer=KEY)}) as server:
        collector = scrape(server.url, environ, token="TGI_TOKEN")  # noqa: S106
        with pytest.raises(SourceRefused, match=sentence) as refused:
            collector.collect(0.0)

    assert "slm_wrong" not in str(refused.value)


def test_a_token_does_not_follow_a_redirect():
    with pages({"/metrics": Page(TGI)}) as elsewhere:
        there = Page(status=302, headers={"Location": f"{elsewhere.url}/metrics"})
        with pages({"/metrics": there}) as server, pytest.raises(SourceRefused):
            scrape(server.url, {"T": KEY}, token="T").collect(0.0)  # noqa: S106
        asked = elsewhere.requests

    assert asked == []


def test_metadata_is_never_scraped():
    with pytest.raises(SourceRefused, match="is never asked"):
        scrape("http://169.254.169.254").collect(0.0)


def test_tls_of_an_own_authority_is_believed_where_it_is_named(tmp_path):
    authority = Authority(tmp_path)
    with pages({"/metrics": Page(TGI)}, authority.context()) as server:
        readings = scrape(server.url, ca_file=authority.file).collect(0.0)
        with pytest.raises(SourceUnreachable, match="an authority that this machine does not"):
            scrape(server.url).collect(0.0)

    assert value_of(readings, "tgi_queue_size") == 4.0


def test_a_clock_that_is_a_day_off_changes_nothing():
    text = TGI.replace(b"tgi_queue_size 4", b"tgi_queue_size 4 1600000000000")
    with pages({"/metrics": Page(text, clock_offset_seconds=-DAY_SECONDS)}) as server:
        readings = scrape(server.url).collect(0.0)

    assert value_of(readings, "tgi_queue_size") == 4.0


def test_malformed_lines_and_too_many_samples_are_named_and_the_rest_is_kept():
    lines = [b"tgi_queue_size 4", b"tgi_queue_size oops"]
    lines += [b'tgi_request_success{n="%d"} 1' % number for number in range(20)]
    with pages({"/metrics": Page(b"\n".join(lines))}) as server:
        collector = scrape(server.url, preset="tgi", samples_max=10)
        readings = collector.collect(0.0)

    told = {key: str(message) for key, message in collector.left_out.items()}
    assert value_of(readings, "tgi_queue_size") == 4.0
    assert "1 lines are no samples" in told["malformed"]
    assert "the limit is 10" in told["dropped"]
    assert collector.details()["dropped"] == 12


def test_names_with_quotes_emoji_and_markup_come_through_as_text():
    text = 'tgi_request_failure{err="<b>\\"😀\\"</b>"} 1\ntgi_queue_size 1\n'
    with pages({"/metrics": Page(text.encode())}) as server:
        readings = scrape(server.url).collect(0.0)

    assert (("err", '<b>"😀"</b>'), ("source", "gpu-1")) in {r.labels for r in readings}


def test_secrets_in_the_address_are_not_shown():
    with pages({"/metrics?token=abcdefgh": Page(TGI)}) as server:
        settings = Scrape(url=f"{server.url}/metrics?token=abcdefgh")
        collector = ScrapeCollector(settings, {})
        collector.collect(0.0)

    assert "abcdefgh" not in str(collector.details())
