"""What would cost less: every kind with a saving worked out by hand, and when nothing is said."""

from decimal import Decimal

import pytest

from models.costs.advice import advise, together
from models.costs.advice.families import is_comparable
from models.costs.advice.shapes import (
    Beginnings,
    Facts,
    Limits,
    Losses,
    Machine,
    Market,
    Outside,
    Repeats,
    Use,
    UsedOutside,
)
from sallim.ledger.money_rows import RateRow, Tokens
from sallim.prices import PriceList

NOW_US = 1_764_000_000_000_000  # 2025-11-24 16:00 UTC
WON_A_DOLLAR = 1_500
MEGA = 1_000_000


def rates(provider, model, input_usd, output_usd, more="", sheets=""):
    """Prices in whole dollars for a million tokens; a document as `sallim.prices` reads it."""
    shown = f'"input": {input_usd * 10**9}, "output": {output_usd * 10**9}{more}'
    return RateRow(
        provider, model, "p", f'{{"v": 1, "prices": [{{"rates": {{{shown}}}}}{sheets}]}}', "x", 0
    )


FLEX = (
    '], "variants": [{"when": {"service_tier": "flex"}, '
    '"rates": {"input": 1000000000, "output": 4000000000}}'
)
PEAK = ', {"rates": {"input": 4000000000, "output": 8000000000}, "minutes_utc": [60, 720]}'
CACHED = ', "cache_read": 100000000, "cache_write": 1250000000'
PRICES = PriceList(
    [
        rates("openai", "gpt-9", 10, 20),
        rates("openai", "gpt-9-mini", 2, 8, sheets=FLEX),
        rates("openai", "gpt-9-nano", 1, 1),
        rates("openai", "gpt-9-image-mini", 1, 1),
        rates("deepseek", "deepseek-9", 2, 4, sheets=PEAK),
        rates("anthropic", "claude-haiku-9", 1, 5, CACHED),
        rates("google", "gemini-9-flash", 1, 5, ', "cache_read": 100000000'),
    ]
)
MARKET = Market(PRICES, NOW_US)


def use(provider="openai", model="gpt-9", calls=100, usd="30", patient=False, **tokens):
    tokens = tokens or {"input": MEGA, "output": MEGA}
    paid = Decimal(usd)
    return Use("ocr", provider, model, patient, calls, paid * WON_A_DOLLAR, paid, Tokens(**tokens))


def said(kind, **facts):
    return [one for one in advise(Facts(**facts), MARKET) if one.kind == kind]


def the(kind, **facts):
    [one] = said(kind, **facts)
    return one


def figures(advice):
    return {str(proof.what): proof.value for proof in advice.evidence}


def test_nothing_is_advised_where_nothing_is_known():
    assert advise(Facts(), MARKET) == []


def test_the_next_smaller_model_of_the_family_by_the_same_tokens():
    """10 + 20 dollars become 2 + 8: 20 dollars less, at 1,500 won each."""
    advice = the("cheaper_model", uses=[use()])

    assert advice.saving_krw_month == 20 * WON_A_DOLLAR
    assert str(advice.sentence) == "gpt-9-mini instead of gpt-9 would cost 67% less."
    assert advice.code == 'model = "gpt-9-mini"'
    assert advice.confidence == "medium"
    assert figures(advice)["the same tokens with the cheaper model"] == 10 * WON_A_DOLLAR


def test_calls_that_wait_and_those_that_do_not_are_one_workflow():
    advice = the("cheaper_model", uses=[use(calls=10), use(calls=10, patient=True)])

    assert advice.saving_krw_month == 40 * WON_A_DOLLAR


def test_what_tools_did_cost_is_not_saved_by_another_model():
    """50 dollars were paid, of which tokens are 30."""
    advice = the("cheaper_model", uses=[use(usd="50")])

    assert advice.saving_krw_month == 20 * WON_A_DOLLAR


def test_what_was_cheaper_than_listed_saves_less():
    """A discount made 30 dollars 15; the smaller model costs 10."""
    assert the("cheaper_model", uses=[use(usd="15")]).saving_krw_month == 5 * WON_A_DOLLAR


