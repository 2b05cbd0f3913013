"""Channels as Apprise makes them, in this process: what arrives at each service, to the letter."""

import re

import pytest

from agent.outbox.channels import channels_of
from models.alerts import Severity
from models.alerts.trying import Cause
from models.alerts.words import Speech, Told, text_of
from models.messages import say
from tests.processes import ROOT
from tests.servers.sinks import Refusal
from tests.standins.telegram import TOKEN, telegram

# Apprise loads all of its services at the first address, some with modules that Python will drop.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

HOSTILE = '=HYPERLINK("http://evil.example") <b>x</b> *y* [z](http://evil.example) @everyone\n# all'


def test_a_name_breaks_neither_the_lines_nor_the_markup_of_slack_or_mattermost(sink, address):
    told = [Told(1, 1, say("The workflow {name} failed", name=HOSTILE), [say("Look at it.")])]
    channel = channels_of({"slack": address})["slack"]
    text = text_of(told, None, Speech(escape=channel.escape))
    assert channel.send(text, Severity.WARN).is_sent

    [shown] = sink.texts
    assert "\\*y\\*" in shown
    assert "\\[z\\]\\(http" in shown
    assert "@everyone" not in shown
    assert len(shown.splitlines()) == 2


def test_telegram_by_apprise_is_plain_text_and_tells_when_to_come_again(monkeypatch):
    from apprise.plugins.telegram import NotifyTelegram

    with telegram() as service:
        monkeypatch.setattr(NotifyTelegram, "notify_url", f"{service.url}/bot")
        channel = channels_of({"phone": f"tgram://{TOKEN}/4711/"})["phone"]
        told = [Told(1, 1, say("{name}", name="<b>bold</b>"), [say("Look at it.")])]
        service.refusals = [(429, 33)]
        refused = channel.send(text_of(told, None, Speech()), Severity.WARN)
        taken = channel.send(text_of(told, None, Speech()), Severity.WARN)

    assert (refused.status, refused.retry_after_seconds) == (429, 33.0)
    assert taken.is_sent
    assert "&lt;b&gt;bold&lt;/b&gt;" in service.texts()[0]


def test_slack_itself(monkeypatch, sink):
    from apprise.plugins.slack import NotifySlack

    monkeypatch.setattr(NotifySlack, "webhook_url", f"http://127.0.0.1:{sink.port}")
    address = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
    channel = channels_of({"slack": address})["slack"]
    told = [Told(1, 1, say("{name}", name="<!channel> & <http://evil.example|x>"), [say("Look.")])]

    assert channel.send(text_of(told, None, Speech()), Severity.CRITICAL).is_sent
    [(_, shape)] = sink.taken
    [attachment] = shape["attachments"]
    assert attachment["title"].startswith("&lt;!channel&gt; &amp; &lt;http")
    assert "apprise" not in str(shape).lower()


def test_a_text_message_by_solapi_is_signed_and_sent_to_each_number(monkeypatch, sink):
    from agent.outbox.solapi import NotifySolapi

    monkeypatch.setattr(NotifySolapi, "notify_url", f"http://127.0.0.1:{sink.port}/send")
    channel = channels_of({"sms": "solapi://KEY:SECRET@010-1234-5678/01011112222/01033334444"})
    told = [Told(1, 1, say("한도에 도달했습니다"), [say("{long}", long="가" * 3000)])]
    text = text_of(told, None, Speech())
    sink.refusals = [Refusal(500)]
    assert not channel["sms"].send(text, Severity.CRITICAL).is_sent
    sink.refusals = [Refusal(401)]
    refused = channel["sms"].send(text, Severity.CRITICAL)
    assert (refused.cause, refused.status, refused.is_final) == (Cause.STATUS, 401, True)
    sink.taken.clear()
    assert channel["sms"].send(text, Severity.CRITICAL).is_sent

    messages = [shape["message"] for _, shape in sink.taken]
    assert {each["to"] for each in messages} <= {"01011112222", "01033334444"}
    assert all(each["from"] == "01012345678" for each in messages)
    assert all(each["text"].startswith("한도에 도달했습니다 (#1/1)") for each in messages)


DOCUMENTED = {
    "slack": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
    "tgram": f"tgram://{TOKEN}/4711/",
    "discord": "discord://4711/webhooktoken",
    "mailtos": "mailtos://user:secret@smtp.example.com?from=a@example.com&to=b@example.com",
    "ntfys": "ntfys://ntfy.sh/topic",
    "kakaotalk": f"kakaotalk://{'a' * 32}/{'b' * 60}",
    "solapi": "solapi://KEY:SECRET@01012345678/01011112222",
}


def test_each_service_of_the_table_in_the_docs_is_known():
    page = (ROOT / "docs" / "messages.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| .* \| `([a-z]+)://", page, re.MULTILINE)

    assert sorted(rows) == sorted(DOCUMENTED)
    assert sorted(channels_of(DOCUMENTED)) == sorted(DOCUMENTED)


@pytest.mark.parametrize(
    "address",
    ["solapi://KEY@01012345678/01011112222", "solapi://KEY:SECRET@01012345678", "solapi://x"],
)
def test_an_address_of_solapi_that_lacks_something_is_none(address):
    assert channels_of({"sms": address}) == {}
