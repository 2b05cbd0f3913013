"""A person stops everything that costs money: no call gets by, whatever budgets say."""

import sqlite3
import threading
import time
from contextlib import closing

import pytest

from sallim.guard.ledger_refusals import of_ledger
from sallim.ledger import Ledger
from sallim.ledger.money_rows import Admitted
from sallim.ledger.quota_rows import Quota
from tests.sallim.money import MONTHS, NOW_US, WON, asked, budget, seoul_us, settlement, used
from tests.sallim.together import all_eight

BOTH = ("api", "total")


def ask(accounts, name, worst_micro=WON, **changed):
    return accounts.reserve(asked(name, worst_micro, **{"buckets": BOTH, **changed}))


@pytest.mark.parametrize("priority", ["essential", "important", "optional"])
def test_calls_of_every_priority_are_refused_also_where_they_were_let_through(capped, priority):
    assert type(ask(capped, "before", priority=priority)) is Admitted

    capped.hold(NOW_US)
    refused = ask(capped, "after", priority=priority)

    assert (refused.code, refused.since_us, refused.needed_micro) == ("held", NOW_US, WON)
    assert capped.held_us() == NOW_US
    capped.hold(0)
    assert type(ask(capped, "later", priority=priority)) is Admitted


def test_another_process_that_knows_its_buckets_looks_anew(capped, ledger):
    other = Ledger.open(ledger.path)
    assert type(ask(other.accounts, "a")) is Admitted
    assert type(ask(other.accounts, "b")) is Admitted

    capped.hold(NOW_US)

    assert ask(other.accounts, "c").code == "held"
    other.close()


def test_what_costs_nothing_goes_on_and_what_was_kept_free_is_settled(capped):
    ask(capped, "before")
    capped.hold(NOW_US)

    assert type(ask(capped, "free", 0)) is Admitted
    assert type(ask(capped, "before")) is Admitted
    assert type(ask(capped, "fixed", buckets=("total",))) is Admitted
    assert capped.settle("before", 1, settlement())
    assert used(capped)["api"] == (WON // 2, 0, 0)


def test_it_holds_over_new_budgets_the_turn_of_the_month_and_budgets_that_only_count(
    capped, ledger
):
    capped.hold(NOW_US)
    capped.put_budgets([budget(blocks=False), budget("api", blocks=False)], MONTHS)
    capped.put_quotas([Quota("free:minute", "openai", "", "", "", 9, 60_000_000, "")])

    assert ask(capped, "a").code == "held"
    assert ask(capped, "b", opened_us=seoul_us(2025, 12, 2)).code == "held"
    ledger.close()
    again = Ledger.open(ledger.path)
    assert again.accounts.held_us() == NOW_US
    again.close()


def test_the_same_again_makes_no_process_look_anew(capped, ledger):
    capped.hold(NOW_US)
    capped.hold(NOW_US)

    rules = rules_of(ledger.path)
    capped.hold(NOW_US)
    assert rules_of(ledger.path) == rules
    capped.hold(0)
    assert rules_of(ledger.path) == rules + 1


def rules_of(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT rules FROM money_sequence").fetchone()[0]


def test_the_refusal_says_who_stopped_it_since_when_and_how_it_goes_on(capped):
    capped.hold(NOW_US)
    refusal = of_ledger(ask(capped, "a"))

    assert (refusal.status, refusal.code) == (402, "held")
    assert "a person stopped everything that costs money" in refusal.message
    assert "since 2025-11-17 12:00 in Asia/Seoul, which is 2025-11-17T03:00:00Z" in refusal.message
    assert "python -m agent budget resume" in refusal.how


def call_until_refused(path, number, said):
    accounts, answers = Ledger.open(path).accounts, []
    while not answers or type(answers[-1]) is Admitted:
        answers.append(ask(accounts, f"{number}-{len(answers)}", 1))
    said.send((answers[-1].code, len(answers) - 1))
    accounts.close()


@pytest.mark.slow
def test_none_of_eight_processes_gets_by(capped, ledger):
    """Each calls again and again, while it is held in the midst."""
    held_at = []

    def hold_in_the_midst():
        while len(capped.calls_since(0, 100)) < 20:
            time.sleep(0.01)
        capped.hold(NOW_US)
        held_at.append(len(capped.calls_since(0, 10_000_000)))

    person = threading.Thread(target=hold_in_the_midst)
    person.start()
    told = all_eight(call_until_refused, ledger.path)
    person.join()

    assert {code for code, _ in told} == {"held"}
    assert sum(admitted for _, admitted in told) == held_at[0]
    assert used(capped)["total"] == (0, held_at[0], 0)
