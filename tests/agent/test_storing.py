"""The store's loop: what the store does not take is neither lost nor kept quiet."""

import pytest

from agent.folding import Folder
from agent.sampling import Clocks
from agent.storing import StoreLoop
from models.errors import StoreFull
from models.monitoring import Reading


class MovingStore:
    """Takes rows once whatever is wrong with it is over."""

    def __init__(self, trouble):
        self.trouble = trouble
        self.taken = []

    def write(self, rows, now):
        if self.trouble is not None:
            raise self.trouble
        self.taken += rows
        return 1

    def maintain(self, now):
        if self.trouble is not None:
            raise self.trouble


@pytest.mark.parametrize("trouble", [StoreFull("no room"), FileNotFoundError("the home is gone")])
def test_samples_stay_until_the_store_takes_them_and_the_trouble_is_known(trouble):
    folder = Folder()
    folder.add("vps", [Reading("system.uptime", 1.0, ())], 100.0)
    store = MovingStore(trouble)
    loop = StoreLoop(store, folder, Clocks(lambda: 200.0, lambda: 0.0), 10)

    loop.flush(200.0)
    said = loop.written.error
    store.trouble = None
    loop.flush(200.0)

    assert said == str(trouble)
    assert len(store.taken) == 1
    assert loop.written.error is None
