"""The split of the next month: never more than the total, never above what the settings say."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.budget.kept_months import KeptPlan
from models.budget.plan import Chosen, Due, Need, PaidAhead, Wants, split
from models.budget.planned import planned, why_not_plan, with_plan
from models.costs.budget_rows import budgets_of
from models.messages import say
from models.settings import Settings
from models.settings.budget import Budget

KRW = st.integers(0, 100_000)
WON = st.decimals(0, 200_000, places=6, allow_nan=False, allow_infinity=False)
MAYBE = st.none() | WON
NOVEMBER, DECEMBER = 1_795_413_600.0, 1_796_050_800
"""The 23rd in Seoul, and the midnight after the 30th."""
API = Need("api", 15_000, Decimal(6_000), Decimal(8_000), False)


def below(kind):
    return st.lists(st.tuples(KRW, MAYBE), max_size=4).map(
        lambda found: [
            Need(f"{kind}:{place}", cap, high, high, True)
            for place, (cap, high) in enumerate(found)
        ]
    )


wants = st.builds(
    Wants,
    month=st.just("2026-12"),
    total_krw=KRW,
    api=st.builds(Need, st.just("api"), KRW, MAYBE, MAYBE, st.booleans()),
    servers_krw=st.none() | KRW,
    below=st.tuples(below("provider"), below("workflow"), below("key")).map(
        lambda parts: [each for part in parts for each in part]
    ),
    fixed=st.lists(st.builds(Due, st.just("vps"), WON), max_size=3),
    rented=st.lists(st.builds(Due, st.just("gpu"), WON), max_size=3),
    chosen=st.lists(
        st.builds(Chosen, st.sampled_from(["api", "servers"]), st.just(say("less")), WON),
        max_size=3,
    ),
)


@given(wants)
def test_a_plan_never_sums_to_more_than_there_is_nor_lifts_a_cap(wanted):
    plan = split(wanted)
    by_name = {each.bucket_id: each for each in plan.shares}
    servers, api = by_name["servers"], by_name["api"]

    assert servers.amount_krw + api.amount_krw + plan.left_krw == wanted.total_krw
    assert plan.left_krw >= 0
    for each in plan.shares:
        assert 0 <= each.amount_krw <= each.cap_krw
        assert each.missing_krw >= 0
        assert isinstance(each.amount_krw, int)
    for kind in ("provider", "workflow", "key"):
        mine = [each.amount_krw for name, each in by_name.items() if name.startswith(f"{kind}:")]
        assert sum(mine) <= api.amount_krw
    assert len(plan.misfits) == sum(each.missing_krw > 0 for each in plan.shares)
    assert ("servers" in plan.amounts_krw) == (wanted.servers_krw is not None)


@given(wants)
def test_what_is_planned_is_always_taken_as_a_plan(wanted):
    budget = Budget(
        total_krw=wanted.total_krw,
        api_krw=wanted.api.cap_krw,
        servers_krw=-1 if wanted.servers_krw is None else wanted.servers_krw,
    )
    plan = split(wanted._replace(below=[]))

    assert why_not_plan(plan.amounts_krw, budget) is None
    lowered = planned(budget, plan.amounts_krw).caps_krw
    assert lowered == {name: plan.amounts_krw[name] for name in budget.caps_krw}


def test_fixed_items_come_first_and_what_does_not_fit_is_named():
    fixed = [Due("fixed:vps", Decimal(9_000)), Due("server:big", Decimal(12_000))]
    plan = split(Wants("2026-12", 20_000, API, None, fixed=fixed))

    assert [(each.bucket_id, each.amount_krw) for each in plan.shares] == [
        ("servers", 20_000),
        ("api", 0),
    ]
    assert [str(each) for each in plan.misfits] == [
        "1,000 won do not fit of fixed:vps, server:big",
        "8,800 won of what api may need do not fit",
    ]


def test_advice_that_is_chosen_lowers_what_is_needed():
    rented = [Due("server:gpu", Decimal(5_000))]
    chosen = [
        Chosen("api", say("batch"), Decimal(2_000)),
        Chosen("servers", say("idle"), Decimal(9_000)),
    ]
    before = split(Wants("2026-12", 24_900, API, None, rented=rented))
    after = split(Wants("2026-12", 24_900, API, None, rented=rented, chosen=chosen))

    assert [each.amount_krw for each in before.shares] == [5_500, 8_800]
    # No more is saved than was spent.
    assert [each.amount_krw for each in after.shares] == [0, 6_600]


def test_where_little_is_known_or_spent_a_bucket_is_not_strangled():
    unknown, quiet = Need("api", 15_000), API._replace(high_won=Decimal(3))

    assert split(Wants("2026-12", 24_900, unknown, None)).amounts_krw["api"] == 15_000
    assert split(Wants("2026-12", 24_900, quiet, None)).amounts_krw["api"] == 3_000


def test_what_was_paid_ahead_and_ends_is_said():
    plan = split(Wants("2026-12", 24_900, API, None, paid_ahead=[PaidAhead("x", "2026-12-09")]))

    assert "paid ahead to x is used up on 2026-12-09" in str(plan.notes[0])


@pytest.mark.parametrize(
    ("amounts", "said"),
    [
        ({"total": 24_900, "gpu": 1}, "gpu has no budget; these have: total, api"),
        ({"total": 24_900, "api": 15_001}, "api may have 15,000 won at most"),
        ({"total": 25_000}, "total may have 24,900 won at most"),
        ({"api": 1}, "a plan must name the total"),
        ({"total": 9_000, "api": 9_001}, "are 9,001 won, more than the total of 9,000"),
    ],
)
def test_what_is_no_plan_is_refused_with_what_would_be(amounts, said):
    assert said in str(why_not_plan(amounts, Budget()))


PLAN = KeptPlan("p", "2026-12", '{"total": 24900, "api": 9000}', "lean", "kim", NOVEMBER)


def caps(now, plans):
    settings = Settings.model_validate({"budget": {"providers_krw": ["x=y=5000"]}})
    return {each.bucket_id: each for each in budgets_of(settings, (), now, plans)}


def test_this_month_stays_and_the_ledger_knows_the_next_without_the_agent():
    now = caps(NOVEMBER, [PLAN])["api"]
    plain = caps(NOVEMBER, [])["api"]

    assert (now.cap_micro, now.version) == (plain.cap_micro, plain.version)
    assert (now.until_us, now.after_cap_micro) == (DECEMBER * 1_000_000, 9_000 * 1_000_000)
    then = caps(DECEMBER, [PLAN])["api"]
    assert (then.cap_micro, then.until_us) == (9_000 * 1_000_000, 0)
    assert caps(DECEMBER, [PLAN._replace(revoked_at=1.0)])["api"] == caps(DECEMBER, [])["api"]


def test_a_plan_lowers_what_it_names_and_nothing_else():
    settings = Settings.model_validate({"budget": {"providers_krw": ["x=y=5000"]}})
    amounts = '{"total": 20000, "api": 99000, "provider:x=y": 3000}'
    held = with_plan(settings, [PLAN._replace(amounts=amounts)], DECEMBER)

    assert held.budget.caps_krw == {"total": 20_000, "api": 15_000, "provider:x=y": 3_000}
    assert with_plan(settings, [PLAN], NOVEMBER) is settings
