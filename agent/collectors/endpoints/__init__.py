"""Addresses that must answer, each on a thread of its own."""

from agent.collectors.endpoints.collector import EndpointCollector

__all__ = ["EndpointCollector"]
