"""Exporters in Prometheus' text format, by URL."""

from agent.collectors.scrape.collector import ScrapeCollector

__all__ = ["ScrapeCollector"]
