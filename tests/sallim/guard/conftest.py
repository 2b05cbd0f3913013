import time

import pytest

from sallim.guard import durations, spending, telling
from sallim.ledger.money_rows import Period
from tests.sallim.guard.house import DAY_US, House
from tests.sallim.money import EXCHANGE, SEOUL, WON, budget
from tests.standins.upstream import Upstream


@pytest.fixture(autouse=True)
def no_purse_kept(tmp_path, monkeypatch):
    """Each test has its own purses and spools, and proxies of this machine stay out of it."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    spending.close_all()
    telling.told.clear()
    durations.seconds_by_uri.clear()
    durations.tokens_by_contents.clear()
    yield
    spending.close_all()


@pytest.fixture
def upstream():
    with Upstream() as upstream:
        yield upstream


@pytest.fixture
def house(kept, upstream):
    """A ledger with 15,000 won for now and an exchange rate, and the upstream stand-in."""
    now_us = time.time_ns() // 1_000
    accounts = kept.accounts
    months = [Period(SEOUL, now_us - 15 * DAY_US, now_us + 15 * DAY_US)]
    accounts.put_budgets([budget(cap_micro=15_000 * WON)], months)
    accounts.put_exchange([EXCHANGE._replace(fetched_us=now_us)])
    return House(accounts, upstream, months)
