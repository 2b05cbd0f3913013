"""The real agent beside programs that spend: killed between, it has what the ledger has."""

import csv
import io
import signal
import subprocess
import sys
import time
from decimal import Decimal

import pytest

from agent.__main__ import main
from data.costs import buckets, spending
from data.home import Home
from models.costs.budget_rows import budgets_of, months_of
from models.errors import AgentSilent, QueryRefused
from models.settings import Settings
from sallim.ledger import Ledger
from tests.processes import ROOT, running_agent, until
from tests.sallim.money import EXCHANGE

pytestmark = pytest.mark.slow

CALLS = 300
SPENDER = """
import sys, time
from sallim.ledger.accounts import Accounts
from tests.sallim.money import asked, settlement
name, path, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
accounts = Accounts.open(path)
for number in range(count):
    now_us = time.time_ns() // 1000
    call = asked(f"{name}-{number}", worst_micro=2_000_001, workflow=name, opened_us=now_us,
                 expires_us=now_us + 10**9)
    accounts.reserve(call)
    if number % 7:
        accounts.settle(call.call_id, 1, settlement(1_000_003 + number, settled_us=now_us))
    time.sleep(0.005)
"""


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    home.make()
    (home.path / "sallim.toml").write_text("[budget]\ntotal_krw = 1000000\n")
    home.ledger_folder.mkdir()
    # As the agent itself would have written it at a start before.
    settings = Settings.model_validate({"budget": {"total_krw": 1_000_000}})
    ledger = Ledger.open(home.ledger)
    ledger.accounts.put_exchange([EXCHANGE])
    ledger.accounts.put_budgets(budgets_of(settings), months_of(settings, time.time()))
    ledger.close()
    return home


def spender(home, name):
    words = [sys.executable, "-c", SPENDER, name, str(home.ledger), str(CALLS)]
    return subprocess.Popen(words, cwd=ROOT)


def of_the_ledger(home):
    ledger = Ledger.open(home.ledger)
    try:
        known = ledger.accounts.calls_since(0, 10_000)
    finally:
        ledger.close()
    return Decimal(sum(call.gross_micro for call in known)).scaleb(-6), len(known)


def of_the_store(reader):
    try:
        lines = spending(reader, (0.0, 4e9), "workflow")
    except (AgentSilent, QueryRefused):
        return None
    return sum(line.won for line in lines), sum(line.calls for line in lines)


def test_what_two_programs_spend_is_in_the_store_though_the_agent_was_killed(home, capsys):
    spenders = [spender(home, name) for name in ("ocr", "tags")]
    with running_agent(home) as (process, reader):
        until(lambda: (of_the_store(reader) or (0, 0))[1] > 0)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert [each.wait(60) for each in spenders] == [0, 0]
    expected = of_the_ledger(home)
    assert expected[1] == 2 * CALLS

    with running_agent(home) as (_, reader):
        until(lambda: of_the_store(reader) == expected)
        known = until(lambda: buckets(reader, time.time()))
        [bucket] = [each for each in known if each.bucket_id == "total"]
        assert bucket.spent_won == expected[0]
        assert bucket.open_won > 0
        assert main(["export", "costs", "--home", str(home.path), "--format", "focus"]) == 0
        rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out, newline="")))
        assert sum(Decimal(row["x_Krw"]) for row in rows) == expected[0]
