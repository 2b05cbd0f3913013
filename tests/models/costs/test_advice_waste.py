"""What is paid for nothing, or by somebody else: worked out by hand, and when nothing is said."""

from decimal import Decimal

import pytest

from models.costs.advice.shapes import Outside, UsedOutside
from tests.models.costs.advising import LOST, RENTED, WIDE, WON_A_DOLLAR, figures, said, the, use


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
