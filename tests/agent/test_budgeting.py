"""A fresh install has its budget in the ledger before anybody asks for it."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from agent.budgeting import AGAIN_SECONDS, RETRY_SECONDS, Budgeting
from agent.composing import compose
from agent.drift import RECOUNT_SECONDS
from agent.sampling import Clocks
from data.control import Control
from data.home import Home
from data.ops.report import StoreLimits
from data.ops.store import Store
from data.overrides import put
from data.settings_file import LoadedSettings
from models.budget.overrides import Override
from models.requests.kept import StandingOrder
from models.settings import Settings
from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import Admitted, Refused
from tests.sallim.money import asked

NOW = 1_795_900_000.0
NOW_US = int(NOW * 1e6)
WON = 1_000_000


class Hands:
    monotonic = 0.0

    def clocks(self):
        return Clocks(wall=lambda: NOW + self.monotonic, monotonic=lambda: self.monotonic)


@pytest.fixture
def hands():
    return Hands()


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    home.make()
    return home


@pytest.fixture
def budgeting(home, hands):
    return Budgeting(home, hands.clocks())


def held(request_id="r-1", since_at=int(NOW)):
    return StandingOrder(request_id, "stop_all", "everything", "minji", "stop", since_at, 0, 0)


def test_what_a_person_stopped_holds_again_in_a_new_ledger(home, hands):
    with closing(Control.open(home.control)) as control:
        budgeting = Budgeting(home, hands.clocks(), control)
        budgeting.take_over(Settings())
        budgeting.holding.begin(held())
        budgeting.take_over(Settings(budget={"api_krw": 9_000}))
        with closing(accounts(home)) as ledger:
            assert ledger.held_us() == NOW_US
        home.ledger.rename(home.path / "away")
        for rest in home.ledger_folder.glob("*-wal"), home.ledger_folder.glob("*-shm"):
            for path in rest:
                path.unlink()

        budgeting.take_over(Settings())

        with closing(accounts(home)) as ledger:
            assert ledger.reserve(asked("a", WON, buckets=("api",))).code == "held"


def test_settings_and_a_restart_end_no_hold_that_the_ledger_has(home, hands):
    """An older control file that was put back knows nothing of it; only a person's word ends it."""
    with closing(Control.open(home.control)) as control:
        budgeting = Budgeting(home, hands.clocks(), control)
        budgeting.take_over(Settings())
        with closing(accounts(home)) as ledger:
            ledger.hold(NOW_US)
        Budgeting(home, hands.clocks(), control).take_over(Settings())
        assert budgeting.holding.since() == NOW

        budgeting.holding.end(held("r-2")._replace(kind="resume"))

        assert budgeting.holding.since() is None


def accounts(home):
    return Accounts.open(home.ledger)


def test_after_the_start_guards_need_the_ledger_alone(home, budgeting):
    budgeting.take_over(Settings())
    ledger = accounts(home)

    assert budgeting.problem is None
    assert [(b.bucket_id, b.cap_micro) for b in ledger.balances(NOW_US)] == [
        ("api", 15_000 * WON),
        ("total", 24_900 * WON),
    ]
    assert ledger.exchange_for("openai").micro_won_per_usd == 1_410_660_000
    assert ledger.rates_for("local", "*") is not None
    years_later = NOW_US + 5 * 365 * 86_400 * 10**6
    call = asked("1", worst_micro=14_250 * WON, buckets=("api", "total"), priority="important")
    assert isinstance(ledger.reserve(call._replace(opened_us=years_later)), Admitted)
    more = asked("2", worst_micro=1, buckets=("api", "total"), priority="important")
    assert isinstance(ledger.reserve(more._replace(opened_us=years_later)), Refused)


def test_a_reload_takes_the_new_caps_over_and_keeps_what_is_spent(home, budgeting):
    budgeting.take_over(Settings())
    accounts(home).reserve(
        asked("1", worst_micro=100 * WON, buckets=("api", "total"))._replace(opened_us=NOW_US)
    )
    budgeting.take_over(
        Settings.model_validate(
            {
                "budget": {"api_krw": 50, "workflows_krw": ["ocr=9"]},
                "exchange": {"vat_rates": ["openai=0"]},
            }
        )
    )

    known = {row.bucket_id: row for row in accounts(home).balances(NOW_US)}
    assert (known["api"].cap_micro, known["api"].reserved_micro) == (50 * WON, 100 * WON)
    assert known["workflow:ocr"].cap_micro == 9 * WON
    assert accounts(home).exchange_for("openai").vat_ppm == 0
    assert accounts(home).exchange_for("google").vat_ppm == 100_000


