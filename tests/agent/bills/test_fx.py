"""Exchange rates asked for over the wire."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from agent.bills.fx import FxCollector
from agent.budgeting import Budgeting
from agent.net.asking import BYTES_MAX
from agent.sampling import Clocks
from data.bills.rates import known_rates, put_rates
from data.home import Home
from models.costs.fx import DayRate
from models.errors import SourceRefused, SourceUnreachable
from models.settings import Settings
from sallim.ledger.accounts import Accounts
from tests.standins.bills import desk, ecb, frankfurter

SUNDAY = datetime(2026, 11, 22, 6, tzinfo=UTC).timestamp()
TABLE = "/stats/eurofxref/eurofxref-hist-90d.xml"
DAYS = {"2026-11-19": (1380.5, 0.86), "2026-11-20": (1383.1, 0.8651)}
EUROS = {"2026-11-19": ("1.1600", "1601.38"), "2026-11-20": ("1.1560", "1598.83")}


@pytest.fixture
def first():
    with desk() as standing:
        standing.says("/v1/", frankfurter(DAYS))
        yield standing


@pytest.fixture
def second():
    with desk() as standing:
        standing.says(TABLE, ecb(EUROS))
        yield standing


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path)
    home.make()
    return home


@pytest.fixture
def fx(first, second, home):
    return FxCollector(
        lambda: known_rates(home)[0],
        lambda rates: put_rates(home, rates, SUNDAY),
        lambda: SUNDAY,
        (first.url, second.url),
    )


def test_on_a_weekend_the_last_day_with_a_rate_is_what_comes(fx, first, home):
    readings = {reading.name: reading.value for reading in fx.collect(0)}

    rates, fetched_at = known_rates(home)
    assert rates[-1] == DayRate(
        date(2026, 11, 20), Decimal("1383.1"), Decimal("1598.774709"), "Frankfurter"
    )
    assert fetched_at == SUNDAY
    assert readings["fx.won_per_usd"] == 1383.1
    assert readings["fx.age"] == 2 * 86_400
    assert first.asked == [("/v1/2026-10-13..", {"base": ["USD"], "symbols": ["KRW,EUR"]})]


@pytest.mark.parametrize("status", [403, 404, 429, 500])
def test_the_second_source_stands_in(fx, first, home, status):
    first.says("/v1/", b"", status)
    fx.collect(0)

    assert known_rates(home)[0][-1].source == "ECB"
    assert known_rates(home)[0][-1].won_per_usd == Decimal("1383.070935")


@pytest.mark.parametrize(
    "body",
    [
        b"<html>maintenance</html>",
        b"{",
        b'{"base":"USD","date":"2026-11-20","rates":{"KRW":1.3831,"EUR":0.8651}}',
    ],
)
def test_what_is_absurd_is_not_taken_from_the_first(fx, first, home, body):
    first.says("/v1/", body)
    fx.collect(0)

    assert {rate.source for rate in known_rates(home)[0]} == {"ECB"}


def test_when_both_say_nothing_usable_what_was_known_stays(fx, first, second, home):
    fx.collect(0)
    before = known_rates(home)
    first.says("/v1/", b"", 503)
    second.says(TABLE, b"<x/>")

    with pytest.raises(SourceRefused, match="what was known before stays"):
        fx.collect(0)
    assert known_rates(home) == before


def test_an_answer_without_end_is_not_read_to_it(fx, first, second):
    first.says("/v1/", b" " * (BYTES_MAX + 1))
    second.says(TABLE, b"", 500)

    with pytest.raises(SourceUnreachable, match="answers 500"):
        fx.collect(0)


@pytest.mark.slow
def test_an_answer_byte_by_byte_has_its_end(first, second):
    bases = (first.url, second.url)
    fx = FxCollector(list, list, lambda: SUNDAY, bases, timeout_seconds=1)
    first.slow_seconds = second.slow_seconds = 0.2

    with pytest.raises(SourceUnreachable, match="no whole answer within 1 s"):
        fx.collect(0)


def test_guards_read_the_rate_of_the_day_and_then_an_older_one_with_a_margin(fx, home):
    now = [SUNDAY]
    budgeting = Budgeting(home, Clocks(wall=lambda: now[0], monotonic=lambda: 0.0))
    settings = Settings()
    budgeting.take_over(settings)
    accounts = Accounts.open(home.ledger)
    shipped = accounts.exchange_for("")
    fx.collect(0)
    budgeting.renew()
    budgeting.step()
    fresh = accounts.exchange_for("openai")
    now[0] += 8 * 86_400
    budgeting.take_over(settings)
    old = accounts.exchange_for("openai")

    assert shipped.fx_id == "shipped-2026-11"
    assert (fresh.rate_date, fresh.micro_won_per_usd) == ("2026-11-20", 1_396_931_000)
    assert (fresh.vat_ppm, fresh.fee_ppm) == (100_000, 25_000)
    assert old.micro_won_per_usd == 1_424_869_620
    assert old.source.endswith("2 % more")


def test_a_file_of_bills_that_is_none_keeps_the_rates_that_were_in_force(home):
    budgeting = Budgeting(home, Clocks(wall=lambda: SUNDAY, monotonic=lambda: 0.0))
    home.bills.write_bytes(b"garbage" * 1000)
    budgeting.take_over(Settings())

    assert "may be moved away" in str(budgeting.problem)
    assert Accounts.open(home.ledger).balances(int(SUNDAY * 1e6))
