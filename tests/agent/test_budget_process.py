"""A fresh install: the agent starts once, is killed, and calls are guarded all the same."""

import signal
import time

import pytest

from agent.__main__ import main
from data.home import Home
from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import Admitted, Refused
from tests.processes import running_agent
from tests.sallim.money import asked

pytestmark = pytest.mark.slow
WON = 10**6


def test_guards_go_on_with_the_agent_dead(tmp_path, capsys):
    home = Home(tmp_path / "home")
    with running_agent(home) as (process, _):
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        now_us = time.time_ns() // 1_000
        accounts = Accounts.open(home.ledger)

        def call(name, won):
            row = asked(name, won * WON, opened_us=now_us, buckets=("api", "total"))
            return accounts.reserve(row._replace(expires_us=now_us + 900 * 10**6))

        assert isinstance(call("a", 14_000), Admitted)
        refused = call("b", 2_000)
        assert isinstance(refused, Refused)
        assert (refused.bucket_id, refused.left_micro) == ("api", 1_000 * WON)
        assert accounts.exchange_for("openai").micro_won_per_usd > 10**9
        assert len(accounts.all_rates()) > 1_000
        assert main(["costs", "open", "--none", "--home", str(home.path)]) == 0
        assert "The month is complete" in capsys.readouterr().out
