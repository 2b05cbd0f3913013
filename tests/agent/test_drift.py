"""Somebody who may write the ledger file writes it past Sallim: what is detected, what is said."""

import json
import sqlite3
from contextlib import closing

import pytest

from agent.composing import compose
from agent.drift import RECOUNT_SECONDS
from agent.outbox.sending import Outbox
from agent.sampling import Clocks
from data.ops.report import StoreLimits
from data.ops.store import Store
from models.settings import Settings
from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import Refused
from tests.agent.limiting import NOW, Household
from tests.agent.test_budgeting import held
from tests.data.stores import home_in
from tests.sallim.money import WON, asked, used

SETTINGS = {
    "budget": {"total_krw": 1_000, "api_krw": 800, "pace_factor": 0},
    "quota": [{"name": "free", "provider": "google", "day_calls_max": 250}],
}


class Watched(Household):
    """With the real outbox, and an agent that looks as often as the real one."""

    def start(self):
        super().start()
        clocks = Clocks(lambda: self.now, lambda: self.monotonic)
        self.budgeting.drift.tell = Outbox(self.control, clocks).put

    def writes(self, sql, *values):
        """What a program with rights to the file does to it."""
        with closing(sqlite3.connect(self.home.ledger)) as ledger, ledger:
            assert ledger.execute(sql, values).rowcount

    def look(self, seconds=10.0):
        self.now, self.monotonic = self.now + seconds, self.monotonic + seconds
        self.budgeting.step()

    def told(self):
        """Title and lines of each alert of this kind."""
        rows = self.control.rows("alerts", "number")
        shapes = [[cell for cell in row if isinstance(cell, str)] for row in rows]
        return [" ".join(each) for each in shapes if "ledger.drift" in " ".join(each)]

    def caps(self):
        with closing(Accounts.open(self.home.ledger)) as accounts:
            balances = accounts.balances(int(self.now * WON))
        return {each.bucket_id: each.cap_micro // WON for each in balances}

    @property
    def said(self):
        return str(self.budgeting.drift.problem or "")


@pytest.fixture
def house(tmp_path):
    house = Watched(tmp_path, Settings.model_validate(SETTINGS))
    house.look()
    yield house
    house.close()


def test_what_nobody_touched_is_never_told(house):
    house.spend(100)
    house.raised(100)
    for _ in range(5):
        house.look(RECOUNT_SECONDS + 1)
    house.start()
    lower = {**SETTINGS, "budget": {"total_krw": 700, "api_krw": 500}}
    house.take_over(Settings.model_validate(lower))
    house.look(3_600)
    house.look(30 * 86_400)

    assert (house.told(), house.said, house.budgeting.problem) == ([], "", None)


def test_a_cap_that_somebody_lifts_is_put_back_within_a_look_and_told(house):
    house.writes("UPDATE budgets SET cap_micro = 999000000 WHERE bucket_id = 'api'")
    assert house.caps() == {"api": 999, "total": 1_000}
    house.look()

    assert house.caps() == {"api": 800, "total": 1_000}
    [told] = house.told()
    assert json.dumps("999")[1:-1] in told
    assert "the cap of {bucket} was made" in told
    assert "critical" in told
    assert "the cap of api was made 999 won instead of 800" in house.said


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE budgets SET blocks = 0", "how a budget refuses"),
        ("UPDATE budgets SET thresholds_ppm = '' WHERE bucket_id = 'api'", "how a budget refuses"),
        ("DELETE FROM budgets WHERE bucket_id = 'total'", "the budget total was taken out"),
        ("UPDATE periods SET end_us = end_us - 1", "the months or days"),
        ("DELETE FROM periods", "the months or days"),
        ("UPDATE quotas SET calls_max = 1000000", "the numbers of calls"),
        ("UPDATE exchange SET micro_won_per_usd = 1", "the exchange rate"),
        ("UPDATE budgets SET cap_micro = 'much'", "something that is no number"),
        ("UPDATE budgets SET cap_micro = 1e30", "something that is no number"),
        ("UPDATE budgets SET thresholds_ppm = 'a,b'", "how a budget refuses"),
        ("UPDATE budgets SET blocks = 'x', pace_micro = x'31'", "how a budget refuses"),
        ("UPDATE budgets SET until_us = 1e300", "how a budget refuses"),
        ("UPDATE budgets SET thresholds_ppm = CAST(x'ff' AS TEXT)", "how a budget refuses"),
        ("UPDATE budgets SET cap_micro = 9223372036854775807", "the cap of api was made"),
        ("UPDATE budgets SET calendar = 'none'", "how a budget refuses"),
        ("DELETE FROM budgets", "the budget api was taken out"),
        ("UPDATE periods SET end_us = 'never'", "the months or days"),
        ("UPDATE quotas SET window_us = 'x', calls_max = 1e300", "the numbers of calls"),
        ("UPDATE quotas SET calendar = x'ff'", "the numbers of calls"),
        ("UPDATE exchange SET micro_won_per_usd = 'x'", "the exchange rate"),
        ("UPDATE exchange SET rate_date = x'ff'", "the exchange rate"),
        ("UPDATE exchange SET rate_date = '9999', fee_ppm = 'x'", "the exchange rate"),
        ("UPDATE exchange SET rate_date = '9999', micro_won_per_usd = 1", "the exchange rate"),
    ],
)
def test_whatever_rule_somebody_changes_is_written_anew_and_named(house, sql, said):
    with closing(Accounts.open(house.home.ledger)) as accounts:
        before = accounts.rules()
    house.spend(790)
    house.writes(sql)
    house.look()
    house.look()

    with closing(Accounts.open(house.home.ledger)) as accounts:
        assert accounts.rules() == before
    assert said in house.said
    assert (len(house.told()), house.budgeting.problem) == (1, None)


