"""An n8n and the clock that it shares with whoever watches it."""

import pytest

from tests.agent.collectors.watching_n8n import Clock
from tests.standins.n8n import N8n


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def n8n(clock):
    with N8n(clock=clock.of_n8n) as n8n:
        yield n8n
