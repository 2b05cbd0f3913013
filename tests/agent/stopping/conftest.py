"""A house of three services, each of which requires the one before it."""

import pytest

from tests.agent.stopping.house import House, World, chain

NAMES = ("db", "n8n", "worker")


@pytest.fixture
def world():
    return World(*NAMES)


@pytest.fixture
def house(tmp_path, world):
    house = House(tmp_path, chain(*NAMES), world)
    yield house
    house.close()
