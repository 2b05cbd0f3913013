import pytest

from tests.agent.gateway.house import GatewayHouse
from tests.guarded import nothing_kept, upstream
from tests.standins.upstream import Upstream

__all__ = ["nothing_kept", "upstream"]


@pytest.fixture(autouse=True)
def no_ledger_of_this_machine(monkeypatch):
    for name in ("SALLIM_LEDGER", "SALLIM_HOME", "SALLIM_URL", "SALLIM_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def closed_house(tmp_path, upstream):
    """Its gateway is not started yet."""
    house = GatewayHouse(tmp_path, upstream)
    yield house
    house.end()


@pytest.fixture
def house(closed_house):
    closed_house.started()
    return closed_house


@pytest.fixture(scope="module")
def open_house(tmp_path_factory):
    """One for all tests of a file that leave it as it is, or look at the last call alone."""
    with Upstream() as upstream:
        house = GatewayHouse(tmp_path_factory.mktemp("house"), upstream)
        try:
            house.started()
            yield house
        finally:
            house.end()
