import pytest

from data.control import Control
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


@pytest.fixture
def path(tmp_path):
    """Of a control file."""
    return tmp_path / "control.sqlite3"


@pytest.fixture
def control(path):
    control = Control.open(path)
    yield control
    control.close()
