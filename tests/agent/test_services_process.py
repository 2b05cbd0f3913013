"""The real agent, and with it endpoints, a scraped machine and Ollama on 127.0.0.1."""

import json
from contextlib import ExitStack

import pytest

from data.home import Home
from models.tiles import machines_of, tiles_of
from models.views import View
from tests.processes import running_agent, until
from tests.servers import http as servers
from tests.servers.http import Page, pages, serving
from tests.servers.node_exporter import node_exporter

pytestmark = pytest.mark.slow

SETTINGS = """
[[endpoint]]
name = "shop"
url = "{shop}"
interval_seconds = 1

[[endpoint]]
name = "hangs"
url = "{hangs}"
interval_seconds = 1
timeout_seconds = 0.5

[[endpoint]]
name = "metadata"
url = "http://169.254.169.254/latest"
interval_seconds = 1

[[scrape]]
name = "box"
url = "{node}"
interval_seconds = 1

[[ollama]]
url = "{ollama}"
interval_seconds = 1
"""
OLLAMA = {
    "/api/version": Page(b'{"version":"0.13.1"}'),
    "/api/ps": Page(json.dumps({"models": [{"name": "qwen3:8b", "size": 1}]}).encode()),
}


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("home"))
    home.make()
    with ExitStack() as stack:
        settings = SETTINGS.format(
            shop=stack.enter_context(pages({"/": Page()})).url,
            hangs=stack.enter_context(serving(servers.hanging)).url,
            node=stack.enter_context(node_exporter()).url,
            ollama=stack.enter_context(pages(OLLAMA)).url,
        )
        path = home.path / "sallim.toml"
        path.write_text(settings)
        _, reader = stack.enter_context(running_agent(home, SALLIM_CONFIG=str(path)))
        yield reader


def value_of(reader, name, **labels):
    live = reader.live()
    found = [
        series.value
        for series in live.series
        if series.key.name == name and labels.items() <= dict(series.key.labels).items()
    ]
    return found[0] if found else None


def test_an_endpoint_that_hangs_is_down_while_the_other_is_up(reader):
    until(lambda: value_of(reader, "http.check.up", source="hangs") == 0.0)

    assert value_of(reader, "http.check.up", source="shop") == 1.0


def test_a_forbidden_address_is_an_error_that_says_why(reader):
    sources = {source.name: source for source in reader.live().sources}

    assert "is never asked" in str(sources["endpoint:metadata"].reason)


def test_a_scraped_machine_has_the_tiles_of_any_other(reader):
    def tiles():
        live = reader.live()
        found = {t.key: t for t in tiles_of(View(live, silent=False), "box", live.at)}
        return found if found and found["cpu"].value is not None else None

    found = until(tiles)

    assert "box" in machines_of(reader.live())
    assert {"cpu", "memory", "space", "network_in"} <= {
        key for key, tile in found.items() if tile.value is not None
    }


def test_the_details_are_there_for_the_pages(reader):
    details = until(lambda: _complete(reader.details()))

    assert details["endpoint:shop"]["up"] is True
    assert details["endpoint:hangs"]["problem"]["template"].startswith("accepts the connection")
    assert details["scrape:box"]["exporter"] == "node_exporter"
    assert details["ollama:main"]["models"][0]["name"] == "qwen3:8b"


def _complete(details):
    names = ("endpoint:shop", "endpoint:hangs", "scrape:box", "ollama:main")
    return details if details and all(details.get(name) for name in names) else None
