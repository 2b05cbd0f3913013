"""What doctor says of endpoints, exporters and Ollama, with the cure in the sentence."""

import time

import pytest

from agent.checks import Level
from agent.checks.sources import sources
from models.settings import Settings
from models.settings.endpoint import Endpoint
from models.settings.ollama import Ollama
from models.settings.scrape import Scrape
from tests.servers import http as servers
from tests.servers.http import Page, pages


def finding(**tables):
    [name] = [f"source {kind}:main" for kind in tables]
    found = {one.name: one for one in sources(Settings(**tables), time.time, time.monotonic)}
    return found[name].level, str(found[name].text)


@pytest.mark.parametrize(
    ("tables", "sentence"),
    [
        (lambda url: {"endpoint": (Endpoint(url=url),)}, "refuses the connection"),
        (lambda url: {"scrape": (Scrape(url=url),)}, "refuses the connection"),
        (lambda url: {"ollama": (Ollama(url=url),)}, "refuses the connection"),
        (
            lambda url: {"endpoint": (Endpoint(url=url, allow_private=False),)},
            "set allow_private = true if that is meant",
        ),
        (
            lambda url: {"scrape": (Scrape(url=url, token="NO_SUCH_TOKEN"),)},  # noqa: S106
            "NO_SUCH_TOKEN is not set; set it in the environment",
        ),
    ],
    ids=["endpoint", "scrape", "ollama", "private", "token"],
)
def test_what_does_not_answer_is_a_problem_with_its_cure(tables, sentence):
    with servers.refused() as nobody:
        level, text = finding(**tables(nobody.url))

    assert level is Level.PROBLEM
    assert sentence in text


def test_an_endpoint_that_does_not_answer_is_not_said_to_answer_in_part():
    with servers.refused() as nobody:
        _, text = finding(endpoint=(Endpoint(url=nobody.url),))

    assert text.startswith("does not answer as it should: ")
    assert "series" not in text


def test_what_answers_is_in_order():
    with pages({"/": Page(), "/metrics": Page(b"tgi_queue_size 1\n")}) as server:
        assert finding(endpoint=(Endpoint(url=server.url),))[0] is Level.OK
        assert finding(scrape=(Scrape(url=f"{server.url}/metrics"),))[0] is Level.OK


def test_a_page_without_its_text_is_a_problem_though_it_answers():
    with pages({"/": Page(b"maintenance")}) as server:
        level, text = finding(endpoint=(Endpoint(url=server.url, expect_text="ready"),))

    assert level is Level.PROBLEM
    assert '"ready" does not stand in the first 64 kB' in text
