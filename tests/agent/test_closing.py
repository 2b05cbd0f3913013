"""A month is closed after its midnight, once and told once, and corrected when bills arrive."""

from decimal import Decimal

import pytest

from agent.billing import Reconciliation
from data.bills.bills import put_bills
from data.overrides import put
from data.stops import add
from models.budget.close_words import close_alert
from models.budget.overrides import Override
from models.costs.bills import typed_bill
from models.costs.charges import Price
from models.operations import VERIFIED, Operation
from tests.agent.closings import DAY, HOUR, SEOUL, Months, at

pytestmark = pytest.mark.slow
WON = Decimal


@pytest.fixture
def months(tmp_path):
    months = Months(tmp_path, at(2026, 11, 29, 12))
    yield months
    months.close()


def test_a_month_is_closed_after_midnight_with_what_it_cost_and_told_once(months):
    months.spend("a", 9_000)
    months.spend("b", 1_000, provider="google", workflow="tag")
    months.steps(12)
    months.refuse(7, 30)
    assert months.rows == []

    months.to(2026, 12, 1)

    close = months.closed["2026-11"]
    api, total = (
        next(each for each in close.buckets if each.bucket_id == name) for name in ("api", "total")
    )
    assert (api.cap_won, api.spent_won, api.is_kept) == (WON(15_000), WON(10_000), True)
    assert total.spent_won == close.spent_won == WON(10_000)
    assert [(each.by, each.name, each.won) for each in close.things] == [
        ("kind", "api", WON(10_000)),
        ("provider", "openai", WON(9_000)),
        ("provider", "google", WON(1_000)),
        ("workflow", "ocr", WON(9_000)),
        ("workflow", "tag", WON(1_000)),
    ]
    assert close.refused == (7, WON(210))
    assert months.alerts == ["month:2026-11"]
    title = close_alert(close).title
    assert str(title) == "2026-11 is closed and kept: 10,000 of 24,900 won"
    months.steps(100)
    months.start()
    months.steps(100)
    assert [(each.month, each.revision) for each in months.rows] == [("2026-11", 1)]
    assert months.alerts == ["month:2026-11"]


def test_what_calls_cost_is_taken_apart_into_dollars_vat_and_the_card(months):
    months.spend("a", 2_255)
    months.to(2026, 12, 1)

    parts = months.closed["2026-11"].dollars
    assert parts.net_won == WON(2_000)
    assert (parts.vat_won, parts.fee_won) == (WON(200), WON(55))
    assert parts.won == WON(2_255)


def test_calls_in_flight_at_midnight_are_named_and_what_they_cost_corrects_the_close(months):
    months.wait(at(2026, 11, 30, 23, 58) - months.now)
    months.steps(1)
    months.spend("slow", 700, ends=False)
    months.spend("fast", 100)

    months.to(2026, 12, 1, 0, 2)
    first = months.closed["2026-11"]
    assert [(each.call_id, each.state) for each in first.doubts] in (
        [("slow", "open")],
        [("slow", "unverified")],
    )
    months.steps(70)
    months.settle("slow", 40)
    months.steps(70)

    [row] = months.rows
    close = months.closed["2026-11"]
    assert row.revision >= 2
    assert (close.spent_won, close.doubts, close.doubted_won) == (WON(140), (), WON(0))
    assert months.alerts == ["month:2026-11"]


def test_raises_and_stops_of_the_month_stand_in_its_close(months):
    now = months.now
    with months.store.control.transaction() as connection:
        put(connection, Override("r", "api", 3_000, "a demo", "kim", now, at(2026, 12, 1)))
        reason = '{"template": "spent", "values": {}}'
        done = ("stop", "budget", reason, VERIFIED, 1, "", now, now + 60)
        add(connection, Operation(1, "b", "gpu", *done))
    months.budgeting.renew()
    months.step()
    months.spend("a", 14_000)
    months.spend("b", 3_500)
    months.to(2026, 12, 1)
    months.spend("c", 14_500)
    months.spend("d", 100)
    months.to(2027, 1, 1)

    november, december = months.closed.values()
    api = next(each for each in november.buckets if each.bucket_id == "api")
    assert (api.allowed_won, api.spent_won, api.is_kept) == (WON(18_000), WON(17_500), True)
    assert november.did == (("stop", "budget", VERIFIED, 1, ("gpu",)),)
    assert december.did == ()
    assert next(each for each in december.buckets if each.bucket_id == "api").raised_won == 0


