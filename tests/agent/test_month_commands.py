"""`budget close`, `charge`, `plan` and `unplan` as they are typed, over a real store and ledger."""

import time

import pytest

from agent.__main__ import main
from agent.commands import NO_AGENT, OK, PROBLEM
from agent.wiring.requests import Asking, InForce, Parts
from data.months import closes, plans
from tests.agent.closings import DAY, Months
from tests.pages.canned import CannedView, serving

pytestmark = pytest.mark.slow

WHY = ("--reason", "the next month")


class Typed:
    """A house that is asked by commands; it began forty days before today."""

    def __init__(self, months, capsys) -> None:
        self.months, self._capsys = months, capsys
        parts = Parts(who={}.get, bring=months.budgeting.bring)
        control, in_force = months.store.control, InForce(months.settings)
        self.people = Asking(months.home, control, in_force, months.clocks, parts).people(0o600)

    def __call__(self, *words: str) -> tuple[int, str]:
        code = main(["budget", *words, "--home", str(self.months.home.path)])
        told = self._capsys.readouterr()
        return code, told.out + told.err


@pytest.fixture
def months(tmp_path):
    months = Months(tmp_path, time.time() - 40 * DAY)
    for day in range(30):
        months.spend(f"day-{day}", 200, expires_us=int((months.now + 900) * 1_000_000))
        months.wait(DAY)
    months.wait(time.time() - months.now - 15 * 60)
    months.steps(14)
    yield months
    months.store.close()


@pytest.fixture
def typed(months, capsys):
    typed = Typed(months, capsys)
    with serving(CannedView(months.store), months.home, people=typed.people):
        yield typed


def test_a_month_is_shown_and_written_as_a_page_and_a_table(months, typed, tmp_path):
    month = months.rows[-1].month
    code, text = typed("close")
    assert code == OK
    assert f"{month} is closed and kept" in text
    assert f"budget charge {month}`" in text

    assert typed("close", "--month", month, "--html", str(tmp_path / "a.html")) == (OK, "")
    assert typed("close", "--csv", str(tmp_path / "a.csv")) == (OK, "")
    assert (tmp_path / "a.html").read_text().startswith("<!doctype html>")
    assert f"month,{month},charged to the card,,won" in (tmp_path / "a.csv").read_text()
    code, text = typed("close", "--month", "1999-01")
    assert (code, "1999-01 is not closed; these months are:" in text) == (PROBLEM, True)
    code, text = typed("close", "--csv", str(tmp_path / "no" / "a.csv"))
    assert (code, "cannot be written" in text) == (PROBLEM, True)


def test_what_the_card_was_charged_is_typed_in(months, typed):
    month = months.rows[-1].month

    code, text = typed("charge", month, "7000", "--yes", "7000", *WHY)

    assert code == OK
    assert "the card was charged 7,000 won" in text
    assert closes(months.store.control)[-1].charged_micro == 7_000_000_000
    assert "the card was charged 7,000 won" in typed("close", "--month", month)[1]


def test_a_plan_is_shown_applied_and_ended(months, typed):
    code, text = typed("plan")
    assert code == OK
    assert "within 24,900 won" in text
    assert "  api: " in text
    assert plans(months.store.control) == []
    assert "--advice 9: there are 0" in typed("plan", "--advice", "9")[1]

    assert typed("plan", "--apply")[0] == PROBLEM
    code, text = typed("plan", "--apply", "--yes", "24900", *WHY)
    assert code == OK
    assert "on its plan holds" in text
    [plan] = plans(months.store.control)
    assert plan.amounts_krw["total"] == 24_900
    assert 3_000 <= plan.amounts_krw["api"] < 15_000
    assert f"planned from {plan.month} on" in typed()[1]
    assert typed("unplan", plan.month, "--yes", plan.month, *WHY)[0] == OK
    assert plans(months.store.control)[0].revoked_at is not None


def test_without_an_agent_a_plan_is_shown_and_nothing_is_asked_for(months, capsys):
    typed = Typed(months, capsys)
    months.store.close()

    assert typed("plan")[0] == OK
    assert typed("plan", "--apply", "--yes", "24900", *WHY)[0] == NO_AGENT
    assert typed("close")[0] == NO_AGENT
