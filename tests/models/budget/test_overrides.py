"""What a person may allow beyond the settings, and how it reaches the ledger."""

import pytest

from models.budget.overrides import Override, effective, why_not
from models.costs.budget_rows import budgets_of
from models.costs.periods import Period, period_at
from models.settings import Settings
from models.settings.budget import Budget

NOW = 1_795_900_000.0
"""In November 2026."""
SETTINGS = Settings()
MONTH = period_at(NOW, "month", SETTINGS.house.zone)
WON = 1_000_000


def raised(delta_krw=3_000, **changed):
    known = Override("a", "api", delta_krw, "a demo", "kim", NOW, NOW + 3_600)
    return known._replace(**changed)


def rule(overrides, now=NOW, settings=SETTINGS):
    return {row.bucket_id: row for row in budgets_of(settings, overrides, now)}["api"]


def test_a_raise_is_in_the_cap_until_it_ends():
    usual, more = rule([]), rule([raised()])

    assert (more.cap_micro, more.important_ppm) == (18_000 * WON, 950_000)
    assert (more.until_us, more.after_cap_micro) == (int((NOW + 3_600) * WON), usual.cap_micro)
    assert rule([raised()], NOW + 3_600).cap_micro == usual.cap_micro


def test_each_raise_and_each_end_of_one_is_another_version():
    versions = [
        *(rule([]).version, rule([raised()]).version),
        *(rule([raised()], NOW + 3_600).version, rule([raised(override_id="b")]).version),
        rule([raised(), raised(override_id="b")]).version,
    ]

    assert len(set(versions)) == len(versions)
    assert rule([raised()]).version == versions[1]


def test_next_month_nothing_is_left_of_it():
    next_month = MONTH.until + 1.0

    assert rule([raised(), raised(override_id="b", revoked_at=NOW)], next_month) == rule([])


def test_a_release_lets_all_priorities_use_the_cap_to_its_end():
    released = rule([raised(0)])

    assert (released.cap_micro, released.important_ppm, released.optional_ppm) == (
        *(15_000 * WON, 1_000_000, 1_000_000),
    )
    assert (released.after_important_ppm, released.after_optional_ppm) == (950_000, 900_000)


def test_the_first_of_several_to_end_decides_until_when_the_rule_holds():
    later = raised(2_000, override_id="b", expires_at=NOW + 7_200)
    both = rule([raised(), later])

    assert both.cap_micro == 20_000 * WON
    assert both.until_us == int((NOW + 3_600) * WON)
    assert rule([raised(), later], NOW + 3_600).cap_micro == 17_000 * WON


def test_one_that_is_over_stays_so_when_the_clock_goes_back():
    over = raised(revoked_at=NOW + 3_600)

    assert effective("api", [over], MONTH, NOW + 60)[:2] == (0, False)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"delta_krw": 7_501}, "raised by 7,500 won more"),
        ({"delta_krw": -1}, "a raise adds won"),
        ({"bucket_id": "workflow:x"}, "has no budget; these have: total, api"),
        ({"reason": " "}, "a reason of one line"),
        ({"reason": "a\nb"}, "a reason of one line"),
        ({"expires_at": NOW}, "it must end after it begins"),
        ({"expires_at": MONTH.until + 1.0}, "at the latest with the month"),
        ({"expires_at": float("nan")}, "it must end after it begins"),
    ],
)
def test_a_raise_that_is_not_allowed_is_told_what_would_be(changed, said):
    assert said in str(why_not(raised(**changed), [], Budget(), MONTH))


def test_a_raise_up_to_its_limits_is_allowed():
    assert why_not(raised(7_500, expires_at=float(MONTH.until)), [], Budget(), MONTH) is None


def test_all_raises_of_a_month_count_together():
    before = [raised(2_500, override_id="x"), raised(2_500, override_id="y")]

    assert why_not(raised(2_500), before, Budget(), MONTH) is None
    assert "by 2,500 won more" in str(why_not(raised(2_501), before, Budget(), MONTH))
    third = [*before, raised(1, override_id="z", revoked_at=NOW)]
    assert "raised 3 times this month" in str(why_not(raised(1), third, Budget(), MONTH))
    other_month = Period(0, MONTH.until, MONTH.until + 1)
    told = why_not(
        raised(1, created_at=MONTH.until + 0.1, expires_at=MONTH.until + 0.5),
        third,
        Budget(),
        other_month,
    )
    assert told is None


def test_raises_to_the_end_of_a_month_leave_the_next_one_its_own():
    known = [
        raised(100, override_id=name, expires_at=float(MONTH.until), revoked_at=float(MONTH.until))
        for name in "bcd"
    ]
    now = MONTH.until + 60.0
    month = period_at(now, "month", SETTINGS.house.zone)
    asked = raised(created_at=now, expires_at=now + 3_600)

    assert "was raised 3 times" in str(why_not(raised(), known, SETTINGS.budget, MONTH))
    assert why_not(asked, known, SETTINGS.budget, month) is None
    assert rule(known, now) == rule([], now)


def test_a_release_is_no_raise():
    before = [raised(1, override_id=name) for name in "xyz"]

    assert why_not(raised(0), before, Budget(), MONTH) is None
    assert why_not(raised(1), [raised(0, override_id=n) for n in "xyz"], Budget(), MONTH) is None