def test_a_newer_rate_stays(home, budgeting):
    budgeting.take_over(Settings())
    ledger = accounts(home)
    newer = ledger.exchange_for("")._replace(
        micro_won_per_usd=1_500_000_000, rate_date="2026-11-20", fetched_us=NOW_US
    )
    ledger.put_exchange([newer])
    budgeting.take_over(Settings())

    assert ledger.exchange_for("") == newer


def test_a_ledger_that_cannot_be_written_is_a_problem_and_tried_again(home, budgeting, hands):
    home.ledger_folder.mkdir()
    home.ledger.mkdir()
    budgeting.take_over(Settings())

    assert "the budgets are not in the ledger" in str(budgeting.problem)
    home.ledger.rmdir()
    budgeting.step()
    assert budgeting.problem is not None
    hands.monotonic = RETRY_SECONDS
    budgeting.step()
    assert budgeting.problem is None
    assert accounts(home).balances(NOW_US)


def test_a_ledger_that_was_put_away_has_its_budgets_again_the_next_day(home, budgeting, hands):
    budgeting.take_over(Settings())
    for path in home.ledger_folder.iterdir():
        path.unlink()
    hands.monotonic = AGAIN_SECONDS
    budgeting.step()

    assert accounts(home).balances(NOW_US)


@pytest.fixture
def raising(home, hands):
    """Budgets, and the control that keeps what a person raises."""
    control = Control.open(home.control)
    yield Budgeting(home, hands.clocks(), control), control
    control.close()


def keep(control, override):
    with control.transaction() as connection:
        put(connection, override)