@pytest.mark.parametrize("seconds", [-HOUR, HOUR, 40 * DAY, -40 * DAY])
@pytest.mark.parametrize("before", [True, False])
def test_a_clock_that_jumps_around_midnight_closes_no_month_twice(months, seconds, before):
    months.spend("a", 500)
    months.to(2026, 11, 30, 23, 30) if before else months.to(2026, 12, 1, 0, 5)
    months.now += seconds
    months.steps(5)
    months.start()
    months.steps(5)
    months.now -= seconds
    months.steps(60)

    assert [(each.month, each.revision) for each in months.rows] == [("2026-11", 1)]
    assert months.alerts == ["month:2026-11"]


def test_a_clock_that_was_ahead_for_long_reopens_what_goes_on(months):
    months.spend("a", 500)
    months.steps(12)
    months.now += 40 * DAY
    months.steps(20)
    assert [each.month for each in months.rows] == ["2026-11", "2026-12"]
    months.now -= 40 * DAY
    months.steps(20)
    assert not any(each.is_closed(months.now) for each in months.rows)
    months.spend("b", 300)

    months.to(2026, 12, 1)

    rows = {each.month: each for each in months.rows}
    assert rows["2026-11"].is_closed(months.now)
    assert not rows["2026-12"].is_closed(months.now)
    assert months.closed["2026-11"].spent_won == WON(800)
    # The first was told by a clock that was wrong; December, then the last, was told as well.
    assert months.alerts.count("month:2026-11:again") == 1
    assert months.alerts.count("month:2026-11") <= 1


def test_a_clock_that_is_behind_for_long_changes_and_tells_nothing(months):
    months.spend("a", 500)
    months.to(2026, 12, 1)
    [before] = months.rows
    months.wait(5 * DAY)
    months.now -= 40 * DAY
    months.steps(20)
    assert not months.rows[0].is_closed(months.now)
    months.now += 40 * DAY
    months.steps(20)

    [row] = months.rows
    assert row._replace(closed_at=0, changed_at=0) == before._replace(closed_at=0, changed_at=0)
    assert row.is_closed(months.now)
    assert months.alerts == ["month:2026-11"]


def test_an_agent_that_was_off_for_months_closes_them_all_and_tells_the_last(tmp_path):
    months = Months(tmp_path, at(2026, 11, 29, 12), started=at(2026, 9, 12))
    try:
        months.spend("a", 500)
        months.steps(2)
        months.wait(at(2027, 2, 3) - months.now)
        months.start()
        months.steps(14)

        assert list(months.closed) == ["2026-09", "2026-10", "2026-11", "2026-12", "2027-01"]
        assert months.closed["2026-11"].spent_won == WON(500)
        assert months.alerts == ["month:2027-01"]
    finally:
        months.close()


def test_nothing_is_closed_that_was_over_before_sallim_began(months):
    months.steps(30)

    assert months.rows == []


def test_the_made_up_household_closes_its_months_and_tells_nobody(months):
    months.spend("a", 500)
    months.step()
    months.closing.take_over(months.settings.model_copy(update={"demo": True}))

    months.to(2026, 12, 1)

    [row] = months.rows
    assert (row.month, months.closed["2026-11"].spent_won) == ("2026-11", WON(500))
    assert months.alerts == []


def test_a_bill_that_arrives_later_corrects_the_close_and_tells_nothing(tmp_path):
    months = Months(tmp_path, at(2026, 11, 1, 12), started=at(2026, 10, 30))
    months.spend("a", 500)
    months.steps(14)
    months.to(2026, 12, 1)
    assert months.closed["2026-11"].billed == ()
    bill = typed_bill("openai", "2026-11", Price(WON(5), "USD"), SEOUL)
    put_bills(months.home, [bill], months.now)
    comparing = Reconciliation(months.home, SEOUL, lambda: months.now)
    months.store.record(list(comparing.collect(0.0).records))

    months.steps(70)

    row = months.rows[-1]
    close = months.closed["2026-11"]
    assert row.revision == 2
    [billed] = close.billed
    assert (billed.provider, billed.theirs_usd) == ("openai", WON(5))
    assert billed.ours_usd < WON(1)
    # What was missing is booked: five dollars at more than a thousand won each.
    assert close.spent_won > WON(5_500)
    assert months.alerts == ["month:2026-10", "month:2026-11"]
    months.close()