def test_what_is_changed_while_no_agent_runs_is_told_after_its_start(house):
    house.writes("UPDATE budgets SET cap_micro = 999000000 WHERE bucket_id = 'api'")
    house.start()

    assert house.caps()["api"] == 800
    assert "the cap of api was made 999 won instead of 800" in house.said


def test_who_does_it_again_and_again_is_told_of_once_an_hour(house):
    for _ in range(7):
        house.writes("UPDATE budgets SET cap_micro = 999000000 WHERE bucket_id = 'api'")
        house.look()
        assert house.caps()["api"] == 800
    assert len(house.told()) == 1
    house.writes("UPDATE budgets SET cap_micro = 999000000 WHERE bucket_id = 'api'")
    house.look(3_600)

    assert len(house.told()) == 2


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        (
            "UPDATE balances SET settled_micro = 0 WHERE bucket_id = 'api'",
            "the ledger counted 0 won in api, and its calls are 700 won",
        ),
        ("DELETE FROM calls", "the ledger counted 700 won in api, and its calls are 0 won"),
    ],
)
def test_what_is_spent_stays_spent(house, sql, said):
    house.spend(700)
    house.writes(sql)
    house.look(RECOUNT_SECONDS)

    with closing(Accounts.open(house.home.ledger)) as accounts:
        assert used(accounts, int(house.now * WON))["api"] == (700 * WON, 0, 0)
    assert said in house.said
    house.limiting.step()
    assert house.limiting.problem is None
    for _ in range(3):
        house.look(3_600)
    assert len(house.told()) == 1


@pytest.mark.parametrize(
    ("sql", "seconds"),
    [
        ("DELETE FROM balances", RECOUNT_SECONDS),
        ("UPDATE balances SET start_us = start_us - 1", RECOUNT_SECONDS),
        ("UPDATE balances SET settled_micro = 'x'", 10.0),
        ("UPDATE balances SET reserved_micro = 1e300, settled_micro = 0", 10.0),
        ("UPDATE balances SET settled_micro = -9223372036854775808", 10.0),
        ("UPDATE balances SET end_us = 'x'", 10.0),
        ("UPDATE balances SET paced_us = x'ff'", 10.0),
        ("UPDATE money_sequence SET rules = 9223372036854775807.0", 10.0),
    ],
)
def test_whatever_somebody_does_to_what_is_counted_is_counted_anew(house, sql, seconds):
    house.spend(700)
    house.writes(sql)
    house.look(seconds)
    house.limiting.step()

    with closing(Accounts.open(house.home.ledger)) as accounts:
        now_us = int(house.now * WON)
        assert used(accounts, now_us) == dict.fromkeys(("api", "total"), (700 * WON, 0, 0))
        assert (accounts.miscounts(now_us), accounts.are_whole(now_us)) == ([], True)
    assert (house.budgeting.problem, house.limiting.problem) == (None, None)
    assert "in the ledger" in house.said
    assert not house.spend(101)
    assert house.spend(100)


