"""Pages can see that the first month is incomplete, until somebody says what it had cost."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from agent.openings import LOOK_SECONDS, Openings
from agent.sampling import Clocks
from data.bill_answers import incomplete
from data.bills.openings import answer
from models.settings import Settings
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


def test_the_made_up_household_began_long_ago(house):
    home, store = house
    openings = Openings(home, store.record, Clocks(lambda: NOW, lambda: 0.0))
    openings.take_over(Settings(demo=True))
    openings.step()

    assert incomplete(Direct(store), NOW, SEOUL) == []
