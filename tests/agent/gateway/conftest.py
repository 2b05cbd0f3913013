import pytest

from sallim.guard import spending, telling
from tests.agent.gateway.house import GatewayHouse
from tests.standins.upstream import Upstream


@pytest.fixture(autouse=True)
def nothing_kept(tmp_path, monkeypatch):
    """Proxies and ledgers of this machine stay out of it, and spools stand in the test's folder."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("SALLIM_LEDGER", "SALLIM_HOME", "SALLIM_URL", "SALLIM_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    spending.close_all()
    telling.told.clear()
    yield
    spending.close_all()


@pytest.fixture
def upstream():
    with Upstream() as upstream:
        yield upstream


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