@pytest.mark.parametrize(
    "changed",
    [
        {"calls": 19},
        {"model": "gpt-9-mini", "usd": "2.2"},  # 2 dollars are more than 90 % of it
        {"usd": "0.003", "input": 100, "output": 100},  # 3 won are saved
        {"model": "gpt-9-nano", "usd": "2"},
        {"model": "unknown"},
    ],
)
def test_no_cheaper_model_is_advised_for_little(changed):
    assert said("cheaper_model", uses=[use(**changed)]) == []


@pytest.mark.parametrize(
    ("model", "other", "comparable"),
    [
        ("gemini-2.5-pro", "gemini-2.5-flash", True),
        ("gemini-2.5-pro", "gemini-3.1-flash-lite", False),
        ("claude-sonnet-4-5", "claude-haiku-4-5", True),
        ("gpt-5", "gpt-5-nano", True),
        ("gpt-5", "gpt-5", False),
        ("gpt-5", "gpt-5-image-mini", False),
        ("gemini-2.5-flash-lite", "gemini-2.5-flash-preview", False),
        ("gemini-3-pro-preview", "gemini-3-flash-preview", True),
        ("ft:gpt-4o", "ft:gpt-4o-mini", False),
        ("text-embedding-3-large", "text-embedding-3-small", False),
    ],
)
def test_which_models_are_of_one_family(model, other, comparable):
    assert is_comparable(model, other) is comparable


def test_flex_for_calls_that_nobody_waits_for():
    """2 + 8 dollars become 1 + 4."""
    advice = the("batch", uses=[use(model="gpt-9-mini", usd="10", patient=True)])

    assert advice.saving_krw_month == 5 * WON_A_DOLLAR
    assert advice.confidence == "high"
    assert 'service_tier="flex"' in advice.code
    assert "50% less" in str(advice.sentence)


def test_a_batch_where_there_is_no_flex_and_that_the_guard_refuses_it():
    batch = FLEX.replace('"service_tier": "flex"', '"processing": "batch"')
    market = Market(PriceList([rates("anthropic", "claude-9", 2, 8, sheets=batch)]), NOW_US)
    told = Facts(uses=[use("anthropic", "claude-9", usd="10", patient=True)])

    [advice] = [one for one in advise(told, market) if one.kind == "batch"]
    assert advice.saving_krw_month == 5 * WON_A_DOLLAR
    assert advice.confidence == "medium"
    assert "sallim.metered" in " ".join(map(str, advice.steps))


@pytest.mark.parametrize(
    "changed",
    [{"patient": False}, {"calls": 19}, {"usd": "5"}, {"usd": "0", "model": "gpt-9-mini"}],
)
def test_no_slower_tier_is_advised_where_somebody_waits_or_it_is_paid_already(changed):
    told = {"model": "gpt-9-mini", "usd": "10", "patient": True, **changed}

    assert said("batch", uses=[use(**told)]) == []


def test_the_cheap_hours_of_a_provider():
    """4 + 8 dollars from 01:00 to 12:00, else 2 + 4."""
    advice = the("off_peak", uses=[use("deepseek", "deepseek-9", usd="12", patient=True)])

    assert advice.saving_krw_month == 6 * WON_A_DOLLAR
    assert "from 12:00 to 01:00 UTC" in str(advice.sentence)
    assert advice.confidence == "medium"
    assert the("off_peak", uses=[use("deepseek", "deepseek-9", usd="12")]).confidence == "low"


@pytest.mark.parametrize("changed", [{"usd": "6"}, {"calls": 19}, {"model": "gpt-9"}])
def test_no_hour_is_advised_where_calls_are_cheap_already(changed):
    told = {"provider": "deepseek", "model": "deepseek-9", "usd": "12", **changed}

    assert said("off_peak", uses=[use(**told)]) == []


def begun(
    provider="anthropic", model="claude-haiku-9", calls=100, reads=60, writes=20, input=5_000
):
    """Half a million tokens in 100 calls, which cost a dollar."""
    usd = Decimal(1)
    return Beginnings(
        "ocr", provider, model, calls, reads, writes, input * calls, usd * WON_A_DOLLAR, usd
    )


def test_beginnings_that_repeat_may_be_read_from_a_cache():
    """60 reads of 1,000 tokens at 0.9 dollars less, 20 writes at 0.25 more: 5.4 - 0.5 cents."""
    advice = the("caching", beginnings=[begun()])

    assert advice.saving_krw_month == Decimal("0.049") * WON_A_DOLLAR
    assert "At least 12%" in str(advice.sentence)
    assert figures(advice)["cheaper from so many repetitions on"] == 1
    assert "cache_control" in advice.code
    assert advice.confidence == "medium"


