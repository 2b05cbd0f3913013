"""Traffic and space from the store's series into the ledger, day by day."""

from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from agent.budgeting import Budgeting
from agent.metered_items import Eyes
from agent.metering import EVERY_SECONDS, PATIENCE_SECONDS, RETRY_SECONDS, Metering
from agent.sampling import Clocks
from data.bill_answers import metered
from data.ops.metering import is_rolled
from models.monitoring import Aggregate, Row, SeriesKey
from models.settings import Settings
from models.tiers import MINUTE
from sallim.ledger.accounts import Accounts
from tests.data.stores import Direct, home_in, opened
from tests.sallim.money import used

SEOUL = ZoneInfo("Asia/Seoul")
WON, GB, DAY = 10**6, 10**9, 86_400
SENT = SeriesKey("vps", "system.network.io", (("direction", "transmit"), ("interface", "eth0")))
READ = SeriesKey("vps", "system.network.io", (("direction", "receive"), ("interface", "eth0")))
USED = SeriesKey("vps", "system.filesystem.usage", (("mountpoint", "/"), ("state", "used")))
EGRESS = {"name": "egress", "provider": "hetzner", "gb_price": "10 KRW", "free_gb": 5}


def moment(day, hour=0, month=11):
    return datetime(2026, month, day, hour, tzinfo=SEOUL).timestamp()


class House:
    """A home with a real store whose clock a test turns."""

    def __init__(self, path, **settings):
        self.home, self.now = home_in(path), moment(1)
        self.store = opened(self.home, self.now)
        self.settings = Settings.model_validate(settings)
        clocks = Clocks(lambda: self.now, lambda: self.now)
        self.budgeting = Budgeting(self.home, clocks)
        self.metering = Metering(self.home, Eyes(self.store, "vps"), self.store.record, clocks)

    def begin(self, now):
        self.now = now
        self.budgeting.take_over(self.settings)
        self.metering.take_over(self.settings)
        self.metering.step()

    def turn(self, now):
        self.now = now
        self.metering.step()

    def measure(self, key, since, until, value, unit="By/s"):
        """A value every ten minutes, as a collector writes it and the store rolls it up."""
        rows = [
            Row(key, unit, int(at), Aggregate(value, value, value, 1))
            for at in range(int(since), int(until), 600)
        ]
        self.store.write(rows, until)
        self.roll(until + 300)

    def roll(self, now):
        """Six hours are rolled up at a time."""
        while not self.store.read(partial(is_rolled, tier=MINUTE, until=now - 600)):
            self.store.maintain(now)

    def spent(self):
        return used(Accounts.open(self.home.ledger), int(self.now * 1e6))

    def calls(self):
        return Accounts.open(self.home.ledger).calls_since(0, 100)

    def months(self):
        return metered(Direct(self.store))


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path, metered=[EGRESS])
    yield house
    house.store.close()


def rate(gigabytes):
    """Bytes a second that are so many GB a day."""
    return gigabytes * GB / DAY


@pytest.mark.slow
def test_what_went_over_is_booked_when_its_day_is_over_and_beyond_what_is_free(house):
    """4 GB, then 3: of 7 are 5 free, so 2 GB at 10 won on the second day."""
    house.begin(moment(3))
    house.measure(SENT, moment(3), moment(4), rate(4.32))
    house.measure(READ, moment(3), moment(4), rate(900))
    house.turn(moment(4, 1))
    assert house.calls() == []

    house.measure(SENT, moment(4), moment(5), rate(2.16))
    house.turn(moment(5, 1))
    [call] = house.calls()
    assert (call.call_id, call.endpoint) == ("network:egress:2026-11-04", "network:egress")
    assert call.opened_us == int(moment(4) * 1e6)
    assert call.gross_micro == 1_480_000 * 10
    assert house.spent()["total"] == (1_480_000 * 10, 0, 0)
    assert "servers" in call.buckets


@pytest.mark.slow
def test_however_often_it_is_looked_at_a_day_counts_once(house):
    house.begin(moment(3))
    house.measure(SENT, moment(3), moment(4), rate(8.64))
    for hour in range(1, 12):
        house.turn(moment(4, hour))
    house.metering.take_over(house.settings)
    house.metering.step()

    assert [call.gross_micro for call in house.calls()] == [3_640_000 * 10]


def test_a_day_with_a_gap_waits_for_what_a_probe_may_still_bring(house):
    house.begin(moment(3))
    house.measure(SENT, moment(3), moment(3, 12), rate(8.64))
    house.roll(moment(4, 6))
    house.turn(moment(4, 6))
    assert house.months()[0].counted_to == ""

    house.measure(SENT, moment(3, 12), moment(4), rate(8.64))
    house.turn(moment(4, 8))
    assert house.months()[0].gaps == []
    assert [call.gross_micro for call in house.calls()] == [3_640_000 * 10]


