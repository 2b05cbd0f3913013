"""What is charged without a call, as rows of the ledger."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from models.costs.charges import CURRENCIES, at_rate, cost_of, price_of
from models.costs.dues import by_day, charged_seconds, fixed_due, on_seconds
from models.costs.fx import DayRate
from models.costs.periods import period_at
from models.errors import ConfigError
from models.machines import MachineState
from models.settings.fixed import Fixed
from models.settings.problems import settings_of
from sallim.ledger.money_rows import Exchange

SEOUL = ZoneInfo("Asia/Seoul")
RATE = DayRate(date(2026, 11, 20), Decimal(1400), Decimal(1610), "ECB")
GUARDS = Exchange("", "fx-1", "2026-11-20", 1_500_000_000, 100_000, 25_000, "", 0)
FEBRUARY = period_at(datetime(2027, 2, 10, tzinfo=UTC).timestamp(), "month", SEOUL)


def at(day, hour=0):
    return datetime(2026, 11, day, hour, tzinfo=SEOUL).timestamp()


def test_won_are_what_is_charged():
    cost = cost_of(price_of("3900 krw"), at_rate(GUARDS, RATE), RATE)

    assert cost.gross_micro == 3_900_000_000
    assert cost.nano_usd == 2_785_714_286


def test_dollars_and_euros_bear_vat_and_fee_at_the_rate_of_their_day():
    fx = at_rate(GUARDS, RATE)

    assert cost_of(price_of("10 USD"), fx, RATE).gross_micro == 15_785_000_000
    euros = cost_of(price_of("10 EUR"), fx, RATE)
    assert (euros.nano_usd, euros.gross_micro) == (11_500_000_000, 18_152_750_000)
    assert (fx.fx_id, fx.rate_date) == ("day-2026-11-20", "2026-11-20")


def test_without_a_rate_the_one_of_guards_counts():
    assert at_rate(GUARDS, None) == GUARDS
    assert cost_of(price_of("10 EUR"), GUARDS, None).nano_usd == 12_000_000_000
    assert CURRENCIES == ("KRW", "USD", "EUR")


@pytest.mark.parametrize(("day", "due"), [(1, 1), (15, 15), (28, 28), (31, 28)])
def test_a_fixed_item_is_due_on_its_day_or_the_last_of_the_month(day, due):
    found = fixed_due(Fixed(name="vps", day=day, provider="hetzner"), FEBRUARY, SEOUL)

    assert found.at == datetime(2027, 2, due, tzinfo=SEOUL).timestamp()
    assert found.item.key == "fixed:vps:2027-02"
    assert found.item.buckets == ("servers", "total", "provider:hetzner")


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (MachineState("gpu", "probe", "on", at(19)), (at(20), at(21))),
        (MachineState("gpu", "probe", "on", at(20, 6)), (at(20, 6), at(21))),
        (MachineState("gpu", "probe", "silent", at(20, 6)), (at(20), at(21))),
        (MachineState("gpu", "probe", "off", at(20, 6)), (at(20), at(20, 6))),
        (MachineState("gpu", "probe", "off", at(19)), None),
        (MachineState("gpu", "probe", "off"), None),
        (MachineState("gpu", "scrape", "on"), (at(21) - 600, at(21))),
        (MachineState("cpu", "probe", "on", at(19)), None),
    ],
)
def test_a_machine_is_paid_for_while_it_is_on_or_silent(state, expected):
    assert on_seconds(at(20), at(21), [state], "gpu") == expected


def test_hours_fall_into_the_days_of_the_house():
    assert list(by_day((at(20, 23), at(22, 1)), SEOUL).values()) == [3600, 86_400, 3600]
    assert charged_seconds(3600.5, 3600) == 7200


@pytest.mark.parametrize("text", ["5", "5 dollars", "-5 USD", "1e9 USD", "nan KRW", "", "5,3 EUR"])
def test_a_price_that_is_none_is_named_with_its_line(text):
    with pytest.raises(ConfigError, match=r"x line 2: fixed\.month_price is .*5\.35 USD"):
        settings_of(f'[[fixed]]\nmonth_price = "{text}"\n', "x")
