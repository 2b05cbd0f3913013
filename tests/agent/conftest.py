"""A hub and a token with which a probe may push to it."""

import pytest

from data.tokens import create
from tests.agent.intaking import NOW, hub_in


@pytest.fixture
def hub(tmp_path):
    with hub_in(tmp_path) as hub:
        yield hub


@pytest.fixture
def token(hub):
    return create(hub.home, "gpu", NOW, ["push"])
