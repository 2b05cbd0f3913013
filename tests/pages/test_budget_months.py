"""The tab of the months, without a browser: kept or not, the reports, the card, the next plan."""

import json
import time
from zoneinfo import ZoneInfo

import pytest
import streamlit as st

from agent.attempts import Attempts
from agent.budgeting import Budgeting
from agent.oidc import Oidc
from agent.sampling import Clocks
from agent.server import SignIn
from agent.sessions import Sessions
from agent.wiring.requests import Asking, InForce, Parts
from data.months import close_month, closes, plans
from data.ops.demand import DemandBatch, MonthForecast
from data.ops.recording import CostBatch
from data.settings_file import check
from models.budget.close import month_name
from models.budget.close_json import shape_of
from models.budget.kept_months import NOBODY_SAID, KeptClose
from models.costs.periods import period_at
from pages.entry.visitors import cookie_name, visitors_of
from pages.parts import budget_plan, costs_source
from tests.agent.signing_in import PHONE
from tests.models.budget.test_close import bucket, close
from tests.pages.canned import CannedView, serving
from tests.pages.test_costs_page import balances
from tests.pages.test_pages import ENGLISH, NOT_TRANSLATED, opened, visible
from tests.sallim.money import WON

pytestmark = [pytest.mark.slow, pytest.mark.zone]
BUDGET = "pages/budget.py"
SEOUL = ZoneInfo("Asia/Seoul")


@pytest.fixture(autouse=True)
def nothing_remembered():
    for cache in (
        costs_source.buckets_now,
        costs_source.burn_of,
        costs_source.advised_on,
        costs_source.projections_of,
    ):
        cache.clear()
    budget_plan.wants_of.clear()
    visitors_of.cache_clear()


class House:
    """A home whose people are let in, with the ledger that a plan is brought to."""

    def __init__(self, home, store) -> None:
        (home.path / "sallim.toml").write_text("[budget]\ntotal_krw = 24900\n")
        self.home, self.control = home, store.control
        self.view = CannedView(store)
        self.sessions = Sessions(store.control, time.time)
        settings = check(home.path / "sallim.toml")
        budgeting = Budgeting(home, Clocks(), store.control)
        budgeting.take_over(settings)
        parts = Parts(who=self.sessions.who, bring=budgeting.bring)
        self.asking = Asking(home, store.control, InForce(settings), Clocks(), parts)
        self.token = ""

    def enter(self, role: str) -> None:
        link, _ = self.sessions.make_link("minji", role, 0)
        self.token, _ = self.sessions.use_link(link, PHONE)

    def closed(self, months_ago, **changed) -> str:
        month = period_at(time.time(), "month", SEOUL)
        for _ in range(months_ago):
            month = period_at(month.since - 1, "month", SEOUL)
        value = close(month=month_name(month), since=month.since, until=month.until, **changed)
        document = json.dumps(shape_of(value))
        ends = float(month.until)
        row = KeptClose(value.month, 1, ends, ends, ends, NOBODY_SAID, "", 0.0, document)
        assert close_month(self.control, row, lambda connection: None)
        return value.month


@pytest.fixture
def house(home, store, monkeypatch):
    house = House(home, store)
    store.fold_costs(CostBatch(balances=balances(SEOUL, 9_000)), time.time())
    cookies = property(lambda _: {cookie_name(str(home.path)): house.token})
    monkeypatch.setattr(type(st.context), "cookies", cookies)
    sign_in = SignIn(house.sessions, Attempts(time.monotonic), Oidc(time.monotonic))
    with serving(house.view, home, sign_in, house.asking.people(0o600)):
        yield house


def pressed(app, label):
    return next(each for each in app.button if each.label == label).click().run()


def test_the_first_month_says_that_none_is_over_and_plans_the_next(house):
    house.enter("owner")
    app = opened(BUDGET, tab="months")

    assert not app.exception
    text = visible(app)
    assert "○ No month is over yet since Sallim began." in text
    assert "Plan of 20" in text
    assert "**APIs** ₩15,000 of ₩15,000: too little is known of its days" in text
    assert not app.get("plotly_chart")


