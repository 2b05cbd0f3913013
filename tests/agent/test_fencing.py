"""Fences kept in step with caps, over a real ledger and control, against providers on loopback."""

from datetime import UTC, datetime, timedelta

import pytest

from agent.commands.budget_lines import budget_lines
from agent.fences.anthropic import AnthropicFence
from agent.fences.openai import OpenAiFence
from agent.fencing import Fencing
from agent.sampling import Clocks
from data.bills.rates import put_rates
from data.control import Control
from data.fences import fence_rows
from models.costs.fx import DayRate
from models.fence.kept import FAILED, PLANNED, PROVEN, REFUSED
from models.fence.words import alert_of
from models.fence.worth import cents_of
from models.settings import Settings
from sallim.ledger.accounts import Accounts
from tests.agent.limiting import NOW, Household
from tests.sallim.money import WON
from tests.standins.limits import ANTHROPIC_KEY, OPENAI_KEY, limits_desk

HOUR, DAY = 3_600.0, 86_400.0
ON = {"fence": {"openai": "on"}}


class Fenced(Household):
    """A household whose fences are asked for at a desk on loopback."""

    def __init__(self, folder, limits, settings=None) -> None:
        self.limits, self.told, self.fencing = limits, [], None
        super().__init__(folder, Settings.model_validate(settings or ON))

    def start(self) -> None:
        super().start()
        self.fencing = Fencing(
            self.home,
            self.control,
            self.clocks,
            self.there,
            lambda connection, row: self.told.append(alert_of(row)),
        )
        self.fencing.take_over(self.settings)

    @property
    def clocks(self):
        return Clocks(wall=lambda: self.now, monotonic=lambda: self.monotonic)

    def there(self, name, settings):
        if name == "openai":
            return OpenAiFence(OPENAI_KEY, self.limits.url)
        return AnthropicFence(ANTHROPIC_KEY, self.limits.url)

    def take_over(self, settings) -> None:
        super().take_over(settings)
        if self.fencing is not None:
            self.fencing.take_over(settings)

    def set(self, **sections) -> None:
        self.take_over(Settings.model_validate(sections))

    def round(self, seconds=10.0) -> None:
        self.step(seconds)
        self.fencing.step()

    def rows(self):
        return [(row.state, row.before_cents, row.to_cents) for row in fence_rows(self.control)]

    def worth(self, won) -> int:
        accounts = Accounts.open(self.home.ledger)
        rate = accounts.exchange_for("openai")
        accounts.close()
        return cents_of(int(won * WON), rate)

    def rate(self, won) -> None:
        """As published for the last five days."""
        today = datetime.fromtimestamp(self.now, UTC).date()
        days = [DayRate(today - timedelta(days=n), won, won, "a test") for n in range(5)]
        put_rates(self.home, days, self.now)
        self.budgeting.renew()
        self.budgeting.step()


@pytest.fixture
def limits():
    with limits_desk() as limits:
        yield limits


@pytest.fixture
def house(tmp_path, limits):
    house = Fenced(tmp_path, limits)
    yield house
    house.close()


def test_off_by_default_nobody_is_asked(tmp_path, limits):
    house = Fenced(tmp_path, limits, {"demo": False})
    for _ in range(3):
        house.round()

    assert (limits.asked, house.rows(), house.fencing.shown()) == ([], [], [])
    house.close()


def test_turned_on_the_limit_is_what_the_cap_is_worth_and_that_is_proven(house, limits):
    house.round()

    cents = house.worth(15_000)
    assert limits.openai == cents
    assert house.rows() == [(PROVEN, None, cents)]
    [shown] = house.fencing.shown()
    assert shown.holds
    assert "Sallim at 15,000 won (api): Sallim trips first" in str(shown.text)
    # Before the write it was looked at, and after it.
    assert [method for method, _ in limits.asked] == ["GET", "POST", "GET"]


def test_anthropic_has_a_fence_of_its_own(house, limits):
    budget = {"providers_krw": ["anthropic=5000"]}
    house.set(fence={"openai": "on", "anthropic": "on"}, budget=budget)
    house.round()

    assert (limits.openai, limits.anthropic) == (house.worth(15_000), house.worth(5_000))
    assert [shown.provider for shown in house.fencing.shown()] == ["openai", "anthropic"]


def test_nothing_is_asked_while_nothing_changes_but_once_an_hour(house, limits):
    for _ in range(int(HOUR / 10)):
        house.round()
    assert limits.count("GET") == 2

    for _ in range(3):
        house.round()
    assert (limits.count("GET"), limits.count("POST")) == (3, 1)


def test_a_raise_moves_the_fence_at_once_and_its_end_moves_it_back(house, limits):
    house.round(60.0)
    house.raised(5_000, seconds=600.0)
    house.round(60.0)
    assert limits.openai == house.worth(20_000)

    house.round(660.0)
    assert limits.openai == house.worth(15_000)


def test_the_rate_of_exchange_moves_it_once_an_hour_at_the_most(house, limits):
    house.rate(1_400)
    house.round()
    first = limits.openai
    house.rate(1_440)
    for _ in range(30):
        house.round(60.0)
    assert limits.openai == first

    for _ in range(35):
        house.round(60.0)
    assert limits.openai == house.worth(15_000) < first
    assert limits.count("POST") == 2


def test_a_lower_limit_of_the_owners_own_stays(house, limits):
    limits.openai = 300
    house.round()

    assert (limits.openai, limits.written) == (300, [])
    [shown] = house.fencing.shown()
    assert not shown.holds
    assert "your own limit there, $3.00" in str(shown.notes[0])


