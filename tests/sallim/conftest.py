import pytest

from sallim import recording
from sallim.ledger import Ledger
from tests.disks import small_disk_at
from tests.sallim.money import MONTHS, WON, budget


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch):
    """Each test begins and ends as a program does, and never writes to a real ledger."""
    for name in ("SALLIM_LEDGER", "SALLIM_HOME", "SALLIM_URL", "SALLIM_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(recording, "SYSTEM_FOLDER", "/nonexistent")
    recording.flush()
    recording.told_kinds.clear()
    yield
    recording.flush()


@pytest.fixture
def ledger(tmp_path):
    ledger = Ledger.open(tmp_path / "ledger.sqlite3")
    yield ledger
    ledger.close()


@pytest.fixture
def accounts(ledger):
    """The money of the same ledger; no budget yet."""
    return ledger.accounts


@pytest.fixture
def capped(accounts):
    """With 100 won for everything and 60 for the API, a month in Seoul."""
    accounts.put_budgets([budget(), budget("api", 60 * WON)], MONTHS)
    return accounts


@pytest.fixture
def small_disk(tmp_path):
    with small_disk_at(tmp_path / "disk") as folder:
        yield folder


@pytest.fixture
def kept(ledger, monkeypatch):
    """The ledger that `sallim.job` writes to in this test."""
    monkeypatch.setenv("SALLIM_LEDGER", ledger.path)
    return ledger
