"""What requests do: money by hand, services, and orders that hold for a while."""

from functools import partial
from zoneinfo import ZoneInfo

import pytest

from agent.requests import Job
from agent.requests.acknowledging import Acknowledging
from agent.requests.ordering import Ordering
from data.outbox import acknowledge
from data.requests import orders
from models.errors import RequestRefused
from models.requests import Request
from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import Admitted, Period
from sallim.money import MICRO
from tests.agent.asking import NOW, OPERATOR, OWNER
from tests.sallim.money import EXCHANGE, SEOUL, WON, asked, budget, settlement, used

SEOUL_ZONE = ZoneInfo("Asia/Seoul")
NOVEMBER = "2026-11-30"
NOW_US = int(NOW) * MICRO
DAY_US = 86_400_000_000


@pytest.fixture
def accounts(house):
    """A ledger with a call whose end nobody saw, at 100 won."""
    accounts = Accounts.open(house.home.ledger)
    accounts.put_budgets(
        [budget(cap_micro=15_000 * WON)], [Period(SEOUL, NOW_US - DAY_US, NOW_US + 7 * DAY_US)]
    )
    accounts.put_exchange([EXCHANGE])
    moments = {"opened_us": NOW_US - 3600 * MICRO, "expires_us": NOW_US - 1800 * MICRO}
    accounts.reserve(asked("c-1", 100 * WON, **moments))
    accounts.expire(NOW_US)
    yield accounts
    accounts.close()


def refusal(house, caller, kind, target, **args) -> str:
    with pytest.raises(RequestRefused) as refused:
        house.asked(caller, kind, target, **args)
    return str(refused.value)


def test_a_call_in_doubt_is_settled_at_what_a_person_read(house, accounts):
    assert used(accounts, NOW_US)["total"] == (0, 0, 100 * WON)

    kept = house.asked(OWNER, "settle", "c-1", amount_krw="12.5", attempt=1)

    assert (kept.state, str(kept.told)) == ("done", "c-1 counts 13 won")
    assert used(accounts, NOW_US)["total"] == (12_500_000, 0, 0)
    [row] = accounts.calls_named("c-1")
    assert (row.source, row.nano_usd) == ("typed", 90_375)
    assert row.error == f"settled by hand (request {kept.request_id})"
    assert house.audit[0].before.endswith(
        '"gross_micro": 100000000, "reason": "so it is", "state": "unverified"}'
    )


def test_a_call_that_cost_nothing_is_settled_at_nothing(house, accounts):
    assert house.asked(OWNER, "settle", "c-1", amount_krw=0, attempt=1).state == "done"
    assert used(accounts, NOW_US)["total"] == (0, 0, 0)


def test_what_is_no_call_in_doubt_is_not_settled_by_hand(house, accounts):
    assert "can have cost no more" in refusal(
        house, OWNER, "settle", "c-1", amount_krw="100.000001", attempt=1
    )
    for target, attempt in (("c-1", 2), ("c", 1), ("c-1%", 1)):
        assert "the ledger knows no call" in refusal(
            house, OWNER, "settle", target, amount_krw=1, attempt=attempt
        )
    accounts.settle("c-1", 1, settlement())
    assert "is settled; only a call whose end nobody saw" in refusal(
        house, OWNER, "settle", "c-1", amount_krw=1, attempt=1
    )


