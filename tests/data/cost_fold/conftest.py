import pytest

from tests.data.cost_fold.folding import NOW, made
from tests.data.stores import home_in, opened


@pytest.fixture
def home(tmp_path):
    return home_in(tmp_path)


@pytest.fixture
def store(home):
    store = opened(home, NOW)
    yield store
    store.close()


@pytest.fixture
def ledger(home):
    ledger = made(home)
    yield ledger
    ledger.close()
