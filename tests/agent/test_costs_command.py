"""What a person says of the money, by the command line, into a real ledger."""

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from agent.__main__ import main
from agent.budgeting import Budgeting
from agent.sampling import Clocks
from data.bills.cash import figures
from data.bills.openings import unanswered
from data.bills.rates import put_rates
from data.home import Home
from models.costs.fx import DayRate
from models.costs.prepaid import Figure
from models.settings import Settings
from sallim.ledger.accounts import Accounts
from tests.sallim.money import asked, settlement, used

pytestmark = pytest.mark.slow

WON = 1_000_000
SEVENTEENTH = datetime(2026, 11, 17, 3, tzinfo=UTC).timestamp()
LATER = datetime(2027, 1, 10, tzinfo=UTC).timestamp()
NANO = 10**9


class Hand:
    """Types commands at a moment."""

    def __init__(self, home, monkeypatch, capsys):
        self.home, self._monkeypatch, self._capsys = home, monkeypatch, capsys
        self.at(SEVENTEENTH)
        monkeypatch.delenv("SALLIM_CONFIG", raising=False)

    def at(self, now):
        self.now = now
        self._monkeypatch.setattr("agent.commands.costs.time.time", lambda: now)

    def types(self, *words):
        code = main(["costs", *words, "--home", str(self.home.path)])
        return code, self._capsys.readouterr().out

    @property
    def accounts(self):
        return Accounts.open(self.home.ledger)

    def spent(self, bucket="total", at=None):
        return sum(used(self.accounts, int((at or self.now) * 1e6))[bucket])

    def call(self, call_id, day, nano, **more):
        at_us = int(datetime(2026, 12, day, tzinfo=UTC).timestamp() * 1e6)
        call = asked(call_id, opened_us=at_us, buckets=("api", "total"), **more)
        self.accounts.reserve(call._replace(worst_micro=10 * WON, worst_nano_usd=NANO))
        if nano is not None:
            settled = settlement(nano_usd=nano, gross_micro=WON, model_billed=call.model)
            self.accounts.settle(call_id, 1, settled)


@pytest.fixture
def hand(tmp_path, monkeypatch, capsys):
    home = Home(tmp_path)
    home.make()
    put_rates(home, [DayRate(date(2026, 11, 16), Decimal(1400), Decimal(1600), "ECB")], 0)
    settings = Settings.model_validate({"exchange": {"card_fee_rate": 0}})
    clocks = Clocks(wall=lambda: SEVENTEENTH, monotonic=lambda: 0.0)
    Budgeting(home, clocks).take_over(settings)
    return Hand(home, monkeypatch, capsys)


DECEMBER = datetime(2026, 12, 15, tzinfo=UTC).timestamp()


def test_installed_on_the_17th_the_month_is_incomplete_until_both_are_answered(hand):
    assert unanswered(hand.home) == ["api", "servers"]

    code, said = hand.types("open", "--bucket", "api", "--spent", "3,200")
    assert code == 0
    assert said.startswith("Booked: 3,200 won of api before Sallim began. Of servers nobody has")
    assert "-m agent costs open --bucket servers --spent WON" in said
    assert hand.types("open", "--bucket", "servers", "--none") == (
        0,
        "Booked: 0 won of servers before Sallim began. The month is complete from its first day.\n",
    )
    assert unanswered(hand.home) == []
    assert (hand.spent("api"), hand.spent()) == (3200 * WON, 3200 * WON)


