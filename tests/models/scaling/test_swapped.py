"""Calls of one model at the prices of another: the same tokens, whole micro-won."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from models.costs.advice.shapes import Use
from models.scaling.changes import Changes, changed
from models.scaling.swapped import Swap, swap_of, swapped
from models.scaling.what_if import what_if
from sallim.ledger.money_rows import Tokens
from sallim.prices import PriceList, shipped
from tests.models.scaling.test_what_if import DAY, NOW, WON, situation

PRICES = PriceList(shipped().rates)
MINI, LARGE = PRICES.find("openai", "gpt-5-mini"), PRICES.find("openai", "gpt-5")
NOW_US = NOW * 1_000_000
AMOUNTS = st.integers(0, 10**12)


def use(**changed_):
    """A million tokens in and as many out: 0.25 and 2 dollars for the small model."""
    tokens = Tokens(input=10**6, output=10**6)
    known = Use("", "openai", "gpt-5-mini", False, 1_000, Decimal(3_000), Decimal("2.25"), tokens)
    return known._replace(**changed_)


def test_the_same_tokens_cost_what_the_other_model_takes_for_them():
    swap = swap_of(use(), MINI, LARGE, [900 * WON, 0], NOW_US)

    assert swap == Swap((900 * WON, 0), 2_250_000_000, 11_250_000_000)
    assert swapped([1_000 * WON, 7], swap) == (100 * WON + 4_500 * WON, 7)


def test_what_was_paid_for_tools_stays():
    swap = swap_of(use(usd=Decimal("3.25")), MINI, LARGE, [], NOW_US)

    assert swap.after_nano == 12_250_000_000


def test_of_a_model_without_a_price_all_that_was_paid_was_for_tokens():
    swap = swap_of(use(usd=Decimal(9)), None, LARGE, [], NOW_US)

    assert (swap.before_nano, swap.after_nano) == (9_000_000_000, 11_250_000_000)


def test_what_cost_nothing_has_no_share_that_could_change():
    assert swap_of(use(usd=Decimal(0)), MINI, LARGE, [], NOW_US) is None


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), max_size=7), st.integers(1, 10**12), AMOUNTS)
def test_a_swap_is_whole_won_and_the_rest_of_a_day_is_left_alone(days, before, after):
    every = [own + rest for own, rest in days]

    found = swapped(every, Swap(tuple(own for own, _ in days), before, after))

    for fresh, (own, rest) in zip(found, days, strict=True):
        assert isinstance(fresh, int)
        assert 0 <= (fresh - rest) * before - own * after < before


def test_calls_follow_the_swap_and_machines_do_not_where_their_budget_is_another():
    paid = situation(
        calls_micro=(1_000 * WON,) * 7,
        calls_cap_micro=12_000 * WON,
        month_end=NOW + 10 * DAY,
    )
    usual = what_if(paid)

    found = what_if(paid, Changes(swap=Swap((1_000 * WON,) * 7, 1, 2)), usual)

    assert found.calls[1].middle == 2 * found.calls[0].middle
    assert found.calls_cap[0].likely is None
    assert found.calls_cap[1].likely == NOW + 6 * DAY
    assert (found.changed, found.reactive, found.oracle) == usual[2:5]


def test_of_the_months_total_dearer_calls_leave_less_for_machines():
    bare = what_if(situation()).as_is.won_micro
    total = situation(calls_micro=(bare // 14,) * 7, cap_micro=2 * bare, is_total=True)
    usual = what_if(total)

    found = what_if(total, Changes(swap=Swap(total.calls_micro, 1, 4)), usual)

    assert found.changed.won_micro < usual.as_is.won_micro
    assert found.changed.cap.likely < usual.as_is.cap.likely
    assert found.changed.month.high <= total.cap_micro


def test_a_swap_that_changes_nothing_is_nothing_changed():
    paid = situation(calls_micro=(5 * WON, 7))

    assert changed(paid, Changes(swap=Swap((5 * WON, 7), 3, 3))) == paid
