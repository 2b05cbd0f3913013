"""When a limit is over, and what is said of it."""

from decimal import Decimal

import pytest

from models import alerts
from models.budget.kept import Told
from models.budget.resolved import Back, alert_of_end, back_of, limited_rows, told_of
from models.budget.state import BucketState, Stopped
from models.messages import say
from models.operations import Operation, text_of
from models.settings.budget import Budget

WON = 1_000_000
BUDGET = Budget()
END = 2_592_000.0
API = BucketState("api", 0.0, END, Decimal(1_000), Decimal(500), version=2)


def row(percent, at=100, kind="threshold", **more):
    cap, spent = 1_000 * WON, percent * 10 * WON
    fields = ("api", 0, 1, kind, percent * 10_000, "", int(END) * WON, cap, spent, "c", at, 0.0)
    return Told(*fields)._replace(**more)


def over(state, *rows, now=1_000.0):
    return [
        each.threshold_ppm // 10_000 for each in limited_rows({"api": state}, rows, BUDGET, now)
    ]


@pytest.mark.parametrize(
    ("percents", "spent", "found"),
    [
        ((70, 80), 500, []),
        ((90,), 880, [90]),
        ((90,), 900, []),
        ((90, 95), 940, [95]),
        ((90, 95), 950, []),
        ((90, 95, 100), 880, [100]),
    ],
)
def test_a_limit_is_over_when_nothing_or_only_what_is_optional_is_refused(percents, spent, found):
    state = API._replace(settled_won=Decimal(spent))

    assert over(state, *(row(percent) for percent in percents)) == found


def test_a_stop_that_is_in_force_is_not_over():
    total = API._replace(mode="stop", stopped=Stopped(0.0, 1), settled_won=Decimal(960))

    assert over(total, row(100)) == []
    assert over(total._replace(stopped=None, settled_won=Decimal(800)), row(100)) == [100]


def test_what_only_counts_was_never_limited():
    assert over(API._replace(mode="count"), row(100)) == []
    assert over(API._replace(blocks=False), row(95)) == []
    assert over(API._replace(blocks=False, mode="stop"), row(100)) == [100]


def test_each_time_is_told_once():
    first = row(95)
    end = told_of(first, API, 200.0)

    assert over(API, first, end) == []
    again = row(95, at=300, version=3)
    assert over(API, first, end, again) == [95]
    assert over(API, first, end, again, told_of(again, API, 400.0)) == []


def test_a_new_month_ends_it_and_one_long_ago_is_no_news():
    december = API._replace(start=END, end=2 * END, settled_won=Decimal(0))

    assert over(december, row(95), now=END + 60) == [95]
    assert over(december, row(95), now=END + 3 * 86_400) == []


def test_it_says_why_what_is_let_through_and_what_is_up_again():
    before = row(100)
    raised = API._replace(cap_won=Decimal(2_000))
    back = Back(("n8n", "worker"), ("gpu",), (), ("db",))

    alert = alert_of_end(told_of(before, raised, 200.0), before, raised, back, BUDGET)

    assert str(alert.title) == "the limit of the budget api is over: 500 of 2,000 won are spent"
    assert [str(line) for line in alert.lines] == [
        "its cap is higher now",
        "calls of every priority are let through again",
        "started again: n8n, worker",
        "is started when you say yes: gpu",
        "could not be started: db",
    ]


@pytest.mark.parametrize(
    ("change", "reason", "calls"),
    [
        ({"start": END, "end": 2 * END}, "a new month has begun", "every priority"),
        ({"is_released": True}, "a person released it", "every priority"),
        (
            {"settled_won": Decimal(940)},
            "less is spent than was counted",
            "optional ones are refused",
        ),
    ],
)
def test_the_reason_is_the_one_that_holds(change, reason, calls):
    before, state = row(95), API._replace(**change)

    lines = alert_of_end(told_of(before, state, 1.0), before, state, Back(), BUDGET).lines

    assert str(lines[0]) == reason
    assert calls in str(lines[1])


def test_the_last_start_of_each_counts():
    why = text_of(say("there is money again"))
    rows = [
        Operation(seq, "b", name, "start", "budget", why, state, 0, "", 1.0, 1.0)
        for seq, (name, state) in enumerate(
            [("n8n", "failed"), ("gpu", "asked"), ("n8n", "verified"), ("db", "started")]
        )
    ]

    assert back_of(rows) == Back(("n8n",), ("gpu",), (), (), is_open=True)


def test_it_does_not_count_to_the_few_messages_of_a_day():
    before = row(95)
    alert = alert_of_end(told_of(before, API, 1.0), before, API, Back(), BUDGET)

    assert not alerts.Alert("k", alert.kind, alerts.Severity.INFO, alert.title).is_counted
    assert alert.kind == alerts.RESOLVED_KIND
