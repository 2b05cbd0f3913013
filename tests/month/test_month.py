"""A month in fast motion, from the first of November to the third of December in Seoul, and what
was seen of it: see docs/month-limits.md.

Real: the ledger, the guards of eight programs, the agent's parts that follow, the services as
processes, the outbox with its worker and a webhook. The clock is ours, the provider a stand-in.
"""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.month.chronicle import Chronicle
from tests.month.plan import DAY_SECONDS, ENDS, LOOP_WON_ASKED, ROLL

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[2]
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
TOTAL_WON, API_WON, RAISED_WON = 24_900, 15_000, 18_000
DOWN, UP = ["stop worker", "stop n8n", "stop db"], ["start db", "start n8n", "start worker"]


class Again(NamedTuple):
    """Work that waited and was begun once more."""

    program: str
    bucket: str
    since: float
    begun_at: float
    state: str
    won: float


@pytest.fixture(scope="module")
def month(tmp_path_factory) -> Chronicle:
    """Lived once; each test looks at something else of it."""
    folder = tmp_path_factory.mktemp("month")
    environ = {name: value for name, value in os.environ.items() if name not in PROXIES}
    words = [sys.executable, "-m", "tests.month", str(folder / "month.json"), "--short"]
    environ["XDG_STATE_HOME"] = str(folder)
    subprocess.run(words, cwd=ROOT, env=environ, check=True, timeout=800)
    return Chronicle.read(folder / "month.json")


def test_no_call_was_let_through_beyond_what_its_priority_may_use(month):
    assert month.admission["admitted"] > 1_500
    assert month.admission["wrongly"] == []
    assert month.admission["sums"] == []


def test_the_month_was_never_overspent(month):
    raised = month.raised
    for look in month.looks:
        is_raised = raised["at"] <= look["at"] < raised["until"]
        assert look["total"][1] <= TOTAL_WON
        assert look["api"][1] <= (RAISED_WON if is_raised else API_WON)
        assert all(look[name][1] <= look[name][2] for name in look if name != "at")
    assert month.admission["above"] == []


def test_what_was_settled_is_the_bill_of_the_provider(month):
    assert month.bill["settled"] == month.bill["billed"] > 0


def test_each_alert_came_through_exactly_once(month):
    alerts = month.alerts
    known = [tuple(each) for each in alerts["told"]]
    assert len(known) == len(set(known))
    assert {tuple(each) for each in alerts["events"]} <= set(known)
    assert len(alerts["put"]) == len(set(alerts["put"])) == len(known)

    lines = Counter(
        f"{bucket} {kind} {ppm // 10_000}"
        for bucket, _, _, kind, ppm in known
        if kind in ("threshold", "projection")
    )
    assert alerts["came"] == lines
    ended = Counter(bucket for bucket, _, _, kind, _ in known if kind == "resolved")
    assert Counter(alerts["ended"]) == ended
    assert set(ended) == {"api", "total"}
    assert {f"total threshold {percent}" for percent in (70, 80, 90, 95)} <= set(lines)
    assert [each[0] for each in known if each[3] == "full"] == ["total"]
    assert sum("do not fit into the budget total" in text for text in alerts["texts"]) == 1


def test_essential_calls_went_on_as_long_as_any_fitted(month):
    assert month.outcomes["essential beyond 95 %"]["served"] > 20
    assert month.outcomes["essential"]["served"] > 300
    assert set(month.outcomes["essential"]) == {"served", "budget"}
    for _, bucket, needed, committed, cap in month.essential_refused:
        assert bucket in ("total", "api")
        assert committed + needed > cap


def test_others_were_refused_from_their_lines_on(month):
    assert month.outcomes["important"]["budget"] > 100
    assert month.outcomes["optional"]["budget"] > 100


def test_a_loop_could_not_use_up_the_month(month):
    """20 % of the cap at once, and then what comes back: of 4,500 won that it wanted."""
    loop = month.loop
    assert loop["codes"] == ["pace", "served"]
    assert loop["won"] < 0.2 * API_WON < LOOP_WON_ASKED
    assert loop["served"] < loop["asked"]


def test_a_call_whose_program_was_killed_counts_at_its_worst(month):
    [call] = month.killed["unverified"]
    assert call["gross"] == call["worst"] == pytest.approx(month.killed["worst"])
    assert month.killed["at"] + 900 <= call["at"] <= month.killed["at"] + DAY_SECONDS


def test_exchange_rates_moved_what_calls_are_reserved_at(month):
    """The highest of five days and 1 % more: up at once, down when the high days are gone."""
    assert [rate for rate in month.rates if rate > 1] == [1396.83, 1433.089, 1508.536]


def test_the_owner_raised_a_budget_until_it_ended_by_itself(month):
    raised = month.raised
    assert (raised["state"], raised["won"]) == ("done", 3_000)
    caps = [(look["at"], look["api"][2]) for look in month.looks]
    assert {cap for at, cap in caps if raised["at"] <= at < raised["until"]} == {RAISED_WON}
    assert {cap for at, cap in caps if not raised["at"] <= at < raised["until"]} == {API_WON}


def test_services_were_stopped_and_came_back_in_order_within_two_minutes(month):
    [(stopped_at, stop_seconds, stopped), (started_at, start_seconds, started)] = month.stops
    assert (stopped, started) == (DOWN, UP)
    assert max(stop_seconds, start_seconds) < 120
    assert stopped_at < ROLL <= started_at < ROLL + 120


def test_recovery_restarted_what_crashed_and_nothing_that_the_budget_stopped(month):
    assert month.recovery["restarted"] == ["n8n"]
    assert set(month.recovery["refused"]) == {"db", "n8n", "worker"}
    assert min(month.recovery["refused"].values()) > 10


def test_what_waited_was_served_after_the_roll_oldest_first_and_paced(month):
    """Of each program, by the budget that refused it: the oldest first, and within 24 hours a tenth
    of that budget.
    """
    assert len(month.waiting) > 200
    again = [Again(*each) for each in month.waiting if each[3] >= ROLL]
    assert len(again) > 50
    assert {each.state for each in again if each.begun_at < ENDS - DAY_SECONDS} == {"done"}
    for lane in {each[:2] for each in again}:
        begun = sorted((each.begun_at, each.since) for each in again if each[:2] == lane)
        assert [since for _, since in begun] == sorted(since for _, since in begun)
    for bucket, cap in (("total", TOTAL_WON), ("api", API_WON)):
        mine = [each for each in again if each.bucket == bucket]
        for last in mine:
            day = [e.won for e in mine if last.begun_at - DAY_SECONDS < e.begun_at <= last.begun_at]
            assert round(sum(day), 6) <= 0.1 * cap
