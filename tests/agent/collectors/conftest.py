"""An n8n, the clock that it shares with whoever watches it, and who watches."""

import pytest

from tests.agent.collectors.watching_n8n import Clock, Watch
from tests.standins.n8n import N8n


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def n8n(clock):
    with N8n(clock=clock.of_n8n) as n8n:
        yield n8n


@pytest.fixture
def watch(clock):
    made = []

    def make(n8n, **more):
        made.append(Watch(n8n, clock, **more))
        return made[-1]

    yield make
    for one in made:
        one.close()