def test_balances_are_counted_anew_at_once_where_the_rules_were_changed_too(house):
    house.spend(700)
    house.look()
    house.writes("DELETE FROM budgets")
    house.writes("DELETE FROM periods")
    house.writes("DELETE FROM balances")
    house.look()

    assert not house.spend(101)
    assert house.spend(100)


def test_an_older_copy_that_is_put_back_is_told_also_where_its_rules_are_the_same(house):
    with closing(sqlite3.connect(house.home.ledger)) as ledger:
        older = ledger.serialize()
    house.spend(700)
    house.start()
    house.limiting.close()
    for path in house.home.ledger_folder.iterdir():
        path.unlink()
    house.home.ledger.write_bytes(older)
    house.look()
    house.look()

    assert len(house.told()) == 1
    assert "an older copy of it was put back" in house.said
    assert house.caps() == {"api": 800, "total": 1_000}


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE calls SET seq = 'x'",
        "UPDATE calls SET seq = 9223372036854775807",
        "UPDATE calls SET opened_us = 'x', worst_micro = 1e300, charged = 'a', state = 7",
        "UPDATE money_sequence SET last_call = 1e300, held_us = 'x'",
        "UPDATE limit_events SET at_us = 9223372036854775807, cap_micro = 'x'",
    ],
)
def test_whatever_stands_elsewhere_the_rules_are_put_back(house, sql):
    house.spend(700)
    house.writes(sql)
    house.writes("UPDATE budgets SET cap_micro = 999000000 WHERE bucket_id = 'api'")
    house.look()
    house.look()
    house.limiting.step()

    assert house.caps() == {"api": 800, "total": 1_000}
    assert (house.budgeting.problem, house.limiting.problem) == (None, None)


@pytest.mark.parametrize("sql", ["DELETE FROM money_sequence", "DELETE FROM sequence"])
def test_what_cannot_be_put_right_is_a_problem_and_no_end_of_the_agent(house, sql):
    house.spend(700)
    house.writes(sql)
    house.look()
    house.limiting.step()

    assert "the budgets are not in the ledger" in str(house.budgeting.problem)


@pytest.mark.parametrize("held_us", [0, -5, "x"])
def test_a_stop_of_everything_that_somebody_ends_in_the_file_holds_again(house, held_us):
    house.budgeting.holding.begin(held(since_at=int(house.now)))
    house.look()
    assert house.told() == []
    house.writes("UPDATE money_sequence SET held_us = ?", held_us)
    house.look()

    with closing(Accounts.open(house.home.ledger)) as accounts:
        now_us = int(house.now * WON)
        answer = accounts.reserve(asked("a", WON, buckets=("api",), opened_us=now_us))
    assert (type(answer), answer.code) == (Refused, "held")
    assert "the stop of everything" in house.said
    house.budgeting.holding.end(held("r-2")._replace(kind="resume"))
    house.look()
    assert len(house.told()) == 1


def test_a_ledger_that_is_made_anew_is_no_change(house):
    house.limiting.close()
    for path in house.home.ledger_folder.iterdir():
        path.unlink()
    house.look()
    house.look()

    assert (house.told(), house.caps()) == ([], {"api": 800, "total": 1_000})


def test_who_is_killed_while_the_rules_are_written_calls_nothing_a_change(house, monkeypatch):
    class Killed(BaseException):
        pass

    def killed(*_):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(Accounts, "put_quotas", killed)
        changed = {**SETTINGS, "budget": {"total_krw": 700, "api_krw": 500}}
        with pytest.raises(Killed):
            house.take_over(Settings.model_validate(changed))
    house.start()

    assert (house.told(), house.caps()) == ([], {"api": 500, "total": 700})


def test_the_agent_puts_it_back_and_tells_it(tmp_path):
    home = home_in(tmp_path)
    clocks = Clocks(wall=lambda: NOW, monotonic=lambda: 0.0)
    with closing(Store.open(home, StoreLimits(free_min_bytes=0), NOW)) as store:
        parts = compose(home, store, Settings(), clocks)
        parts.budgeting.take_over(Settings())
        with closing(sqlite3.connect(home.ledger)) as ledger, ledger:
            ledger.execute("UPDATE budgets SET cap_micro = 9000000000 WHERE bucket_id = 'api'")
        parts.budgeting.step()

        [alert] = store.control.rows("alerts", "number")
        assert "ledger.drift" in str(alert)
        [problem] = parts.steering.problems()
        assert "the cap of api was made 9,000 won instead of 15,000" in str(problem)