def test_where_writing_costs_no_more_each_repetition_saves():
    advice = the("caching", beginnings=[begun("google", "gemini-9-flash")])

    assert advice.saving_krw_month == Decimal("0.054") * WON_A_DOLLAR
    assert advice.confidence == "low"


@pytest.mark.parametrize(
    "told",
    [
        begun(input=4_000),  # shorter than what Anthropic keeps
        begun(calls=19),
        begun(reads=10, writes=40),  # writing costs more than reading saves
        begun(reads=5, writes=0),  # 6.75 won
        begun("openai", "gpt-9"),  # a cache costs the same there
    ],
)
def test_no_cache_is_advised_where_it_saves_little(told):
    assert said("caching", beginnings=[told]) == []


def test_the_same_question_need_not_be_paid_for_again():
    told = Repeats("ocr", "openai", "gpt-9", 200, 50, Decimal(321))
    advice = the("repeated", repeats=[told])

    assert advice.saving_krw_month == 321
    assert figures(advice)["part of all"] == Decimal("0.25")
    assert str(advice.sentence).startswith("25% of the calls of gpt-9 asked")
    assert advice.confidence == "medium"
    assert the("repeated", repeats=[told._replace(model="text-embedding-3")]).confidence == "high"


@pytest.mark.parametrize("changed", [{"calls": 19}, {"repeated_won": Decimal("9.99")}])
def test_few_repeated_calls_are_not_told(changed):
    told = Repeats("ocr", "openai", "gpt-9", 200, 50, Decimal(321))._replace(**changed)

    assert said("repeated", repeats=[told]) == []


WIDE = Limits("ocr", "openai", "gpt-9", 50, 900, 8_000, Decimal(260), Decimal(WON_A_DOLLAR))


def test_a_limit_that_nobody_reaches_keeps_money_from_other_calls():
    """900 and half as much is 1,400; 6,600 tokens less at 20 dollars a million are 198 won."""
    advice = the("limits", limits=[WIDE], left_won=Decimal(1_000))

    assert advice.saving_krw_month is None
    told = figures(advice)
    assert told["less with the smaller limit"] == 198
    assert told["calls at once for which there is room now"] == 3
    assert told["the same with the smaller limit"] == 16
    assert advice.code == "max_output_tokens=1400"


def test_without_a_budget_nothing_is_said_of_room():
    assert len(the("limits", limits=[WIDE]).evidence) == 3


@pytest.mark.parametrize(
    "changed",
    [
        {"calls": 19},
        {"output_max": 2_800},
        {"model": "gpt-9-nano", "output_max": 700, "p99_output": 100},  # 0.75 won
        {"model": "unknown"},
    ],
)
def test_a_limit_that_fits_is_left_alone(changed):
    told = WIDE._replace(**changed)

    assert said("limits", limits=[told]) == []


def test_thoughts_that_are_most_of_the_output():
    """0.7 million at 20 dollars are 14; half of that."""
    tokens = {"input": 0, "output": 300_000, "reasoning": 700_000}
    advice = the("thoughts", uses=[use(usd="20", **tokens)])

    assert advice.saving_krw_month == 7 * WON_A_DOLLAR
    assert "70% of what gpt-9 makes" in str(advice.sentence)
    assert advice.confidence == "low"


@pytest.mark.parametrize(
    ("calls", "output", "reasoning"), [(19, 300_000, 700_000), (100, 400_000, 600_000), (100, 1, 9)]
)
def test_few_thoughts_are_let_be(calls, output, reasoning):
    assert said("thoughts", uses=[use(calls=calls, output=output, reasoning=reasoning)]) == []


def test_pictures_that_are_most_of_the_input():
    """0.6 million at 10 dollars are 6; half of that."""
    advice = the("media", uses=[use(usd="10", input=400_000, media_input=600_000)])

    assert advice.saving_krw_month == 3 * WON_A_DOLLAR
    assert "60% of what gpt-9 is sent" in str(advice.sentence)


@pytest.mark.parametrize(("calls", "media"), [(19, 600_000), (100, 400_000)])
def test_few_pictures_are_let_be(calls, media):
    assert said("media", uses=[use(calls=calls, input=400_000, media_input=media)]) == []