def cap_of(home, now=NOW):
    caps = {row.bucket_id: row.cap_micro // WON for row in accounts(home).balances(int(now * WON))}
    return caps["api"]


def test_a_raise_reaches_the_ledger_with_the_next_step_and_ends_in_time(home, raising, hands):
    budgeting, control = raising
    budgeting.take_over(Settings())
    keep(control, Override("a", "api", 3_000, "a demo", "kim", NOW, NOW + 600))
    budgeting.renew()
    budgeting.step()
    assert cap_of(home) == 18_000
    hands.monotonic = 599.0
    budgeting.step()
    assert cap_of(home, NOW + 599) == 18_000
    hands.monotonic = 600.0
    budgeting.step()

    assert cap_of(home) == 15_000
    # A clock that is put back does not revive it.
    hands.monotonic = 10.0
    budgeting.renew()
    budgeting.step()
    assert cap_of(home) == 15_000


def test_a_raise_is_in_force_again_after_a_restart_of_the_agent(home, raising, hands):
    _, control = raising
    keep(control, Override("a", "api", 3_000, "a demo", "kim", NOW, NOW + 600))
    Budgeting(home, hands.clocks(), control).take_over(Settings())

    assert cap_of(home) == 18_000


def test_quotas_are_in_the_ledger_with_their_days(home, budgeting):
    quota = {"name": "free", "day_calls_max": 1, "timezone": "America/Los_Angeles"}
    budgeting.take_over(Settings.model_validate({"quota": [quota]}))
    ledger = accounts(home)

    def answer(name, at_us):
        call = asked(name, worst_micro=0, buckets=("api", "total"), opened_us=at_us)
        return type(ledger.reserve(call))

    year_us = 365 * 86_400 * 10**6
    assert [answer("a", NOW_US), answer("b", NOW_US)] == [Admitted, Refused]
    assert [answer("c", NOW_US + year_us), answer("d", NOW_US + year_us)] == [Admitted, Refused]
    budgeting.take_over(Settings())
    assert answer("e", NOW_US) is Admitted


def test_the_made_up_household_keeps_its_own(home, budgeting):
    budgeting.take_over(Settings(demo=True))

    assert not home.ledger.exists()


@pytest.mark.slow
def test_the_agent_writes_them_before_it_is_ready(home, hands):
    store = Store.open(home, StoreLimits(), NOW)
    quiet = {name: {"enabled": "off"} for name in ("host", "gpu", "processes", "itself")}
    settings = Settings.model_validate({"collectors": quiet, "budget": {"total_krw": 5}})
    loaded = LoadedSettings(settings, "defaults", None)
    try:
        parts = compose(home, store, settings, hands.clocks())
        parts.take_over(loaded)
        assert accounts(home).balances(NOW_US)[1].cap_micro == 5 * WON
        parts.view.runners = []
        more = settings.model_copy(
            update={"budget": settings.budget.model_copy(update={"total_krw": 6})}
        )
        parts.take_over(replace(loaded, settings=more))
        assert accounts(home).balances(NOW_US)[1].cap_micro == 6 * WON
    finally:
        store.close()


def forge(home, change):
    with closing(sqlite3.connect(home.ledger)) as stranger, stranger:
        stranger.execute(change)


@pytest.fixture
def watched(home, hands):
    """A budget in force, of which 10,000 won are spent; what is told of it."""
    with closing(Control.open(home.control)) as control:
        budgeting, told = Budgeting(home, hands.clocks(), control), []
        budgeting.drift.tell = lambda _, alert: told.append(" ".join(map(str, alert.lines)))
        budgeting.take_over(Settings())
        with closing(accounts(home)) as ledger:
            ledger.reserve(asked("a", 10_000 * WON, buckets=("api", "total"), opened_us=NOW_US))
        yield budgeting, told


def look(budgeting, hands, seconds=10.0):
    hands.monotonic += seconds
    budgeting.step()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE budgets SET cap_micro = cap_micro * 100, after_cap_micro = cap_micro * 100",
        "UPDATE budgets SET blocks = 0",
        "UPDATE budgets SET cap_micro = 'much', thresholds_ppm = 'a'",
        "DELETE FROM budgets",
        "UPDATE periods SET end_us = 'never'",
        "UPDATE exchange SET micro_won_per_usd = 1",
    ],
)
def test_whoever_changes_a_rule_in_the_ledger_has_it_for_seconds_and_it_is_told(
    home, watched, hands, change
):
    budgeting, told = watched
    look(budgeting, hands)
    assert (told, budgeting.drift.problem) == ([], None)
    before = accounts(home).rules()
    forge(home, change)

    look(budgeting, hands)

    assert accounts(home).rules() == before
    assert len(told) == 1
    assert "changed" in str(budgeting.drift.problem)
    assert budgeting.problem is None
    look(budgeting, hands)
    assert len(told) == 1
    look(budgeting, hands, 2 * AGAIN_SECONDS)
    look(budgeting, hands)
    assert budgeting.drift.problem is None


@pytest.mark.parametrize(
    ("change", "seconds"),
    [
        ("UPDATE balances SET reserved_micro = 0", RECOUNT_SECONDS),
        ("UPDATE balances SET reserved_micro = 'x'", 10.0),
    ],
)
def test_whoever_takes_away_what_is_spent_finds_it_counted_again(
    home, watched, hands, change, seconds
):
    budgeting, told = watched
    look(budgeting, hands)
    forge(home, change)

    look(budgeting, hands, seconds)

    assert {row.reserved_micro for row in accounts(home).balances(NOW_US)} == {10_000 * WON}
    assert "in api, and its calls are 10,000 won" in told[0]
    assert "in total, and its calls are 10,000 won" in told[0]


def test_whoever_ends_the_hold_of_a_person_in_the_ledger_ends_it_for_seconds(home, watched, hands):
    budgeting, told = watched
    budgeting.holding.begin(held())
    look(budgeting, hands)
    assert told == []
    forge(home, "UPDATE money_sequence SET held_us = 0")

    look(budgeting, hands)

    assert budgeting.holding.since() == NOW
    assert "which a person had asked for, was ended" in told[0]


def test_a_raise_that_comes_while_it_is_written_is_written_as_well(home, raising):
    """Of another thread: its `renew` must not be lost to the one that writes."""
    budgeting, control = raising
    insist = budgeting.holding.insist

    def keep_meanwhile(ledger):
        budgeting.holding.insist = insist
        keep(control, Override("a", "api", 3_000, "a demo", "kim", NOW, NOW + 600))
        budgeting.renew()
        return insist(ledger)

    budgeting.holding.insist = keep_meanwhile
    budgeting.take_over(Settings())
    budgeting.step()

    assert cap_of(home) == 18_000
