"""A hub with a token for its probe, and a service on loopback that takes messages."""

import pytest

from data.tokens import create
from tests.agent.intaking import NOW, hub_in
from tests.servers.sinks import webhooks


@pytest.fixture
def hub(tmp_path):
    with hub_in(tmp_path) as hub:
        yield hub


@pytest.fixture
def token(hub):
    return create(hub.home, "gpu", NOW, ["push"])


@pytest.fixture
def sink():
    with webhooks() as sink:
        yield sink


@pytest.fixture
def address(sink):
    """As Mattermost's incoming webhooks are, which take what Slack's take."""
    return f"mmost://127.0.0.1:{sink.port}/hooktoken"
