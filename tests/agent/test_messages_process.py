"""The whole agent as a process: it tells, a phone commands it, and it is killed in between."""

import os
import signal
import time
from zoneinfo import ZoneInfo

import pytest

from models.alerts.quiet import week_of
from models.alerts.weekly import HOUR
from tests.agent.outboxing import marks
from tests.data.stores import home_in
from tests.processes import log_of, running_agent, until
from tests.servers.sinks import webhooks
from tests.standins.telegram import TOKEN, telegram

pytestmark = pytest.mark.slow

OWNER = 4711
AROUND_THE_DATE_LINE = ("Pacific/Kiritimati", "Etc/GMT+12")


def zone_in_which_the_weekly_test_is_due() -> str:
    """In one of two zones that are 26 hours apart, it is not the early Monday."""
    return next(
        name
        for name in AROUND_THE_DATE_LINE
        if week_of(time.time(), ZoneInfo(name), 0, HOUR) is not None
    )


def settings(service) -> str:
    return (
        f'[house]\ntimezone = "{zone_in_which_the_weekly_test_is_due()}"\n'
        '[notify]\nlanguage = "en"\nquiet_hours = ""\n'
        f'[notify.telegram]\ntoken = "BOT"\nchats = [{OWNER}]\napi_url = "{service.url}"\n'
        '[[notify.channel]]\nname = "slack"\nurl = "SLACK_URL"\n'
    )


def test_the_agent_tells_and_is_commanded_and_a_kill_loses_nothing(tmp_path):
    home = home_in(tmp_path)
    with webhooks() as sink, telegram() as service:
        (home.path / "sallim.toml").write_text(settings(service))
        secrets = {
            "SALLIM_CONFIG": str(home.path / "sallim.toml"),
            "SLACK_URL": f"mmost://127.0.0.1:{sink.port}/secrethook",
            "BOT": TOKEN,
        }
        with running_agent(home, **secrets) as (agent, reader):
            until(lambda: sink.texts)
            service.types(666, "/stop")
            service.types(OWNER, "/status")
            until(lambda: service.said)
            assert "total: 0 of 24,900 won spent" in service.texts()[0]
            service.types(OWNER, "/ack 1")
            until(lambda: len(service.said) == 2)
            service.presses(OWNER, service.buttons()["Acknowledge"])
            until(lambda: "message #1 is acknowledged" in service.texts())
            assert "outbox" in reader.health()["loops"]
            os.kill(agent.pid, signal.SIGKILL)
            agent.wait()
        with running_agent(home, **secrets):
            service.types(OWNER, "/ack 7")
            until(lambda: len(service.said) == 4)

    # Killed before it wrote down that it was sent, it is sent once more, under the same number.
    assert set(marks(sink.texts)) == {"#1/1"}
    assert len(sink.texts) <= 2
    assert "Test of the channel slack" in sink.texts[0]
    log = log_of(home)
    assert log.count("chat 666 may not command") == 1
    assert "secrethook" not in log
    assert TOKEN not in log
