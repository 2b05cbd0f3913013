"""The whole: guarded calls cross every line, people are told, services stop and come back, and the
agent is killed in the midst.
"""

import os
import re
import signal
import sys
import time
from contextlib import closing
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from data.home import Home
from sallim import guard
from sallim.ledger.accounts import Accounts
from tests.agent.outboxing import marks
from tests.agent.requests.test_process import command
from tests.agent.stopping.test_stops_process import stops
from tests.faults.test_stop_kill import TOOL, Household
from tests.guarded import nothing_kept, upstream
from tests.processes import log_of, running_agent, until
from tests.sallim.money import WON, asked, settlement
from tests.servers.sinks import webhooks

__all__ = ["nothing_kept", "upstream"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

KILLS = 2
DOWN = ["stop worker", "stop n8n", "stop db"]
UP = ["start db", "start n8n", "start worker"]
LINE = re.compile(r"(\d+) % of the budget total")
ENDED = re.compile(r"the limit of the budget (\w+) is over")
SETTINGS = """
[house]
signin = "off"
[budget]
total_krw = 1000
api_krw = 1000
pace_factor = 0
[exchange]
online = false
[automation]
stop = "on"
[notify]
language = "en"
quiet_hours = ""
buckets = ["total"]
test_day = "off"
[[notify.channel]]
name = "slack"
url = "SLACK_URL"
"""
SERVICE = """
[[service]]
name = "{name}"
kind = "command"
requires = [{requires}]
stop = [{words}, "stop", "{folder}", "{{name}}", "0.5"]
start = [{words}, "start", "{folder}", "{{name}}"]
check = [{words}, "is-up", "{folder}", "{{name}}"]
"""


def services(folder):
    words = f'"{sys.executable}", "{TOOL}"'
    chain = (("db", ""), ("n8n", '"db"'), ("worker", '"n8n"'))
    return "".join(
        SERVICE.format(name=name, requires=needs, words=words, folder=folder)
        for name, needs in chain
    )


class Pipeline:
    """Calls of the owner's program, and what came of them."""

    def __init__(self, home, upstream):
        self.home, self.upstream = home, upstream

    def call(self, priority, letters=20):
        """The status, and why where it was refused."""
        shape = {
            "model": "gpt-5-mini",
            "max_completion_tokens": 100,
            "messages": [{"role": "user", "content": "house" * (letters // 5)}],
        }
        with guard(base_urls=self.upstream.base_urls, priority=priority) as client:
            answer = client.post(f"{self.upstream.url}/openai/v1/chat/completions", json=shape)
        told = answer.json().get("error") or {}
        return answer.status_code, told.get("code", ""), told.get("message", "")

    def calls_until_refused(self, priority):
        """Ever smaller ones, as long as any fits; how many percent of the total are spent then."""
        for letters in (200_000, 50_000, 10_000, 2_000):
            while (answer := self.call(priority, letters))[0] == 200:
                assert self.spent_percent <= 100
            assert answer[:2] == (402, "budget")
        return self.spent_percent

    @property
    def spent_percent(self):
        with closing(Accounts.open(self.home.ledger)) as accounts:
            [total] = [
                each
                for each in accounts.balances(time.time_ns() // 1_000)
                if each.bucket_id == "total"
            ]
        return 100 * (total.settled_micro + total.unverified_micro) / total.cap_micro

    def bill(self, name, won, buckets):
        """What is owed is booked, whatever is left."""
        row = asked(name, won * WON, buckets=buckets, opened_us=time.time_ns() // 1_000)
        with closing(Accounts.open(self.home.ledger)) as accounts:
            accounts.book(row, settlement(won * WON, settled_us=row.opened_us))


@pytest.fixture
def household(tmp_path):
    household = Household(tmp_path / "services")
    household.forget_log()
    yield household
    household.end()


@pytest.fixture
def home(tmp_path, household):
    home = Home(tmp_path / "home")
    home.make()
    (home.path / "sallim.toml").write_text(SETTINGS + services(household.folder))
    return home


@pytest.fixture
def pipeline(home, upstream, monkeypatch):
    monkeypatch.setenv("SALLIM_LEDGER", str(home.ledger))
    return Pipeline(home, upstream)


def told_once(sink):
    """What was on its way when the agent was killed comes once more, under the same mark."""
    return {marks([text])[0]: text for text in sink.texts}.values()


def lines_told(sink):
    return [int(percent) for text in told_once(sink) for percent in LINE.findall(text)]


def ends_told(sink):
    return [name for text in told_once(sink) for name in ENDED.findall(text)]


def spends_all_that_it_may(pipeline):
    pipeline.bill("before", 650, ("api", "total"))
    assert 89 < pipeline.calls_until_refused("optional") <= 90
    assert 94 < pipeline.calls_until_refused("important") <= 95
    assert 99 < pipeline.calls_until_refused("essential") <= 100


def is_raised(home, won):
    """To the end of the day, which is never later than that of the month."""
    day = datetime.now(ZoneInfo("Asia/Seoul")).date().isoformat()
    words = ("budget", "raise", str(won), "--bucket", "total", "--until", day)
    code, told = command(home, *words, "--reason", "one more film", "--yes", str(won))
    assert code == 0, told


def test_every_line_is_told_once_and_services_stop_and_come_back_in_order(
    home, household, pipeline
):
    with webhooks() as sink:
        outside = {
            "SALLIM_CONFIG": str(home.path / "sallim.toml"),
            "SLACK_URL": f"mmost://127.0.0.1:{sink.port}/hook",
        }
        with running_agent(home, **outside) as (agent, _):
            until(lambda: len(stops(home)["targets"]) == 3)
            spends_all_that_it_may(pipeline)
            until(lambda: sorted(lines_told(sink)) == [70, 80, 90, 95])
            assert household.up() == ["db", "n8n", "worker"]

            (household.folder / "kill").write_text(f"stop:n8n {agent.pid}")
            pipeline.bill("server", 50, ("total",))
            assert agent.wait(60) == -signal.SIGKILL
            assert pipeline.call("essential")[:2] == (402, "budget")

        with running_agent(home, **outside) as (agent, _):
            until(lambda: {each["state"] for each in stops(home)["targets"]} == {"stopped"})
            assert (household.up(), household.log()) == ([], DOWN)
            until(lambda: 100 in lines_told(sink))

            is_raised(home, 500)
            until(lambda: household.up() == ["db", "n8n", "worker"])
            until(lambda: {each["state"] for each in stops(home)["targets"]} == {"up"})
            os.kill(agent.pid, signal.SIGKILL)
            agent.wait()

        with running_agent(home, **outside):
            # Whoever told or stopped anew would do so in the first rounds, a second each.
            began = time.monotonic()
            until(lambda: time.monotonic() - began > 5)
            until(lambda: ends_told(sink), seconds=90)

    assert household.log() == [*DOWN, *UP]
    assert sorted(lines_told(sink)) == [70, 80, 90, 95, 100]
    assert ends_told(sink) == ["total"], sink.texts
    assert len(sink.texts) - len(told_once(sink)) <= KILLS
    assert "Traceback" not in log_of(home)


def test_a_stop_of_everything_stands_with_the_agent_dead_and_until_it_is_resumed(
    home, household, pipeline
):
    outside = {"SALLIM_CONFIG": str(home.path / "sallim.toml"), "SLACK_URL": "mmost://127.0.0.1:9"}
    why = ("--reason", "a strange bill", "--yes", "everything")
    with running_agent(home, **outside) as (agent, _):
        assert pipeline.call("important")[0] == 200
        code, told = command(home, "budget", "stop-all", *why)
        assert code == 0, told
        status, code, message = pipeline.call("essential")
        assert (status, code) == (402, "held")
        assert "a person stopped everything" in message
        assert "budget resume" in message
        until(lambda: household.up() == [])
        # A second agent sees whose home it is, and does nothing of what it could.
        assert command(home, "run")[0] == 4
        assert command(home, "reload")[0] == 0
        assert pipeline.call("essential")[1] == "held"
        os.kill(agent.pid, signal.SIGKILL)
        agent.wait()

    assert pipeline.call("essential")[1] == "held"
    assert "No call that costs something is let through" in command(home, "budget")[1]

    with running_agent(home, **outside):
        assert pipeline.call("essential")[1] == "held"
        code, told = command(home, "budget", "resume", *why)
        assert code == 0, told
        assert pipeline.call("important")[0] == 200
        until(lambda: household.up() == ["db", "n8n", "worker"])
    assert household.log() == [*DOWN, *UP]
