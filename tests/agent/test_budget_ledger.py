"""What the agent does about budgets whose ledger was damaged, put back or written by others."""

import sqlite3
from contextlib import closing

import pytest

from agent.drift import RECOUNT_SECONDS
from tests.agent.test_budget import house, lines

__all__ = ["house"]


def test_lines_that_no_event_tells_are_told_by_what_is_seen(house):
    """As after a rebuild of the ledger, which counts its calls and writes down no line."""
    house.spend(600)
    with closing(sqlite3.connect(house.home.ledger)) as ledger, ledger:
        ledger.execute("DELETE FROM limit_events")
    house.step()
    house.step()

    assert [each for each in house.alerts if each.startswith("api")] == lines("api", 70)


def test_an_older_copy_of_the_ledger_that_is_put_back_tells_only_what_is_new(house):
    house.spend(560)
    house.step()
    with closing(sqlite3.connect(house.home.ledger)) as ledger:
        ledger.execute("VACUUM INTO ?", [str(house.home.path / "copy")])
    house.spend(80)
    house.step()
    house.limiting.close()
    for path in house.home.ledger_folder.iterdir():
        path.unlink()
    (house.home.path / "copy").rename(house.home.ledger)
    house.spend(80)
    house.step()
    house.spend(80)
    house.step()

    assert house.limiting.problem is None
    assert [each for each in house.alerts if each.startswith("api")] == lines("api", 70, 80, 90)


def test_a_ledger_that_cannot_be_read_is_a_problem_and_looked_at_again(house):
    house.limiting.close()
    ledger = house.home.ledger
    ledger.rename(ledger.with_suffix(".away"))
    ledger.write_bytes(b"no database" * 1_000)
    house.limiting.step()
    assert "the budgets are not watched" in str(house.limiting.problem)
    ledger.unlink()
    ledger.with_suffix(".away").rename(ledger)
    house.limiting.step()

    assert house.limiting.problem is None


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE balances SET settled_micro = 'x'",
        "UPDATE balances SET settled_micro = 1e300",
        "UPDATE budgets SET cap_micro = 'much'",
        "UPDATE periods SET end_us = 'never'",
    ],
)
def test_what_a_stranger_wrote_into_the_ledger_is_said_and_put_right(house, change):
    house.step()
    house.spend(800)
    with closing(sqlite3.connect(house.home.ledger)) as stranger, stranger:
        stranger.execute(change)
    house.limiting.step()
    assert "the budgets are not watched" in str(house.limiting.problem)

    house.step(RECOUNT_SECONDS)

    assert house.limiting.problem is None
    assert "api 100 threshold" in house.alerts