@pytest.mark.slow
def test_an_answer_that_cannot_be_booked_yet_says_so(hand):
    with closing(sqlite3.connect(hand.home.ledger, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        code, said = hand.types("open", "--bucket", "api", "--spent", "3200")
        other.execute("ROLLBACK")

    assert code == 1
    assert "another process has been writing" in said
    assert "Your answer is kept, and not booked yet" in said
    assert hand.spent() == 0
    # Typed again it is booked, once.
    assert hand.types("open", "--bucket", "api", "--spent", "3200")[0] == 0
    assert hand.types("open", "--bucket", "api", "--spent", "3200")[0] == 0
    assert hand.spent() == 3200 * WON


def test_another_answer_is_a_row_of_its_own(hand):
    hand.types("open", "--bucket", "api", "--spent", "3200")
    hand.types("open", "--bucket", "api", "--spent", "3200")
    hand.types("open", "--bucket", "api", "--spent", "3000")

    rows = hand.accounts.calls_since(0, 10)
    assert [row.gross_micro for row in rows] == [3200 * WON, -200 * WON]
    assert {row.endpoint for row in rows} == {"opening"}
    assert hand.spent() == 3000 * WON


@pytest.mark.parametrize(
    "words",
    [
        ("open", "--spent", "3200"),
        ("open", "--bucket", "api", "--spent", "-5"),
        ("open", "--bucket", "api", "--spent", "many"),
        ("open", "--bucket", "api", "--spent", "1e99"),
        ("bill", "gemini", "november", "--amount", "4.20"),
        ("bill", "gemini", "2026-11", "--amount", "four"),
        ("bill", "gemini", "2026-11", "--amount", "4.20", "--currency", "JPY"),
        ("bill", "../x", "2026-11", "--amount", "4.20"),
        ("bill", "gemini", "2026-12", "--amount", "4.20"),
        ("bill", "gemini", "2026-11", "--amount", "4,20"),
        ("invoice", "/nowhere/at-all.csv"),
    ],
)
def test_what_is_no_answer_is_said_and_books_nothing(hand, words):
    assert hand.types(*words)[0] == 2
    assert hand.accounts.calls_since(0, 10) == []


def test_a_figure_above_what_the_guard_saw_is_made_up_for_in_its_month(hand):
    hand.call("a", 3, 2 * NANO, provider="google", model="gemini-2.5-pro")
    hand.at(LATER)

    code, said = hand.types("bill", "gemini", "2026-12", "--amount", "4.20")
    assert code == 1
    assert "1 figure of a bill is kept.\nALARM google 2026-12: they charge 4.200000 USD" in said
    assert "(a key is used outside, 47.6 % seen)" in said
    correction = hand.accounts.calls_since(0, 10)[-1]
    assert (correction.nano_usd, correction.gross_micro) == (2_200_000_000, 3_388 * WON)
    assert (correction.endpoint, correction.source) == ("correction", "typed")
    assert hand.spent(at=DECEMBER) == 3_389 * WON
    assert hand.types("reconcile")[0] == 1
    assert hand.spent(at=DECEMBER) == 3_389 * WON


def test_a_figure_that_was_wrong_is_typed_again(hand):
    hand.at(LATER)
    hand.types("bill", "gemini", "2026-12", "--amount", "42.0")
    hand.types("bill", "gemini", "2026-12", "--amount", "4.20")
    hand.types("bill", "gemini", "2026-12", "--amount", "0")

    amounts = [row.nano_usd for row in hand.accounts.calls_since(0, 10)]
    assert amounts == [42 * NANO, -37_800_000_000, -4_200_000_000]
    assert hand.spent(at=DECEMBER) == 0


def test_a_call_that_nobody_ended_is_settled_by_the_bill(hand):
    hand.call("lost", 3, None, provider="google")
    hand.accounts.expire(int(LATER * 1e6))
    hand.at(LATER)
    before = hand.spent(at=DECEMBER)
    code, said = hand.types("bill", "gemini", "2026-12", "--amount", "0.25")

    assert (code, before) == (0, 10 * WON)
    assert "calls whose end nobody saw" in said
    assert hand.spent(at=DECEMBER) == 2_500_000


def test_a_month_that_is_still_to_come_has_no_bill(hand):
    code, said = hand.types("bill", "gemini", "2027-11", "--amount", "4.20")

    assert code == 2
    assert said == "2027-11 has not begun yet, so no bill can be of it; check the year\n"
    assert hand.types("bill", "gemini", "2027-11", "--amount", "0")[0] == 0


def test_won_of_a_bill_are_gross(hand):
    hand.at(LATER)
    hand.types("bill", "hyperclova", "2026-12", "--amount", "1,540", "--currency", "KRW")

    [row] = hand.accounts.calls_since(0, 10)
    assert row.nano_usd == NANO
    assert row.gross_micro == 1540 * WON


def test_the_month_that_had_begun_before_is_not_compared(hand):
    hand.at(LATER)
    _, said = hand.types("bill", "gemini", "2026-11", "--amount", "4.20")

    assert said.startswith("1 figure of a bill is kept. Not compared: 1, of spans that began")
    assert "\nCompared: 0;" in said
    assert hand.spent(at=SEVENTEENTH) == 0


def test_an_invoice_by_days_and_models_and_then_its_month(hand, tmp_path):
    hand.call("a", 3, NANO, model="gpt-5-mini")
    hand.call("b", 4, NANO, model="gpt-5")
    path = tmp_path / "bill.csv"
    path.write_text(
        "Provider,Date,Amount,Currency,Model,Line_Item\n"
        'openai,2026-12-03T00:00:00Z,1.5,usd,gpt-5-mini-2025-08-07,"gpt-5-mini, input"\n'
        'openai,2026-12-03T00:00:00Z,0.25,usd,gpt-5-mini-2025-08-07,"gpt-5-mini, output"\n'
        "openai,2026-12-04T00:00:00Z,1,usd,gpt-5,all\n\n",
        encoding="utf-8-sig",
    )
    hand.at(LATER)
    hand.types("invoice", str(path))
    hand.types("bill", "openai", "2026-12", "--amount", "3")
    hand.types("reconcile")

    rows = [row for row in hand.accounts.calls_since(0, 10) if row.endpoint == "correction"]
    assert [(row.model, row.nano_usd) for row in rows] == [
        ("gpt-5-mini", 750_000_000),
        ("", 250_000_000),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the file is empty; the first line must name provider, period"),
        ("provider,period,amount\n", "line 1: no column currency"),
        ("provider,period,amount,currency\nx,2026-12,1\n", "line 2: a cell is missing"),
        ("provider,period,amount,currency\nx,2026-12,=1+1,USD\n", "line 2: '=1+1' is no amount"),
        ('provider,period,amount,currency\n"x,2026', "line 2: unexpected end"),
        (
            "provider,period,amount,currency\nx,2026-12,1,USD\nx,2026-12,1,EUR\n",
            "line 3: the same line stands there in two currencies",
        ),
    ],
)
def test_a_file_that_is_no_invoice_is_named_by_its_line(hand, tmp_path, text, reason):
    (tmp_path / "bill.csv").write_text(text)

    code, said = hand.types("invoice", str(tmp_path / "bill.csv"))
    assert (code, said.startswith(reason)) == (2, True), said


def test_without_an_agent_ever_started_it_says_what_to_do(tmp_path, monkeypatch, capsys):
    hand = Hand(Home(tmp_path / "new"), monkeypatch, capsys)

    code, said = hand.types("open", "--none")
    assert (code, said) == (1, "the ledger has no exchange rate; start the agent once\n")


@pytest.mark.parametrize(
    ("amount", "currency"),
    [("999999999", "USD"), ("100001", "EUR"), ("500000001", "KRW"), ("-100001", "USD")],
)
def test_a_figure_that_no_bill_can_be_is_not_taken(hand, amount, currency):
    hand.at(LATER)
    hand.types("open", "--none")
    code, told = hand.types(
        "bill", "openai", "2026-12", f"--amount={amount}", "--currency", currency
    )

    assert code == 2
    assert f"{amount} {currency} is more than the " in told
    assert hand.types("reconcile")[0] == 0


def test_a_bill_that_cannot_be_booked_keeps_no_other_from_it(hand, tmp_path):
    """Each line can be, and their sum is more than any row of the ledger."""
    hand.at(LATER)
    hand.types("open", "--none")
    lines = "".join(f"anthropic,2026-12-10,100000,USD,{number}\n" for number in range(20))
    bill = tmp_path / "bill.csv"
    bill.write_text(
        f"provider,period,amount,currency,line_item\n{lines}openai,2026-12-10,2,USD,a\n"
    )
    code, told = hand.types("invoice", str(bill))

    assert code == 1
    assert "the bill of anthropic cannot be booked" in told
    assert hand.spent(at=DECEMBER) == 3_080 * WON


def test_what_is_left_of_prepaid_money_is_typed_and_forgotten(hand):
    code, said = hand.types("cash", "gemini", "--amount", "4.20")
    assert code == 0
    assert "$4.20 are left at google" in said
    hand.at(SEVENTEENTH + 60)
    hand.types("cash", "gemini", "--amount", "3000", "--currency", "krw")

    assert figures(hand.home) == {
        ("google", "KRW"): [Figure(SEVENTEENTH + 60, Decimal(3000), True)],
        ("google", "USD"): [Figure(SEVENTEENTH, Decimal("4.20"), True)],
    }
    assert hand.types("cash", "gemini", "--forget")[1] == "Figures forgotten: 2.\n"
    assert hand.types("cash", "gemini", "--forget") == (0, "Nothing was known of google.\n")


@pytest.mark.parametrize("amount", ["-1", "much", ""])
def test_what_is_no_balance_is_refused(hand, amount):
    code, said = hand.types("cash", "gemini", f"--amount={amount}")

    assert code == 2
    assert "such as 4.20" in said