@pytest.mark.slow
def test_for_what_nobody_measured_nothing_is_booked_and_it_is_told(house):
    house.begin(moment(3))
    house.measure(SENT, moment(3), moment(3, 18), rate(8.64))
    house.measure(SENT, moment(4), moment(5), rate(8.64))
    house.turn(moment(5, 1))

    assert [call.gross_micro for call in house.calls()] == [1_480_000 * 10, 8_640_000 * 10]
    [month] = house.months()
    assert (month.gb, month.won, month.counted_to) == (
        Decimal("15.12"),
        Decimal("101.2"),
        "2026-11-04",
    )
    assert month.gaps == [("2026-11-03", 6 * 3600)]
    assert list(house.metering.problems) == []


def test_the_last_day_with_a_gap_is_told_among_the_problems(house):
    house.begin(moment(3))
    house.measure(SENT, moment(3), moment(3, 18), rate(1))
    house.roll(moment(5))
    house.turn(moment(5))

    [problem] = house.metering.problems
    assert str(problem).startswith("egress: 6.0 h of 2026-11-03 were not measured")


@pytest.mark.slow
def test_space_is_paid_by_its_level_for_its_share_of_the_month(tmp_path):
    """60 GB for one of 30 days are 2 GB for a month."""
    disk = {"name": "disk", "kind": "storage", "gb_price": "50 KRW", "gb": "binary"}
    house = House(tmp_path, metered=[disk])
    house.begin(moment(3))
    house.measure(USED, moment(3), moment(4), 60.0 * 2**30, "By")
    house.turn(moment(4, 1))

    [call] = house.calls()
    assert (call.call_id, call.gross_micro) == ("storage:disk:2026-11-03", 100 * WON)
    house.store.close()


@pytest.mark.slow
def test_a_new_month_has_what_is_free_anew(house):
    house.begin(moment(30))
    house.measure(SENT, moment(30), moment(1, month=12), rate(8.64))
    house.measure(SENT, moment(1, month=12), moment(2, month=12), rate(8.64))
    house.turn(moment(2, 1, month=12))

    assert [call.gross_micro for call in house.calls()] == [3_640_000 * 10] * 2
    assert house.months()[0].gb == Decimal("8.64")


@pytest.mark.slow
def test_days_while_the_agent_was_down_are_made_up_for(house):
    house.begin(moment(3))
    house.measure(SENT, moment(3), moment(4), rate(8.64))
    house.roll(moment(7, 1))
    house.turn(moment(7, 1))

    assert [call.gross_micro for call in house.calls()] == [3_640_000 * 10]
    assert [day for day, _ in house.months()[0].gaps] == ["2026-11-04", "2026-11-05"]


def test_the_day_on_which_sallim_began_counts_from_then_on(house):
    house.begin(moment(3, 12))
    house.measure(SENT, moment(3, 12), moment(4), 2.0**18)
    house.turn(moment(4, 1))

    [month] = house.months()
    assert (month.gb, month.gaps) == (Decimal(2**18 * 12 * 3600) / GB, [])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"labels": ["interface=eth9"]}, "interface=eth9 was ever measured on vps"),
        ({"machine": "gpu-1"}, "was ever measured on gpu-1"),
        (
            {"metric": "system.filesystem.usage", "labels": ["state=used"]},
            "is in By, and network is counted in By/s",
        ),
    ],
)
def test_a_series_that_is_not_there_is_a_problem_and_costs_nothing(tmp_path, changed, said):
    house = House(tmp_path, metered=[{**EGRESS, **changed}])
    house.begin(moment(3))
    house.measure(SENT, moment(3), moment(4), rate(8))
    house.measure(USED, moment(3), moment(4), 60e9, "By")
    house.turn(moment(4, 1))

    assert said in str(house.metering.problems[0])
    assert house.calls() == []
    house.store.close()


def test_a_series_that_is_not_there_yet_at_the_start_is_no_problem(house):
    house.begin(house.now)
    house.turn(house.now + RETRY_SECONDS)
    assert list(house.metering.problems) == []

    house.turn(house.now + PATIENCE_SECONDS)
    assert "was ever measured" in str(house.metering.problems[0])
    house.measure(SENT, house.now, house.now + 60, 1.0)
    house.turn(house.now + RETRY_SECONDS)
    assert list(house.metering.problems) == []


def test_what_is_taken_out_of_the_settings_is_gone_from_the_page(house):
    house.begin(moment(3))
    assert [one.name for one in house.months()] == ["egress"]

    house.metering.take_over(Settings())
    house.turn(house.now + timedelta(seconds=EVERY_SECONDS).seconds)
    assert house.months() == []
