import pytest

from tests.data.houses import House
from tests.data.stores import home_in, opened


@pytest.fixture
def store(tmp_path):
    store = opened(home_in(tmp_path))
    yield store
    store.close()


@pytest.fixture
def house(store):
    return House(store)
