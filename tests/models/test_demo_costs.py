"""The money of the demo household keeps the rules that the ledger keeps."""

from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from models.costs.kinds import KINDS, kind_of
from models.demo.costs import money
from models.demo.household_budget import CAPS
from sallim.money import gross_micro
from sallim.prices import PriceList, shipped

pytestmark = pytest.mark.slow

SEOUL = ZoneInfo("Asia/Seoul")
NOW = datetime(2026, 11, 23, 15, 0, 14, tzinfo=SEOUL).timestamp()
DAY = 86_400


@pytest.fixture(scope="module")
def told():
    return money(NOW - 60 * DAY, NOW)


def month(call):
    return datetime.fromtimestamp(call.opened_us / 1e6, SEOUL).strftime("%Y-%m")


def test_there_is_something_of_everything(told):
    states = Counter(call.state for call in told.calls)
    kinds = {kind_of(call.endpoint, call.buckets) for call in told.calls}

    assert len(told.calls) > 20_000
    assert kinds == set(KINDS)
    assert min(states[state] for state in ("settled", "unverified", "released")) > 20
    assert len({call.provider for call in told.calls}) >= 6
    assert len({call.workflow for call in told.calls}) >= 5
    assert sum(row.calls for row in told.refusals) > 20
    assert {event.bucket_id for event in told.limit_events} == set(CAPS)


def test_no_month_goes_over_a_cap_and_optional_calls_stop_before(told):
    spent = Counter()
    for call in told.calls:
        for bucket in call.buckets:
            spent[(month(call), bucket)] += call.gross_micro
    for (_, bucket), micro in spent.items():
        assert micro <= CAPS.get(bucket, micro)
    of_money = [row for row in told.refusals if row.code == "budget"]
    assert {row.priority for row in of_money} == {"optional"}


def test_some_of_what_was_tried_has_no_price_and_no_bound(told):
    of_guard = [row for row in told.refusals if not row.bucket_id]

    assert {row.code for row in of_guard} == {"unknown_model", "unpriced_path", "unbounded"}
    assert [row.seq for row in told.refusals] == list(range(1, len(told.refusals) + 1))
    assert all(NOW - 60 * DAY <= row.last_us / 1e6 < NOW for row in told.refusals)
    prices = PriceList(shipped().rates)
    untold = {row.model for row in of_guard if row.code == "unknown_model"}
    assert not [model for model in untold if prices.find("openai", model)]


def test_balances_are_the_sums_of_the_calls(told):
    for balance in told.balances:
        its = [
            call
            for call in told.calls
            if balance.start_us <= call.opened_us < balance.end_us
            and balance.bucket_id in call.buckets
        ]
        spent = sum(call.gross_micro for call in its)
        assert balance.settled_micro + balance.unverified_micro == spent
        assert balance.cap_micro == CAPS[balance.bucket_id]


def test_won_are_the_dollars_at_the_rate_that_comes_along(told):
    exchange = shipped().exchange
    for call in told.calls[::100]:
        if call.nano_usd:
            assert call.gross_micro == gross_micro(call.nano_usd, exchange)
            assert call.gross_micro <= call.worst_micro


def test_the_same_days_always_had_the_same_calls(told):
    later = money(NOW - 10 * DAY, NOW + DAY)
    # What a month has room for is known from its first day on, whenever it is asked.
    of_a_week = {
        call.call_id: call.gross_micro
        for call in told.calls
        if NOW - 9 * DAY < call.opened_us / 1e6 < NOW - 2 * DAY
    }

    assert of_a_week
    assert of_a_week.items() <= {call.call_id: call.gross_micro for call in later.calls}.items()


def test_each_call_is_there_once_and_in_order(told):
    names = [(call.call_id, call.attempt) for call in told.calls]

    assert len(set(names)) == len(names)
    assert [call.seq for call in told.calls] == list(range(1, len(told.calls) + 1))
    assert all(a.opened_us <= b.opened_us for a, b in zip(told.calls, told.calls[1:], strict=False))


def test_analyses_have_the_keys_of_their_jobs(told):
    keys = {call.job_key for call in told.calls if call.analysis == "video"}

    assert len(keys) > 4_000
    assert "" not in keys
