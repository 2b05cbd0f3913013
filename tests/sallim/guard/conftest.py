import pytest

from tests.guarded import nothing_kept, upstream
from tests.sallim.guard.house import GuardedHouse

__all__ = ["nothing_kept", "upstream"]


@pytest.fixture
def house(kept, upstream):
    return GuardedHouse(kept.accounts, upstream)
