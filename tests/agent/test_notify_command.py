"""`notify test` and what the doctor says of channels."""

import pytest

from agent.__main__ import main
from agent.checks import Level
from agent.checks.channels import channels
from tests.agent.outboxing import settings_with
from tests.servers.sinks import Refusal
from tests.standins.telegram import TOKEN, telegram

pytestmark = pytest.mark.slow


@pytest.fixture
def house(tmp_path, sink, monkeypatch, capsys):
    """Two channels, the second without its secret; gives what a command answers and says."""
    (tmp_path / "sallim.toml").write_text(
        '[notify]\nlanguage = "ko"\n'
        '[[notify.channel]]\nname = "slack"\nurl = "SLACK_URL"\n'
        '[[notify.channel]]\nname = "sms"\nurl = "SMS_URL"\n'
    )
    monkeypatch.setenv("SALLIM_CONFIG", str(tmp_path / "sallim.toml"))
    monkeypatch.setenv("SLACK_URL", f"mmost://127.0.0.1:{sink.port}/secrethook")

    def asked(*words):
        return main(["notify", *words, "--home", str(tmp_path)]), capsys.readouterr().out

    return asked


def test_each_channel_is_tested_now_and_its_trouble_is_said(house, sink):
    code, said = house("test")

    assert code == 1
    assert "slack: sent" in said
    assert "the channel sms sends nothing: SMS_URL is not set" in said
    assert "채널 slack 시험 메시지" in sink.texts[0]


def test_one_channel_alone(house, sink):
    code, said = house("test", "slack")

    assert (code, said.splitlines()[-1]) == (0, "slack: sent")
    assert sink.asked == 1


def test_what_is_refused_is_said_without_the_address(house, sink):
    sink.down = Refusal(404)
    code, said = house("test", "slack")

    assert code == 1
    assert "slack: not sent (the service answered 404)" in said
    assert "secrethook" not in said


def test_an_unknown_channel_is_answered_with_the_known_ones(house):
    code, said = house("test", "pager")

    assert (code, said) == (1, "There is no channel pager; there are: slack, sms.\n")


def found(settings, environ):
    return {each.name: (each.level, str(each.text)) for each in channels(settings, environ)}


def test_the_doctor_says_what_is_missing_and_sends_nothing(sink):
    settings, environ = settings_with(
        {"slack": f"mmost://127.0.0.1:{sink.port}/hook", "odd": "nonsense", "none": ""},
        dead_man_url="PING_URL",
    )
    said = found(settings, environ)

    assert said["channel slack"][0] is Level.OK
    assert said["channel odd"][0] is Level.PROBLEM
    assert "NONE_URL" in said["channel"][1]
    assert "PING_URL is not set" in said["dead-man ping"][1]
    assert sink.asked == 0


def test_the_doctor_asks_the_bot_for_its_name():
    with telegram() as service:
        phone = {"token": "BOT", "chats": [4711], "api_url": service.url}
        settings, environ = settings_with({}, telegram=phone)
        known = found(settings, {**environ, "BOT": TOKEN})
        unknown = found(settings, {**environ, "BOT": "1:wrong"})

    assert known["telegram"] == (Level.OK, "@sallim_bot takes commands")
    assert unknown["telegram"] == (Level.PROBLEM, "Telegram does not know this token")
    assert known["channel"][0] is Level.ABSENT
