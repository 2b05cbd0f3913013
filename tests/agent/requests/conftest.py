import pytest

from tests.agent.asking import house_in


@pytest.fixture
def house(tmp_path):
    house = house_in(tmp_path)
    yield house
    house.close()
