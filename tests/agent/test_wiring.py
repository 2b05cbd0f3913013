"""Settings become sources: every list of tables, each entry on its own."""

from agent.collectors.itself import Vitals
from agent.wiring import sources_of
from models.settings import Settings
from models.settings.endpoint import Endpoint
from models.settings.ollama import Ollama
from models.settings.scrape import Scrape


def sources(**tables):
    found = sources_of(Settings(**tables), Vitals, lambda: 0.0)
    return {source.collector.name: source for source in found}


def test_each_endpoint_is_a_source_of_its_own():
    shop = Endpoint(name="shop", interval_seconds=30.0)
    found = sources(endpoint=(shop, Endpoint(name="api")))

    assert {"endpoint:shop", "endpoint:api"} <= found.keys()
    assert found["endpoint:shop"].timing.interval_seconds == 30.0


def test_a_scraped_target_is_a_machine_by_its_own_name_or_the_one_that_is_set():
    found = sources(scrape=(Scrape(name="box"), Scrape(name="cards", machine="gpu-1")))

    assert found["scrape:box"].machine == "box"
    assert found["scrape:cards"].machine == "gpu-1"


def test_an_ollama_belongs_to_the_agents_own_machine():
    found = sources(ollama=(Ollama(),))

    assert found["ollama:main"].machine == found["itself"].machine
