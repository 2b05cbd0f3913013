"""The real agent, its budget and an n8n: refused, paused, raised, brought back and run again."""

import json
import time
from contextlib import closing
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx
import pytest

from data.home import Home
from sallim import guard
from sallim.ledger.accounts import Accounts
from tests.agent.requests.test_process import command
from tests.guarded import nothing_kept, upstream
from tests.processes import running_agent, until
from tests.sallim.money import WON, asked, settlement
from tests.standins.n8n import SCOPES, N8n

__all__ = ["nothing_kept", "upstream"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SETTINGS = """
[house]
signin = "off"
[budget]
total_krw = 20000
api_krw = 1000
pace_factor = 0
raise_percent_max = 100
[exchange]
online = false
[automation]
stop = "on"
[waiting]
rerun = "on"
pace_percent = 100
[[n8n]]
url = "{url}"
interval_seconds = 1
executions_interval_seconds = 5
[[service]]
name = "digest"
kind = "n8n_workflow"
target = "wf1"
"""
MAY = SCOPES | {"execution:stop", "workflow:read", "workflow:activate", "workflow:deactivate"}


def waiting(home):
    transport = httpx.HTTPTransport(uds=str(home.socket))
    with httpx.Client(transport=transport, base_url="http://agent") as client:
        return client.get("/waiting", headers={"x-sallim-via": "command"}).json()


def refusal(upstream):
    """What the node of the workflow reads of a call that no longer fits."""
    shape = {
        "model": "gpt-5-mini",
        "max_completion_tokens": 1_000,
        "messages": [{"role": "user", "content": "house"}],
    }
    with guard(base_urls=upstream.base_urls) as client:
        answer = client.post(f"{upstream.url}/openai/v1/chat/completions", json=shape)
    assert answer.status_code == 402
    return f"Payment required - {answer.json()['error']['message']}"


def spend(home, won):
    row = asked("c-1", won * WON, buckets=("api", "total"), opened_us=time.time_ns() // 1_000)
    with closing(Accounts.open(home.ledger)) as accounts:
        accounts.book(row, settlement(won * WON, settled_us=row.opened_us))


def test_refused_runs_wait_pause_their_workflow_and_run_again_after_a_raise(
    tmp_path, upstream, monkeypatch
):
    home = Home(tmp_path / "home")
    home.make()
    monkeypatch.setenv("SALLIM_LEDGER", str(home.ledger))
    with N8n("2.45.0", scopes=MAY) as n8n:
        config = home.path / "sallim.toml"
        config.write_text(SETTINGS.format(url=n8n.url))
        workflow = n8n.workflow("Digest")
        with running_agent(home, SALLIM_CONFIG=str(config), N8N_API_KEY=n8n.key):
            until(home.ledger.exists)
            until(lambda: waiting(home)["items"] == [])
            spend(home, 949)
            text = refusal(upstream)
            refused = [n8n.run(workflow, "error", node="Ask", error=text) for _ in range(3)]
            until(lambda: waiting(home)["waiting"] == 3, 60)
            until(lambda: not n8n.workflows[workflow].active, 90)
            assert not [each for each in n8n.executions.values() if each.retry_of]

            today = datetime.now(ZoneInfo("Asia/Seoul")).date().isoformat()
            raised = ("budget", "raise", "500", "--until", today, "--reason", "more")
            code, told = command(home, *raised, "--yes", "500")
            assert code == 0, told
            until(lambda: n8n.workflows[workflow].active, 90)
            until(lambda: not (waiting(home)["waiting"] or waiting(home)["running"]), 120)
            told = json.dumps(waiting(home)["items"])

        tried = [each.retry_of for each in n8n.executions.values() if each.retry_of]
    assert sorted(tried) == sorted(refused), told