def test_whoever_settled_it_first_counts(house, accounts):
    shape = house.prepared(OWNER, "settle", "c-1", amount_krw=1, attempt=1)
    accounts.settle("c-1", 1, settlement())
    with pytest.raises(RequestRefused, match="is settled"):
        house.requests.ask(OWNER, shape)

    assert used(accounts, NOW_US)["total"] == (WON // 2, 0, 0)


def test_without_a_ledger_there_is_no_call(house):
    assert "there is no ledger yet" in refusal(
        house, OWNER, "settle", "c-1", amount_krw=1, attempt=1
    )


def test_what_the_budget_does_not_allow_is_refused_with_its_sentence(house):
    house.asked(OWNER, "raise", "api", amount_krw=7000, until=NOVEMBER)

    assert refusal(house, OWNER, "raise", "api", amount_krw=501, until=NOVEMBER) == (
        "500 won are left, until the end of November"
    )
    assert house.asked(OWNER, "raise", "api", amount_krw=500, until=NOVEMBER).state == "done"


def test_a_raise_is_under_way_until_the_ledger_knows_it(house):
    house.world.slow = True
    assert house.asked(OWNER, "raise", "api", amount_krw=500, until=NOVEMBER).state == "accepted"
    house.requests.step()
    assert not house.world.in_ledger

    house.world.slow = False
    house.requests.step()

    assert [row.state for row in house.requests.recent(OWNER)] == ["done"]
    assert (house.world.in_ledger, len(house.world.acts)) == ({"api"}, 1)


def test_a_release_leaves_the_cap_as_it_is(house):
    kept = house.asked(OWNER, "release", "api", until=NOVEMBER)

    assert str(kept.told) == (
        "calls of every priority may use api to the end of its cap until 2026-12-01 00:00; the cap "
        "stays"
    )
    assert [each.delta_krw for each in house.world.all()] == [0]


def test_a_preview_of_a_raise_says_what_still_holds(house):
    told = house.requests.preview(
        OWNER,
        {"kind": "raise", "target": "api", "args": {"amount_krw": 3000, "until": NOVEMBER}},
    )

    lines = [line["template"].format(**line["values"]) for line in told["lines"]]
    assert lines == [
        "api may spend 18,000 won instead of 15,000 until 2026-12-01 00:00",
        "everything together stays at 24,900 won",
    ]


def test_a_raise_is_taken_back_and_what_that_refuses_is_said_before(house, accounts):
    name = house.asked(OWNER, "raise", "api", amount_krw=3000, until=NOVEMBER).request_id
    accounts.put_budgets(
        [budget("api", 18_000 * WON)], [Period(SEOUL, NOW_US - DAY_US, NOW_US + 7 * DAY_US)]
    )
    call = asked("c-2", 15_500 * WON, buckets=("api",), opened_us=NOW_US)
    assert isinstance(accounts.reserve(call), Admitted)

    shape = house.prepared(OWNER, "withdraw", name, bucket="api")

    assert shape["confirm"] == "api"
    told = house.requests.preview(
        OWNER, {"kind": "withdraw", "target": name, "args": {"bucket": "api"}}
    )
    assert [line["template"].format(**line["values"]) for line in told["lines"]] == [
        "api may no longer spend the 3,000 won more",
        "api may then spend 15,000 won; 0 won are spent, and 15,500 won are kept free",
        "all calls that cost something are refused",
    ]
    assert house.requests.ask(OWNER, shape).state == "done"
    assert house.world.all()[0].revoked_at == NOW
    assert "is over already" in refusal(house, OWNER, "withdraw", name, bucket="api")


def test_only_what_holds_is_taken_back_and_by_an_owner(house):
    name = house.asked(OWNER, "release", "api", until=NOVEMBER).request_id

    assert "no raise or release of total" in refusal(house, OWNER, "withdraw", name, bucket="total")
    assert "is operator and may not withdraw" in refusal(
        house, OPERATOR, "withdraw", name, bucket="api"
    )
    house.world.slow = True
    kept = house.asked(OWNER, "withdraw", name, bucket="api")
    assert (kept.state, str(kept.told)) == ("accepted", "under way")
    house.world.slow = False
    house.crash()
    house.requests.step()
    assert [str(row.told) for row in house.requests.recent(OWNER)][:1] == [
        "the lines of api hold again"
    ]


def test_everything_that_costs_money_stops_and_comes_back(house):
    stopped = house.asked(OWNER, "stop_all", "everything")
    assert (stopped.state, house.world.up) == (
        "done",
        {"gpu": False, "n8n": False, "postgres": True},
    )
    assert "is stopped already" in refusal(house, OWNER, "stop_all", "everything")

    assert house.asked(OWNER, "resume", "everything").state == "done"
    assert all(house.world.up.values())
    assert "nothing was stopped by a person" in refusal(house, OWNER, "resume", "everything")


def test_calls_stop_with_everything_else_and_come_back(house, accounts):
    def answer(name, won=1):
        call = asked(name, won * WON, buckets=("total", "api"), opened_us=NOW_US)
        return accounts.reserve(call)

    kept_free = answer("before")
    preview = house.requests.preview(
        OWNER, {"kind": "stop_all", "target": "everything", "args": {}}
    )
    house.asked(OWNER, "stop_all", "everything")
    refused = answer("a")

    assert "calls of paid APIs are refused, essential ones too" in str(preview["lines"])
    assert (type(kept_free), refused.code) == (Admitted, "held")
    assert (refused.since_us, type(answer("free", 0))) == (NOW_US, Admitted)
    assert accounts.settle("before", 1, settlement())
    assert house.asking.people(0o600).state()["held_since"] == int(NOW)

    house.asked(OWNER, "resume", "everything")

    assert type(answer("b")) is Admitted
    assert '"calls_held": true' in house.audit[-2].before


def test_without_any_service_calls_are_what_stops(house, accounts):
    house.world.up.clear()

    kept = house.asked(OWNER, "stop_all", "everything")

    assert (kept.state, accounts.held_us()) == ("done", NOW_US)
    assert house.asked(OWNER, "resume", "everything").state == "done"
    assert accounts.held_us() == 0


def test_services_stop_also_where_the_ledger_cannot_be_written(house, accounts):
    house.home.ledger.rename(house.home.ledger_folder / "away")
    house.home.ledger.mkdir()

    kept = house.asked(OWNER, "stop_all", "everything")

    assert (kept.state, house.world.up["gpu"]) == ("accepted", False)
    house.home.ledger.rmdir()
    (house.home.ledger_folder / "away").rename(house.home.ledger)
    house.requests.step()
    assert house.requests.recent(OWNER)[0].state == "done"
    assert accounts.held_us() == NOW_US


def test_a_resume_that_is_looked_for_late_ends_no_later_stop(house, accounts):
    house.asked(OWNER, "stop_all", "everything")
    house.world.slow = True
    house.asked(OWNER, "resume", "everything")
    house.world.up["gpu"] = True
    house.asked(OWNER, "stop_all", "everything")

    house.crash()
    house.requests.step()

    assert accounts.held_us() == NOW_US


def test_one_service_is_stopped_and_started_and_no_other(house):
    assert house.asked(OPERATOR, "stop", "gpu").state == "done"
    assert house.world.up == {"gpu": False, "n8n": True, "postgres": True}
    assert house.asked(OPERATOR, "start", "gpu").state == "done"
    assert "nothing named gpu2 can be stopped or started; there is gpu, n8n, postgres" in refusal(
        house, OPERATOR, "stop", "gpu2"
    )


def test_a_stop_that_takes_its_time_is_under_way_until_it_is_seen(house):
    house.world.slow = True
    kept = house.asked(OWNER, "stop_all", "everything")
    house.requests.step()
    assert kept.state == "accepted"
    assert [row.state for row in house.requests.recent(OWNER)] == ["accepted"]

    house.world.finish()
    house.requests.step()

    [row] = house.requests.recent(OWNER)
    assert (row.state, str(row.told)) == ("done", "done, and seen to be so")
    assert len(house.world.acts) == 1


def test_a_silence_holds_until_its_end(house):
    house.asked(OPERATOR, "silence", "api", until="2026-11-25")

    [order] = orders(house.control, "silence", NOW)
    assert (order.target, order.ordered_by, order.until_at) == ("api", "jun", 1_795_618_800)
    assert orders(house.control, "silence", order.until_at - 1)
    assert not orders(house.control, "silence", order.until_at)
    assert "must lie ahead, and not after 2026-11-30" in refusal(
        house, OPERATOR, "silence", "api", until="2026-12-05"
    )


def test_a_clock_that_was_wrong_leaves_no_long_silence_behind(house):
    house.clock.now += 40 * 86_400
    house.asked(OPERATOR, "silence", "api", until="2027-01-05")
    assert orders(house.control, "silence", house.clock.now + 3600)

    assert not orders(house.control, "silence", NOW)
    assert orders(house.control, "silence", house.clock.now - 3600)


def test_an_acknowledgement_holds_for_a_week_or_as_long_as_is_said(house):
    kept = house.asked(OPERATOR, "acknowledge", "n8n down")
    house.asked(OPERATOR, "acknowledge", "ocr", until="2026-11-24")

    assert str(kept.told) == "n8n down is acknowledged"
    week = NOW + 7 * 86_400
    assert [len(orders(house.control, "acknowledge", at)) for at in (NOW, week - 1, week)] == [
        *(2, 1, 0)
    ]
    assert "must lie ahead, and not after 2026-11-30 15:00" in refusal(
        house, OPERATOR, "acknowledge", "ocr", until="2026-12-24"
    )


def test_a_pause_ends_by_itself_or_by_a_person(house):
    house.asked(OWNER, "pause", "automation", until="2026-11-29")
    house.asked(OWNER, "pause", "scale", until="2026-11-24")
    assert [each.target for each in orders(house.control, "pause", NOW)] == ["automation", "scale"]

    kept = house.asked(OWNER, "resume", "automation")

    assert str(kept.told) == "pauses that end: 2"
    assert not orders(house.control, "pause", NOW)
    assert house.asked(OWNER, "resume", "automation").state == "done"


@pytest.mark.parametrize("number", ["7", "9" * 40, "९" * 40])
def test_a_number_of_no_message_is_told_and_nothing_else(house, number):
    acknowledging = Acknowledging(
        partial(acknowledge, house.control), Ordering(house.control, lambda: SEOUL_ZONE)
    )
    request = Request("acknowledge", number, {}, "so it is")

    with pytest.raises(RequestRefused, match=f"there is no message #{number}"):
        acknowledging.act(Job("r-1", request, OWNER.actor, NOW))
