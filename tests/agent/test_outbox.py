"""From an alert to a message that somebody took: a real worker, real services on loopback."""

import pytest

from models.alerts import Severity
from models.messages import say
from tests.agent.outboxing import Hands, marks, posting
from tests.servers.sinks import Refusal, mailbox, webhooks

pytestmark = pytest.mark.slow

HOUR = 3600


def test_an_alert_becomes_a_message_with_its_mark_and_its_lines(tmp_path, sink, address):
    with posting(tmp_path, {"slack": address}, public_url="https://home.example") as post:
        post.put(
            lines=[say("The cap of {won} won is reached.", won="15,000"), say("Raise it.")],
            link="budget",
        )
        post.round()

    [text] = sink.texts
    assert text == (
        "event 0 happened (#1/1)\r\nThe cap of 15,000 won is reached.\nRaise it.\n"
        "https://home.example/budget"
    )


def test_in_korean_where_the_house_speaks_it(tmp_path, sink, address):
    with posting(tmp_path, {"slack": address}, language="ko") as post:
        post.put()
        post.put()
        post.round()

    assert "메시지 2건" in sink.texts[0]


def test_an_alert_that_is_put_twice_is_told_once(tmp_path, sink, address):
    with posting(tmp_path, {"slack": address}) as post:
        assert post.put(key="cap") == 1
        assert post.put(key="cap") is None
        post.rounds(20)
        assert post.put(key="cap") is None
        post.rounds(20)

    assert marks(sink.texts) == ["#1/1"]


def test_what_lasts_is_told_again_after_four_hours_until_somebody_acknowledges_it(
    tmp_path, sink, address
):
    with posting(tmp_path, {"slack": address}) as post:
        for _ in range(3):
            post.put(key="disk", lasts=True)
            post.rounds(2 * HOUR, 600)
        assert marks(sink.texts) == ["#1/1", "#1/2"]
        assert post.outbox.acknowledge(1, "owner")
        assert not post.outbox.acknowledge(7, "owner")
        post.put(key="disk", lasts=True)
        post.rounds(HOUR, 600)

    assert marks(sink.texts) == ["#1/1", "#1/2"]


def test_what_was_over_and_comes_again_is_told_at_once(tmp_path, sink, address):
    with posting(tmp_path, {"slack": address}) as post:
        post.put(key="disk", lasts=True)
        post.rounds(20)
        with post.control.transaction() as connection:
            post.outbox.settle(connection, "disk")
        post.put(key="disk", lasts=True)
        post.rounds(20)

    assert marks(sink.texts) == ["#1/1", "#1/2"]


def test_what_is_worse_replaces_what_was_not_through(tmp_path, sink, address):
    sink.refusals = [Refusal(500)] * 3
    with posting(tmp_path, {"slack": address}) as post:
        post.put(Severity.WARN, "disk", lasts=True)
        post.rounds(32)
        assert sink.asked
        post.put(Severity.CRITICAL, "disk", lasts=True)
        post.rounds(60)
        assert post.outbox.depth == 0

    assert marks(sink.texts) == ["#1/2"]


def test_through_500s_a_429_and_an_outage_nothing_is_lost_and_nothing_doubled(
    tmp_path, sink, address
):
    sink.refusals = [Refusal(500), Refusal(503), Refusal(429, "120")]
    with posting(tmp_path, {"slack": address}) as post:
        post.put()
        post.rounds(60)
        assert sink.asked == 3
        post.rounds(60)
        assert sink.asked == 3  # It asked for two minutes.
        post.rounds(30)
        assert marks(sink.texts) == ["#1/1"]
        assert "delayed" in sink.texts[0]
        assert "the service asked to wait" in sink.texts[0]
        sink.down = Refusal(500)
        for _ in range(4):
            post.put()
            post.rounds(300, 100)
        assert marks(sink.texts) == ["#1/1"]
        sink.down = None
        post.rounds(15 * 60, 150)

    told = marks(sink.texts[1:])
    assert sorted(told) == sorted(f"#{number}/1" for number in range(2, 6))
    assert len(sink.texts) <= 3