def test_past_months_are_kept_or_not_with_their_reports(house):
    house.enter("viewer")
    over = house.closed(2, buckets=(bucket("total", 24_900, 26_000),))
    kept = house.closed(1)

    app = opened(BUDGET, tab="months")

    assert not app.exception
    text = visible(app)
    assert "Kept: **1** of 2 months." in text
    assert f"{kept} kept" in text
    [table] = [each.value for each in app.dataframe if "Verdict" in each.value]
    assert list(table["Month"]) == [kept, over]
    assert list(table["Verdict"]) == ["✓ kept", "■ overspent"]
    assert len(app.get("plotly_chart")) == 1
    assert [each.label for each in app.get("download_button")] == [
        "Report as a page",
        "Report as CSV",
    ]
    # A viewer asks for nothing.
    assert not app.button
    assert "An owner may have it hold" in text


def test_of_a_month_that_is_over_the_projections_are_held_against_what_came(house, store):
    house.enter("viewer")
    buckets = (bucket("total", 24_900, 12_000), bucket("api", 15_000, 10_000))
    house.closed(1, buckets=buckets)
    since = period_at(period_at(time.time(), "month", SEOUL).since - 1, "month", SEOUL).since
    ends = [(3, [8_000, 12_000, 14_000]), (14, [10_500, 11_000, 12_000])]
    store.demand.keep(
        DemandBatch(
            months=[
                MonthForecast("api", since, since + 30 * 86_400, since + day * 86_400 + 600, said)
                for day, end in ends
                for said in [json.dumps({"end": [n * WON for n in end], "naive_micro": 9 * WON})]
            ]
        )
    )

    app = opened(BUDGET, tab="months")

    assert not app.exception
    assert "APIs came to ₩10,000" in visible(app)
    [table] = [each.value for each in app.dataframe if "After days" in each.value]
    assert list(table["After days"]) == [3, 14]
    assert list(table["Expected"]) == [12_000, 11_000]
    assert list(table["Off by"]) == [0.2, 0.1]
    assert [each.split()[-1] for each in table["In the band"]] == ["yes", "no"]


def test_an_owner_types_what_the_card_was_charged(house):
    house.enter("owner")
    month = house.closed(1)
    app = opened(BUDGET, tab="months")

    app.number_input(key="charged").set_value(23_000)
    app = pressed(app, "Show what follows")
    assert "1,000 won more than the 22,000 won that were counted" in visible(app)
    app.text_input(key="confirm").set_value("23,000")
    app = pressed(app, "Do it")

    assert f"the card was charged 23,000 won for {month}" in visible(app)
    [row] = closes(house.control)
    assert (row.charged_micro, row.charged_by) == (23_000_000_000, "minji")
    assert "1,000 won more than" in visible(opened(BUDGET, tab="months"))


def test_an_owner_has_a_plan_hold_from_the_next_month_on_and_ends_it(house):
    house.enter("owner")
    app = opened(BUDGET, tab="months")

    app.text_input(key="plan-reason").set_value("a lean month")
    app = pressed(app, "Show what follows")
    assert "api: 15,000 won, where the settings say 15,000" in visible(app)
    assert "this month stays as it is" in visible(app)
    app.text_input(key="confirm").set_value("24900")
    app = pressed(app, "Do it")
    assert "on its plan holds" in visible(app)
    [plan] = plans(house.control)
    assert plan.amounts_krw == {"api": 15_000, "total": 24_900}

    app = opened(BUDGET, tab="months")
    assert f"**From {plan.month} on**" in visible(app)
    app = pressed(app, "End this plan")
    app.text_input(key="confirm").set_value(plan.month)
    pressed(app, "Do it")
    assert plans(house.control)[0].revoked_at is not None


def test_the_months_in_korean(house):
    house.enter("owner")
    house.closed(1)

    text = visible(opened(BUDGET, tab="months", lang="ko"))

    assert "지난 달" in text
    assert ENGLISH.findall(NOT_TRANSLATED.sub("", text)) == []
