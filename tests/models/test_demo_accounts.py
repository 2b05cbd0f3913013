"""What the demo household is told by its providers, by the rules that hold for real ones."""

import json
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from models.costs.prepaid_json import prepaid_of
from models.demo.accounts import money_things
from models.demo.costs import money

pytestmark = pytest.mark.slow  # 35 days of a made-up household

NOW = datetime(2026, 11, 23, 15, 0, 14, tzinfo=ZoneInfo("Asia/Seoul")).timestamp()


@pytest.fixture(scope="module")
def things():
    return money_things(money(NOW - 35 * 86_400, NOW).calls, NOW)


def listed(things, name):
    [detail] = [thing.detail for thing in things if thing.id == name]
    return json.loads(detail)


def test_one_balance_ends_soon_one_rose_and_one_is_enough(things):
    found = {one.provider: one for one in map(prepaid_of, listed(things, "prepaid"))}

    assert found["google"].warning is not None
    assert Decimal(4) < found["google"].days_left < 6
    assert [rise.amount for rise in found["runpod"].rises] == [Decimal("9.94")]
    assert found["runpod"].by == "balance"
    assert min(figure.left for figure in found.values()) > 0
    assert found["openrouter"].warning is None


def test_a_key_is_used_outside_on_one_day_and_all_else_agrees(things):
    verdicts = [(thing.source, thing.name) for thing in things if thing.kind == "verdict"]

    assert len(verdicts) == 20
    assert [source for source, cause in verdicts if cause == "outside"] == ["openai"]
    assert {cause for _, cause in verdicts} == {"none", "outside"}


def test_hours_and_gigabytes_cost_what_is_booked(things):
    [machine] = listed(things, "hourly")
    egress, backup = listed(things, "metered")

    assert 450 < Decimal(machine["won"]) < 650
    assert (egress["gb"], egress["won"], egress["counted_to"]) == ("22", "66", "2026-11-22")
    assert Decimal(backup["won"]) == 6 * 22