def test_a_network_that_is_down_for_an_hour_is_told_of_in_the_message(tmp_path, sink):
    hands = Hands()
    with webhooks() as other:
        address = f"mmost://127.0.0.1:{other.port}/hooktoken"
    with posting(tmp_path, {"slack": address}, hands) as post:
        post.put()
        post.rounds(HOUR, 300)
        assert "the channel slack" in str(post.outbox.problems[0])
        with webhooks(other):
            post.rounds(11 * 60, 60)
            assert not post.outbox.problems

    assert marks(other.texts) == ["#1/1"]
    assert "min (network down)" in other.texts[0]


@pytest.mark.parametrize("step_seconds", [-HOUR, HOUR, 40 * 24 * HOUR])
def test_a_clock_that_is_set_gives_nothing_up_and_holds_nothing_back(
    tmp_path, sink, address, step_seconds
):
    sink.refusals = [Refusal(500)] * 2
    with posting(tmp_path, {"slack": address}) as post:
        post.put()
        post.rounds(2)
        post.hands.wall += step_seconds
        post.rounds(30)
        assert marks(sink.texts) == ["#1/1"]
        post.put()
        post.rounds(15)

        assert not post.outbox.problems
    assert marks(sink.texts) == ["#1/1", "#2/1"]


def test_200_events_in_ten_seconds_are_three_messages_at_the_most(tmp_path, sink, address):
    with posting(tmp_path, {"slack": address}) as post:
        for _ in range(10):
            with post.control.transaction() as connection:
                for _ in range(20):
                    post.put_in(connection, Severity.CRITICAL, "")
            post.round()
        post.rounds(30)

        assert post.outbox.depth == 0
        numbers = post.control.rows("alerts", "number")

    assert len(sink.texts) <= 3
    assert len(numbers) == 200
    assert "and" in sink.texts[-1]


def test_mail_takes_over_what_is_critical_after_a_minute(tmp_path, sink, address):
    sink.down = Refusal(500)
    with mailbox() as box:
        mail = f"mailto://127.0.0.1:{box.port}/?from=sallim@example.com&to=owner@example.com"
        with posting(tmp_path, {"slack": address, "mail": mail}) as post:
            post.put(lines=[say("Nothing was lost.")])
            post.rounds(55)
            assert not box.taken
            post.rounds(10)

    [(subject, text)] = box.taken
    assert subject == "event 0 happened (#1/1)"
    assert "Nothing was lost." in text


@pytest.mark.parametrize(
    ("severity", "minutes"), [(Severity.CRITICAL, 1), (Severity.WARN, 15), (Severity.INFO, 60)]
)
def test_while_a_channel_is_down_the_next_takes_over_by_severity_and_once(
    tmp_path, severity, minutes
):
    with webhooks() as slack:
        away = f"mmost://127.0.0.1:{slack.port}/hooktoken"
    with mailbox() as box:
        mail = f"mailto://127.0.0.1:{box.port}/?from=sallim@example.com&to=owner@example.com"
        with posting(tmp_path, {"slack": away, "mail": mail}) as post:
            step = 10 if minutes == 1 else 60
            post.put(severity)
            post.rounds(minutes * 60 - step, step)
            assert not box.taken
            post.rounds(HOUR + 300 - minutes * 60, step)
            assert len(box.taken) == 1
            with webhooks(slack):
                # So long at the most it is not tried.
                post.rounds(11 * 60, 60)
                post.put(severity)
                post.rounds(5 * 60, 30)
            assert post.outbox.depth == 0

    assert marks([f"{subject}\n{text}" for subject, text in box.taken]) == ["#1/1"]
    assert marks(slack.texts) == ["#2/1"]


def test_a_mail_server_that_says_later_is_asked_later(tmp_path):
    with mailbox() as box:
        box.refusals = ["451 try again later", "550 who are you"]
        mail = f"mailto://127.0.0.1:{box.port}/?from=sallim@example.com&to=owner@example.com"
        with posting(tmp_path, {"mail": mail}) as post:
            post.put()
            post.rounds(30)
            assert not box.taken
            assert "answered 550" in str(post.outbox.problems[0])
            post.rounds(11 * 60, 60)

    assert marks([f"{subject}\n{text}" for subject, text in box.taken]) == ["#1/1"]
