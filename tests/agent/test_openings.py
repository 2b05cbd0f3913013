"""Pages can see that the first month is incomplete, until somebody says what it had cost."""

from contextlib import closing
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from agent.budgeting import Budgeting
from agent.openings import LOOK_SECONDS, Openings, keep_openings
from agent.sampling import Clocks
from data.bill_answers import incomplete
from data.bills.openings import answer
from models.settings import Settings
from sallim.ledger.accounts import Accounts
from sallim.money import MICRO
from tests.data.stores import Direct, home_in, opened

NOW = datetime(2026, 11, 17, tzinfo=UTC).timestamp()
SEOUL = ZoneInfo("Asia/Seoul")


@pytest.fixture
def house(tmp_path):
    home = home_in(tmp_path)
    store = opened(home, NOW)
    yield home, store
    store.close()


def test_it_is_incomplete_until_it_is_answered(house):
    home, store = house
    seconds = [0.0]
    openings = Openings(home, store.record, Clocks(lambda: NOW, lambda: seconds[0]))
    openings.take_over(Settings())
    openings.step()
    reader = Direct(store)
    assert incomplete(reader, NOW, SEOUL) == ["api", "servers"]

    answer(home, "api", 3_200_000_000)
    openings.step()
    assert incomplete(reader, NOW, SEOUL) == ["api", "servers"]
    seconds[0] = LOOK_SECONDS
    openings.step()
    assert incomplete(reader, NOW, SEOUL) == ["servers"]
    assert incomplete(reader, NOW + 30 * 86_400, SEOUL) == []


def test_what_was_answered_before_the_agent_ran_is_booked_once(house):
    home, store = house
    seconds = [0.0]
    clocks = Clocks(lambda: NOW, lambda: seconds[0])
    keep_openings(home, (3_200, 500))
    openings = Openings(home, store.record, clocks)
    openings.take_over(Settings())
    openings.step()
    assert incomplete(Direct(store), NOW, SEOUL) == []
    budgeting = Budgeting(home, clocks)
    budgeting.take_over(Settings())
    for _ in range(2):
        seconds[0] += LOOK_SECONDS
        openings.step()

    with closing(Accounts.open(home.ledger)) as accounts:
        rows = accounts.calls_since(0, 10)
        spent = {each.bucket_id: each.settled_micro for each in accounts.balances(int(NOW * 1e6))}
    assert [row.gross_micro for row in rows] == [3_200 * MICRO, 500 * MICRO]
    assert (spent["api"], spent["total"]) == (3_200 * MICRO, 3_700 * MICRO)


def test_the_made_up_household_began_long_ago(house):
    home, store = house
    openings = Openings(home, store.record, Clocks(lambda: NOW, lambda: 0.0))
    openings.take_over(Settings(demo=True))
    openings.step()

    assert incomplete(Direct(store), NOW, SEOUL) == []