LOST = Losses(*("ocr", "openai", "gpt-9", 100, 7, 3, Decimal(40), 2, Decimal(60)), 4, Decimal(500))


def test_failures_that_were_billed_and_answers_that_nobody_read():
    advice = the("failed", losses=[LOST])

    assert advice.saving_krw_month == 100
    assert str(advice.sentence).endswith("without a whole answer: 5.")
    assert figures(advice)["second and later attempts"] == 7


def test_ends_that_nobody_saw_save_nothing_and_free_money():
    advice = the("unverified", losses=[LOST, LOST._replace(model="gpt-9-mini")])

    assert advice.saving_krw_month is None
    assert figures(advice) == {"calls without an end": 8, "what they count as": 1_000}
    assert advice.command.startswith("costs bill openai ")


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("failed", {"calls": 19}),
        ("failed", {"failed_won": Decimal(4), "cut_won": Decimal(5)}),
        ("unverified", {"unverified": 0, "unverified_won": Decimal(0)}),
        ("unverified", {"unverified_won": Decimal(9)}),
    ],
)
def test_small_losses_are_not_told(kind, changed):
    assert said(kind, losses=[LOST._replace(**changed)]) == []


RENTED = Machine("gpu", "gpu-1", Decimal(100), Decimal(30), Decimal(50_000), True)


def test_an_idle_machine_costs_its_idle_hours():
    """50,000 won for 100 hours are 500 an hour."""
    advice = the("idle_machine", machines=[RENTED])

    assert advice.saving_krw_month == 15_000
    assert figures(advice)["an hour costs"] == 500
    assert advice.command == "machines off gpu-1"
    assert advice.confidence == "high"
    assert the("idle_machine", machines=[RENTED._replace(has_gpu=False)]).confidence == "medium"


@pytest.mark.parametrize(
    "changed",
    [
        {"idle_hours": Decimal("0.5")},
        {"won": Decimal(30)},
        {"on_hours": Decimal(0), "idle_hours": Decimal(0)},
    ],
)
def test_a_machine_that_works_is_let_be(changed):
    assert said("idle_machine", machines=[RENTED._replace(**changed)]) == []


def test_a_key_that_is_used_elsewhere():
    told = [Outside("openai", model, Decimal(5), Decimal(4)) for model in ("gpt-9", "gpt-9-mini")]
    advice = the("outside", bills=told)

    assert advice.saving_krw_month is None
    assert figures(advice)["part of the bill that passed the guard"] == Decimal("0.8")
    assert said("outside", bills=[Outside("openai", "", Decimal(4), Decimal(4))]) == []


def test_a_key_that_is_used_elsewhere_by_the_minute():
    told = UsedOutside("openai", 3, 90_000, Decimal("0.7"), Decimal(1_120))
    advice = the("outside", minutes=[told])

    assert figures(advice)["what that costs, at least"] == Decimal(1_120)
    assert figures(advice)["hours in which it was"] == 3
    assert "hours whose model has no price" not in figures(advice)
    partly = the("outside", minutes=[told._replace(unpriced=2)])
    assert figures(partly)["hours whose model has no price"] == 2
    # A bill that says the same is a finding of its own.
    bill = Outside("openai", "", Decimal(5), Decimal(4))
    assert len({one.basis for one in said("outside", minutes=[told], bills=[bill])}) == 2


def test_the_dearest_comes_first_and_what_saves_nothing_last():
    found = advise(Facts(uses=[use()], machines=[RENTED], losses=[LOST], limits=[WIDE]), MARKET)

    savings = [one.saving_krw_month for one in found]
    known = [saving for saving in savings if saving is not None]
    assert savings == [*sorted(known, reverse=True), None, None]


def test_what_looks_at_the_same_calls_is_not_added_up_twice():
    waits = use(model="gpt-9-mini", usd="10", patient=True)
    found = advise(Facts(uses=[waits], machines=[RENTED]), MARKET)

    by_kind = {one.kind: one.saving_krw_month for one in found}
    # 2 + 8 dollars: 5 by flex, 8 by the smallest model.
    assert by_kind["cheaper_model"] == 8 * WON_A_DOLLAR
    assert by_kind["batch"] == 5 * WON_A_DOLLAR
    assert together(found) == 8 * WON_A_DOLLAR + 15_000
