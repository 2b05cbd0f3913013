"""What people say of months: the card's figure, the next plan, and its end; with a real ledger."""

import json

import pytest

from agent.budgeting import Budgeting
from agent.overriding import KeptOverrides
from agent.sampling import Clocks
from agent.wiring.requests import Asking, InForce, Parts
from data.bills.notes import began
from data.control import Control
from data.months import close_month, closes, plans, reopen
from models.budget.close_json import shape_of
from models.budget.kept_months import NOBODY_SAID, KeptClose
from models.errors import RequestRefused
from models.messages import Message
from sallim.ledger.accounts import Accounts
from sallim.money import MICRO
from tests.agent.asking import NOVEMBER_ENDS, NOW, OWNER, House
from tests.data.stores import home_in
from tests.models.budget.test_close import close

OCTOBER_ENDS = 1_793_458_800.0
AMOUNTS = {"total": 24_900, "api": 9_000}
DAY = 86_400.0


class Planned(House):
    """With a ledger that knows what is raised and planned."""

    def open(self) -> None:
        self.control = Control.open(self.home.control)
        clocks, in_force = Clocks(self.clock, self.monotonic), InForce(self.settings)
        began(self.home, NOW)
        self.budgeting = Budgeting(self.home, clocks, self.control)
        self.budgeting.take_over(self.settings)
        parts = Parts(
            KeptOverrides(self.control, self.budgeting, in_force),
            self.world,
            {}.get,
            bring=self.budgeting.bring,
        )
        self.asking = Asking(self.home, self.control, in_force, clocks, parts)
        self.requests = self.asking.requests

    def caps(self, at):
        accounts = Accounts.open(self.home.ledger)
        balances = accounts.balances(int(at) * MICRO)
        accounts.close()
        return {each.bucket_id: each.cap_micro // MICRO for each in balances}

    def plan(self, month="2026-12", total=24_900, **amounts):
        wanted = {"total": total, **amounts}
        return self.asked(OWNER, "plan", month, total_krw=total, amounts_krw=wanted)

    def until(self, at) -> None:
        self.clock.now = at
        self.budgeting.step()


@pytest.fixture
def house(tmp_path):
    house = Planned(home_in(tmp_path))
    yield house
    house.close()


@pytest.fixture
def october(house):
    document = json.dumps(shape_of(close(month="2026-10")))
    row = KeptClose(
        "2026-10", 1, OCTOBER_ENDS, OCTOBER_ENDS, OCTOBER_ENDS, NOBODY_SAID, "", 0.0, document
    )
    assert close_month(house.control, row, lambda connection: None)
    return row


def refusal(house, kind, target, **args) -> str:
    with pytest.raises(RequestRefused) as refused:
        house.asked(OWNER, kind, target, **args)
    return str(refused.value)


def test_what_the_card_was_charged_is_kept_and_said_why_it_differs(house, october):
    shape = house.prepared(OWNER, "charge", "2026-10", amount_krw=23_000)
    assert shape["confirm"] == "23000"
    shown = house.requests.preview(OWNER, {k: shape[k] for k in ("kind", "target", "args")})
    said = {str(Message.from_json(line)) for line in shown["lines"]}
    assert any("1,000 won more than the 22,000 won that were counted" in line for line in said)

    kept = house.requests.ask(OWNER, shape)

    assert (kept.state, str(kept.told)) == ("done", "the card was charged 23,000 won for 2026-10")
    [row] = closes(house.control)
    assert (row.charged_micro, row.charged_by, row.revision) == (23_000 * MICRO, "minji", 1)
    assert house.verdict == (2, "")
    assert house.asked(OWNER, "charge", "2026-10", amount_krw=0).state == "done"
    assert closes(house.control)[0].charged_micro == 0


def test_a_month_that_is_not_closed_was_charged_nothing_yet(house, october):
    assert "2026-11 is not closed; these months are: 2026-10" in refusal(
        house, "charge", "2026-11", amount_krw=1
    )
    assert "target must be a month" in refusal(house, "charge", "2026-13", amount_krw=1)
    reopen(house.control, "2026-10", NOW)
    assert "is not closed" in refusal(house, "charge", "2026-10", amount_krw=1)


def test_a_plan_holds_from_the_next_month_on_and_this_one_stays(house):
    kept = house.plan(api=9_000)

    assert (kept.state, str(kept.told)) == ("done", "from 2026-12 on its plan holds")
    assert house.caps(NOW) == {"api": 15_000, "total": 24_900}
    house.until(NOVEMBER_ENDS - 1)
    assert house.caps(NOVEMBER_ENDS - 1)["api"] == 15_000
    house.until(NOVEMBER_ENDS + 1)
    assert house.caps(NOVEMBER_ENDS + 1) == {"api": 9_000, "total": 24_900}


def test_the_ledger_turns_to_the_plan_at_midnight_without_the_agent(house):
    house.plan(api=9_000)

    assert house.caps(NOVEMBER_ENDS + 60) == {"api": 9_000, "total": 24_900}


def test_a_raise_in_a_planned_month_is_measured_by_the_plan(house):
    house.plan(api=2_000)
    house.until(NOVEMBER_ENDS + 60.0)

    said = refusal(house, "raise", "api", amount_krw=3_000, until="2026-12-20")
    assert "api may be raised by 1,000 won more this month" in said
    house.asked(OWNER, "raise", "api", amount_krw=1_000, until="2026-12-20")
    assert house.caps(house.clock.now)["api"] == 3_000


def test_a_plan_is_confirmed_by_its_total_and_lifts_nothing(house):
    shape = house.prepared(
        OWNER, "plan", "2026-12", total_krw=24_900, amounts_krw={"total": 24_900, "api": 9_000}
    )
    assert shape["confirm"] == "24900"
    with pytest.raises(RequestRefused, match="24900"):
        house.requests.ask(OWNER, {**shape, "confirm": "9000"})

    assert "next month, which is 2026-12" in _plan_refusal(house, "2026-11", api=9_000)
    assert "next month, which is 2026-12" in _plan_refusal(house, "2027-01", api=9_000)
    assert "api may have 15,000 won at most" in _plan_refusal(house, "2026-12", api=15_001)
    assert "must be the same" in refusal(
        house, "plan", "2026-12", total_krw=20_000, amounts_krw=AMOUNTS
    )
    assert plans(house.control) == []


def _plan_refusal(house, month, **amounts):
    with pytest.raises(RequestRefused) as refused:
        house.plan(month, **amounts)
    return str(refused.value)


@pytest.mark.parametrize(
    "amounts", [{}, [], "api", {"api": 1.5}, {"api": True}, {"api": -1}, {"": 1}, {"a\n": 1}]
)
def test_amounts_are_whole_won_by_name(house, amounts):
    with pytest.raises(RequestRefused):
        house.requests.preview(
            OWNER,
            {
                "kind": "plan",
                "target": "2026-12",
                "args": {"total_krw": 24_900, "amounts_krw": amounts},
            },
        )


def test_a_second_plan_stands_instead_of_the_first_and_an_end_gives_the_settings_back(house):
    house.plan(api=9_000)
    house.plan(api=7_000)
    assert sorted(each.revoked_at is None for each in plans(house.control)) == [False, True]
    house.until(NOVEMBER_ENDS + 60.0)
    assert house.caps(house.clock.now)["api"] == 7_000

    assert str(house.asked(OWNER, "unplan", "2026-12").told) == (
        "the plan of 2026-12 ends, and the settings hold"
    )
    assert house.caps(house.clock.now)["api"] == 15_000
    assert "2026-12 has no plan; there is none" in refusal(house, "unplan", "2026-12")


def test_a_plan_outlives_a_crash_and_is_told_with_the_budgets(house, october):
    house.plan(api=9_000)
    house.crash()

    state = house.asking.people(0o600).state()
    assert [(each["month"], each["amounts"]) for each in state["plans"]] == [("2026-12", AMOUNTS)]
    months = house.asking.people(0o600).months()
    assert [each["month"] for each in months["closes"]] == ["2026-10"]
    assert months["closes"][0]["close"] == shape_of(close(month="2026-10"))
    house.until(NOVEMBER_ENDS + 40 * DAY)
    assert house.caps(house.clock.now)["api"] == 9_000