def test_the_command_says_it_too(house, limits):
    limits.openai = 300
    house.round()
    told = [each.as_json() for each in house.fencing.shown()]

    lines = budget_lines(
        {"buckets": [], "unverified": [], "fences": told}, house.settings.house.zone
    )
    assert lines[-2].endswith("OpenAI trips first")
    assert lines[-1].startswith("  your own limit there, $3.00")


@pytest.mark.parametrize("own", [None, 2_000, 300])
def test_turned_off_what_was_there_before_is_back(house, limits, own):
    limits.openai = own
    house.round()
    house.set(fence={"openai": "off"})
    house.round()

    assert limits.openai == own
    asked = len(limits.asked)
    house.round(2 * HOUR)
    assert (len(limits.asked), house.fencing.shown()) == (asked, [])


@pytest.mark.parametrize(
    "sections",
    [
        {"automation": {"block": "off"}, **ON},
        {"automation": {"block": "ask"}, **ON},
        {"budget": {"modes": ["api=count", "total=count"]}, **ON},
    ],
)
def test_where_no_call_may_be_refused_no_fence_is_set_and_what_stands_is_taken_back(
    house, limits, sections
):
    house.set(**sections)
    house.round()
    assert limits.asked == []

    house.set(**ON)
    house.round()
    assert limits.openai is not None
    house.set(**sections)
    house.round()
    assert limits.openai is None


def test_what_the_owner_changes_there_meanwhile_is_what_comes_back(house, limits):
    house.round()
    limits.openai = 5_000
    house.round(HOUR)
    assert limits.openai == house.worth(15_000)

    house.set(fence={"openai": "off"})
    house.round()
    assert limits.openai == 5_000


def test_a_refusal_is_said_once_and_not_asked_again_and_again(house, limits):
    house.set(fence={"anthropic": "on"})
    limits.is_preview = False
    for _ in range(10):
        house.round(HOUR)

    [alert] = house.told
    assert "ask your account team" in str(alert.lines[0])
    assert limits.count("GET") == 1
    [shown] = house.fencing.shown()
    assert str(shown.text) == "outer fence: none at Anthropic"
    house.round(DAY)
    assert (limits.count("GET"), len(house.told), len(house.rows())) == (2, 1, 1)


def test_settings_that_are_read_again_try_it_at_once(house, limits):
    house.set(fence={"anthropic": "on"})
    limits.is_preview = False
    house.round()
    limits.is_preview = True
    house.set(fence={"anthropic": "on"})
    house.round()

    assert limits.anthropic == house.worth(15_000)
    assert house.fencing.shown()[0].holds


def test_a_limit_that_makes_no_sense_changes_nothing(house, limits):
    house.round()
    first = limits.openai
    house.raised(5_000)
    limits.next_answers = [(200, {})]
    house.round(60.0)

    assert (limits.openai, len(limits.written)) == (first, 1)
    assert house.rows()[-1] == (REFUSED, first, first)
    assert len(house.told) == 1


def test_a_post_that_is_refused_is_written_down_as_that(house, limits):
    limits.next_answers = [(404, {}), (403, {})]
    house.round()

    assert limits.written == []
    assert house.rows() == [(REFUSED, None, house.worth(15_000))]
    assert len(house.told) == 1


def test_who_asks_for_time_gets_it(house, limits):
    limits.next_answers = [(429, {"Retry-After": "500"})]
    for _ in range(49):
        house.round()
    assert len(limits.asked) == 1
    assert "asked again later" in str(house.fencing.shown()[0].notes[0])

    house.round()
    house.round()
    assert limits.openai == house.worth(15_000)
    assert house.fencing.shown()[0].notes == ()


def test_a_write_that_was_put_off_does_not_count_as_an_attempt(house, limits):
    for _ in range(5):
        limits.next_answers = [(404, {}), (429, {"Retry-After": "30"})]
        house.round(HOUR)
    assert (limits.written, house.rows()[0][0]) == ([], PLANNED)

    house.round(HOUR)
    assert house.rows() == [(PROVEN, None, house.worth(15_000))]
    assert house.told == []


def test_what_is_not_seen_there_after_three_writes_has_failed(house, limits):
    limits.forgets = True
    for _ in range(20):
        house.round()

    assert len(limits.written) == 3
    assert house.rows()[-1][0] == FAILED
    assert len(house.told) == 1
    limits.forgets = False
    house.round(HOUR)
    assert house.rows()[-1] == (PROVEN, None, house.worth(15_000))


def test_in_the_first_hours_of_a_month_it_is_twice_as_high(house, limits):
    house.round(house.month.until - house.now + 60)
    assert limits.openai == house.worth(30_000)
    assert "months of UTC" in str(house.fencing.shown()[0].notes[0])

    house.round(9 * HOUR)
    assert limits.openai == house.worth(15_000)


def test_a_ledger_that_is_gone_changes_nothing(house, limits):
    house.round()
    first = limits.openai
    house.home.ledger.rename(house.home.path / "elsewhere")
    house.limiting.close()
    house.now += DAY
    house.fencing.step()

    assert (limits.openai, limits.count("POST")) == (first, 1)


def test_the_journal_is_read_back_whole(house):
    house.round()
    path = house.home.control
    house.control.close()
    control = Control.open(path)

    assert [row.state for row in fence_rows(control)] == [PROVEN]
    assert fence_rows(control)[0].planned_at >= NOW
    control.close()
    house.control = Control.open(path)
