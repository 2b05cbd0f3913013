"""Ollama's API as it answers `ollama ps`, from a server on 127.0.0.1."""

import json

import pytest

from agent.collectors.ollama import OllamaCollector
from models.errors import SourceRefused, SourceUnreachable
from models.monitoring import Reading
from models.settings.ollama import Ollama
from tests.servers import http as servers
from tests.servers.http import Page, pages

NOON = 1_795_608_000.0
VERSION = Page(b'{"version":"0.13.1"}')
QWEN = {
    "name": "qwen3:8b",
    "model": "qwen3:8b",
    "size": 6_591_830_464,
    "digest": "500a1f067a9f",
    "details": {
        "parent_model": "",
        "format": "gguf",
        "family": "qwen3",
        "families": ["qwen3"],
        "parameter_size": "8.2B",
        "quantization_level": "Q4_K_M",
    },
    "expires_at": "2026-11-25T21:05:00.123456789+09:00",
    "size_vram": 5_333_539_264,
    "context_length": 4096,
}


def ollama(server):
    return OllamaCollector(Ollama(url=server.url, timeout_seconds=1.6), lambda: NOON)


def serving_models(*models):
    body = json.dumps({"models": list(models)}).encode()
    return pages({"/api/version": VERSION, "/api/ps": Page(body)})


def test_a_loaded_model_has_its_sizes_and_the_time_it_stays():
    with serving_models(QWEN) as server:
        collector = ollama(server)
        readings = collector.collect(0.0)

    labels = (("model", "qwen3:8b"), ("source", "main"))
    assert readings == [
        Reading("ollama.models", 1, (("source", "main"),)),
        Reading("ollama.model.size", 6_591_830_464.0, labels),
        Reading("ollama.model.size_vram", 5_333_539_264.0, labels),
        Reading("ollama.model.remaining", 300.0, labels),
    ]
    told = collector.details()
    assert told["version"] == "0.13.1"
    assert told["models"][0]["quantization"] == "Q4_K_M"


def test_nothing_loaded_is_a_zero_and_no_failure():
    with serving_models() as server:
        assert ollama(server).collect(0.0) == [Reading("ollama.models", 0, (("source", "main"),))]


@pytest.mark.parametrize(
    ("expires_at", "remaining"),
    [
        ("2026-11-25T12:05:00Z", 300.0),
        ("2026-11-25T12:05:00.5Z", 300.0),
        ("2026-11-25T11:00:00Z", 0.0),
        ("2318-02-03T00:00:00Z", None),
        ("0001-01-01T00:00:00Z", 0.0),
        ("soon", None),
        (None, None),
    ],
)
def test_a_model_that_stays_for_ever_has_no_time_left(expires_at, remaining):
    with serving_models({**QWEN, "expires_at": expires_at}) as server:
        readings = ollama(server).collect(0.0)

    assert readings[-1].value == remaining


def test_names_come_through_as_text_and_missing_sizes_are_gaps():
    name = 'x"<b>😀</b>'
    odd = {"name": name, "size": "large", "size_vram": True}
    with serving_models(odd, "nonsense") as server:
        readings = ollama(server).collect(0.0)

    assert [reading.value for reading in readings] == [1, None, None, None]
    assert readings[1].labels == (("model", name), ("source", "main"))


def test_the_version_is_asked_once():
    with serving_models(QWEN) as server:
        collector = ollama(server)
        for moment in range(3):
            collector.collect(30.0 * moment)
        asked = [path for path, _ in server.requests]
        connections = server.connections

    assert asked == ["/api/version", "/api/ps", "/api/ps", "/api/ps"]
    assert connections == 1


@pytest.mark.parametrize("body", [b"[]", b"<html>", b"\xff", b"[" * 100_000])
def test_somebody_else_at_that_port_is_told(body):
    with (
        pages({"/api/version": Page(body)}) as server,
        pytest.raises(SourceRefused, match="something that is not Ollama's; check the url"),
    ):
        ollama(server).collect(0.0)


def test_nobody_at_that_port_is_unreachable():
    with servers.refused() as server, pytest.raises(SourceUnreachable, match="refuses"):
        ollama(server).collect(0.0)
