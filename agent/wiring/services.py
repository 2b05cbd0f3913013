"""Collectors of what answers over the network: endpoints, exporters, Ollama."""

from collections.abc import Callable, Iterator

from agent.wiring.source import Source, timing_of
from models.settings import Settings
from models.settings.scrape import Scrape

MACHINE_PRESETS = ("node_exporter", "dcgm")


def service_sources(
    settings: Settings, machine: str, clock: Callable[[], float]
) -> Iterator[Source]:
    """One source an entry; whoever has none does not load what it takes. `clock`: UTC epoch."""
    if settings.endpoint:
        from agent.collectors.endpoints import EndpointCollector

        for endpoint in settings.endpoint:
            yield Source(EndpointCollector(endpoint, clock), timing_of(endpoint), machine)
    if settings.scrape:
        from agent.collectors.scrape import ScrapeCollector

        for scrape in settings.scrape:
            of_machine = scrape.machine or (scrape.name if _is_machine(scrape) else machine)
            yield Source(ScrapeCollector(scrape), timing_of(scrape), of_machine)
    if settings.ollama:
        from agent.collectors.ollama import OllamaCollector

        for ollama in settings.ollama:
            yield Source(OllamaCollector(ollama, clock), timing_of(ollama), machine)


def _is_machine(scrape: Scrape) -> bool:
    """Whether the target shows a machine: said by its preset, or open until it answers."""
    return scrape.preset in MACHINE_PRESETS or not (scrape.preset or scrape.prefixes)
