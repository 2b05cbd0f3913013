import pytest

from tests.data.houses import House
from tests.data.stores import home_in, opened


@pytest.fixture
def house(tmp_path):
    store = opened(home_in(tmp_path))
    yield House(store)
    store.close()
