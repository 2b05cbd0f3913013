"""How long money lasts that was paid ahead, with figures counted by hand."""

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from models.costs.prepaid import DAY_SECONDS, Burnt, Figure, Rise, outlook
from models.costs.prepaid_json import prepaid_json, prepaid_of
from models.costs.prepaid_words import Rule, problems_of, warning

NOW = 1_000.0 * DAY_SECONDS
SEOUL = ZoneInfo("Asia/Seoul")
RULE = Rule(Decimal(7), Decimal(1000))
WON = Decimal(1400)


def dollars(text):
    return Decimal(text)


def at(days_ago, amount, is_typed=False):
    return Figure(NOW - days_ago * DAY_SECONDS, Decimal(amount), is_typed)


def of(figures, burnt=None, account=("runpod", "USD")):
    return outlook(account, figures, burnt or Burnt(), NOW)


def test_a_typed_figure_lasts_as_long_as_calls_burn_it():
    burnt = Burnt((dollars("1.40"), dollars("2.10")), dollars("0.60"), Decimal(40))
    one = of([at(3, "4.20", True)], burnt, ("google", "USD"))

    assert (one.left, one.burn_a_day, one.by) == (dollars("3.60"), dollars("0.20"), "calls")
    assert one.days_left == 18
    assert one.gone_at == NOW + 18 * DAY_SECONDS


def test_the_faster_of_two_paces_counts():
    """A week off after a week of 7 dollars: half a dollar a day, not nothing."""
    one = of([at(0, 10, True)], Burnt((dollars(0), dollars(7)), dollars(0), Decimal(40)))

    assert (one.burn_a_day, one.days_left) == (dollars("0.5"), 20)


def test_an_account_of_two_days_has_no_week():
    one = of([at(0, 10, True)], Burnt((dollars(4), dollars(4)), dollars(0), Decimal(2)))

    assert one.burn_a_day == 2


def test_what_the_balance_fell_tells_the_pace_where_nobody_counts_calls():
    """12 to 9 in six days, then 10 paid, then 19 to 18 in two: 4 dollars in 8 days; 3 in 7."""
    one = of([at(8, 12), at(2, 9), at(2, 19), at(0, 18)])

    assert one.burn_a_day == max(dollars(4) / 8, (dollars(3) * 5 / 6 + 1) / 7)
    assert (one.by, one.left) == ("balance", 18)
    assert one.days_left == 36


def test_a_balance_that_was_not_told_for_days_goes_on_falling():
    one = of([at(9, 20), at(4, 10)])

    assert one.burn_a_day == 2
    assert one.left == 2
    assert one.days_left == 1


def test_a_balance_that_nobody_told_for_two_weeks_has_no_pace():
    one = of([at(30, 20), at(20, 10)])

    assert (one.days_left, one.gone_at, one.by) == (None, None, "")


def test_an_hour_is_no_pace():
    assert of([at(1 / 24, 20), at(0, 10)]).days_left is None


def test_a_jump_is_a_recharge_unless_somebody_typed_it_or_it_is_small():
    figures = [at(40, 1), at(35, 9), at(20, 4), at(10, 14), at(9, "14.50"), at(1, 30, True)]

    assert of(figures).rises == [Rise(NOW - 10 * DAY_SECONDS, Decimal(10))]
    assert of([at(2, 900), at(1, 1800)], None, ("google", "KRW")).rises == []
    assert len(of([at(2, 900), at(1, 1900)], None, ("google", "KRW")).rises) == 1


@pytest.mark.parametrize(
    ("left", "a_day", "said"),
    [
        (8, 1, None),
        (6, 1, "$6.00 is left of what was paid ahead, and gone on 1972-10-03 at $1.00 a day"),
        ("0.70", 0, "only $0.70"),
        (0, 1, "is used up"),
        (-1, 0, "is used up"),
    ],
)
def test_a_person_is_warned_before_it_is_gone(left, a_day, said):
    burnt = Burnt((dollars(7 * a_day), dollars(14 * a_day)), dollars(0), Decimal(40))
    told = warning(of([at(0, left)], burnt), RULE, WON, SEOUL)

    assert told is None if said is None else said in str(told)


def test_without_a_floor_a_balance_that_rests_may_be_small():
    assert warning(of([at(0, "0.10")]), Rule(Decimal(7), Decimal(0)), WON, SEOUL) is None


def test_a_recharge_is_told_for_a_day_with_where_it_is_switched_off():
    fresh = of([at(1, 5), at(0.5, 15), at(0, 15)])
    [told] = problems_of(fresh, NOW, SEOUL)

    assert "recharged by $10.00 on 1972-09-26" in str(told)
    assert "auto-recharge is on, or someone paid" in str(told)
    assert "console.runpod.io/user/billing" in str(told)
    elsewhere = fresh._replace(provider="elsewhere")
    assert "billing settings" in str(next(problems_of(elsewhere, NOW, SEOUL)))
    assert list(problems_of(fresh, NOW + DAY_SECONDS, SEOUL)) == []


def test_it_comes_through_the_store_as_it_was():
    one = of([at(2, 5), at(1, 15), at(0, "14.123456789")])

    assert prepaid_of(prepaid_json(one)) == one
    warned = one._replace(warning=warning(one, Rule(Decimal(99), Decimal(0)), WON, SEOUL))
    assert warned.warning is not None
    assert prepaid_of(prepaid_json(warned)) == warned
    assert prepaid_of(prepaid_json(of([at(0, 5)]))) == of([at(0, 5)])
