"""After every reconciliation the ledger says the higher of both sides, by day and model."""

import tempfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.budgeting import Budgeting
from agent.reconciling import books_of, reconcile
from agent.sampling import Clocks
from data.bills.bills import put_bills
from data.bills.notes import began
from data.home import Home
from models.costs.bills import Bill
from models.costs.charges import Price
from models.settings import Settings
from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import UNVERIFIED
from tests.sallim.money import asked, settlement

pytestmark = pytest.mark.slow

DAY = int(datetime(2026, 11, 19, tzinfo=UTC).timestamp())
DAY_SECONDS = 86_400
NOW = float(DAY + 9 * DAY_SECONDS)
WON = 10**6
MODELS = ("gpt-5", "gpt-5-mini")

places = st.tuples(st.integers(0, 1), st.sampled_from(MODELS))
calls = st.lists(st.tuples(places, st.integers(0, 10**9), st.booleans()), max_size=6)
bills = st.dictionaries(places, st.integers(0, 5 * 10**9), max_size=4)


def write(accounts, told):
    for number, ((day, model), nano, is_settled) in enumerate(told):
        at_us = (DAY + day * DAY_SECONDS + number) * 10**6
        row = asked(str(number), WON, model=model, opened_us=at_us, worst_nano_usd=nano)
        accounts.reserve(row._replace(expires_us=at_us + 10**6))
        if is_settled:
            settled = settlement(WON, nano_usd=nano, model_billed=f"{model}-2025-08-07")
            accounts.settle(str(number), 1, settled)
    accounts.expire(int(NOW * 1e6))


def lines(charged):
    for (day, model), nano in charged.items():
        since = DAY + day * DAY_SECONDS
        price = Price(Decimal(nano).scaleb(-9), "USD")
        yield Bill("openai", since, since + DAY_SECONDS, "all", model, price.amount, "", price)


def sums(accounts):
    """Nano-USD by day and model; and those of calls without corrections."""
    everything, known = {}, {}
    for row in accounts.calls_since(0, 1_000):
        place = ((row.opened_us // 10**6 - DAY) // DAY_SECONDS, row.model)
        everything[place] = everything.get(place, 0) + row.nano_usd
        if row.endpoint != "correction" and row.state != UNVERIFIED:
            known[place] = known.get(place, 0) + row.nano_usd
    return everything, known


@settings(max_examples=20, deadline=None)
@given(calls, st.lists(bills, min_size=1, max_size=3))
def test_in_the_end_it_is_the_higher_of_both(told, charged):
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        began(home, DAY - DAY_SECONDS)
        clocks = Clocks(wall=lambda: NOW, monotonic=lambda: 0.0)
        Budgeting(home, clocks).take_over(Settings())
        accounts = Accounts.open(home.ledger)
        write(accounts, told)
        said = {}
        for bill in charged:
            said |= bill
            put_bills(home, lines(bill), NOW)
            books = books_of(home, accounts, Settings().house.zone, NOW)
            reconcile(home, books)
            everything, known = sums(accounts)
            for place, nano in said.items():
                assert everything.get(place, 0) == max(known.get(place, 0), nano)
            before = len(accounts.calls_since(0, 1_000))
            assert not any(verdict.orders for verdict in reconcile(home, books))
            assert len(accounts.calls_since(0, 1_000)) == before
        accounts.close()


def test_what_is_kept_free_for_a_running_machine_is_no_call_of_its_bill(tmp_path):
    """A lease of four days stays as it is, and what nobody counted is told as such."""
    home = Home(tmp_path)
    home.make()
    began(home, DAY - DAY_SECONDS)
    Budgeting(home, Clocks(wall=lambda: NOW, monotonic=lambda: 0.0)).take_over(Settings())
    accounts = Accounts.open(home.ledger)
    lease = asked("lease:gpu:2026-11-19", WON, provider="runpod", endpoint="server:gpu")
    month_end_us = (DAY + 20 * DAY_SECONDS) * 10**6
    accounts.reserve(lease._replace(opened_us=DAY * 10**6, expires_us=month_end_us))
    price = Price(Decimal("0.0005"), "USD")
    line = Bill("runpod", DAY, DAY + DAY_SECONDS, "all", "", price.amount, "", price)
    put_bills(home, [line], NOW)

    [verdict] = reconcile(home, books_of(home, accounts, Settings().house.zone, NOW))
    assert list(verdict.group.doubts) == []
    assert [call.state for call in accounts.calls_named("lease:")] == ["open"]
