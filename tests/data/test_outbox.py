"""The outbox in control.sqlite3: what is put stays, whatever ends the process."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace

import pytest

from data import outbox
from data.control import Control
from data.home import Home
from data.ops.control_opening import open_control
from data.ops.quarantine import Quarantine
from models.alerts import Alert, Severity
from models.alerts.outlook import Bury, Compose, Keep, Move, Send
from models.messages import say
from tests.models.alerts.house import NOON
from tests.processes import ROOT

HOUR, DAY = 3600, 86_400


@pytest.fixture
def path(tmp_path):
    return tmp_path / "control.sqlite3"


@pytest.fixture
def control(path):
    control = Control.open(path)
    yield control
    control.close()


def alert(key="cap", **more):
    return Alert(key, "block", Severity.CRITICAL, say("{name} happened", name=key), **more)


def put(control, *alerts, now=NOON):
    with control.transaction() as connection:
        return [outbox.put(connection, each, now) for each in alerts]


def composed(control, numbers, channel="slack", now=NOON):
    """The id of a message of these alerts."""
    outbox.carry_out(control, [Compose(channel, Severity.CRITICAL, numbers, False)], now)
    return outbox.standing(control, now).unsent[-1].id


def put_and_fail(control):
    with control.transaction() as connection:
        outbox.put(connection, alert(), NOON)
        raise RuntimeError


def test_an_alert_is_put_with_what_it_reports_or_not_at_all(control):
    with pytest.raises(RuntimeError):
        put_and_fail(control)
    assert not outbox.standing(control, NOON).waiting
    assert put(control, alert(), alert("other"), alert()) == [1, 2, None]

    assert [each.dedup_key for each in outbox.standing(control, NOON).waiting] == ["cap", "other"]


def test_an_alert_comes_back_as_it_was_put(control):
    lines = [say("The cap of {won} won is reached.", won="15,000"), say("Raise it.")]
    put(control, alert(lines=lines, link="budget", bucket_id="api"))

    [kept] = outbox.standing(control, NOON).waiting
    told = kept.told("https://home.example/")
    assert (str(told.title), told.lines, told.mark) == ("cap happened", lines, "#1/1")
    assert told.link == "https://home.example/budget"
    assert kept.told("").link == ""
    assert (kept.waiting.bucket_id, kept.waiting.is_counted) == ("api", False)


def test_what_lasts_is_put_again_after_four_hours_and_only_when_it_was_told(control):
    put(control, alert(lasts=True))
    assert put(control, alert(lasts=True), now=NOON + 5 * HOUR) == [None]
    message_id = composed(control, [1])
    assert put(control, alert(lasts=True), now=NOON + 5 * HOUR) == [None]
    outbox.sent(control, message_id, NOON + 5 * HOUR)
    assert put(control, alert(lasts=True), now=NOON + 3 * HOUR) == [None]
    assert put(control, alert(lasts=True), now=NOON + 5 * HOUR) == [1]

    [again] = outbox.standing(control, NOON).waiting
    assert again.told("").mark == "#1/2"


def test_what_lasts_and_is_worse_is_told_at_once(control):
    mild = replace(alert(lasts=True), severity=Severity.WARN)
    assert put(control, mild, alert(lasts=True)) == [1, 1]
    [waiting] = outbox.standing(control, NOON).waiting
    assert (waiting.severity, waiting.told("").mark) == ("critical", "#1/1")
    outbox.sent(control, composed(control, [1]), NOON)
    assert put(control, mild, alert(lasts=True)) == [None, None]

    outbox.acknowledge(control, 1, "owner")
    assert put(control, alert(lasts=True), now=NOON + 5 * HOUR) == [None]


def test_orders_are_carried_out_together(control):
    put(control, alert("a"), alert("b"), alert("c"))
    first, second = composed(control, [1]), composed(control, [2])
    orders = [Move(first, "mail"), Bury(second), Keep([3]), Send(first)]
    outbox.carry_out(control, orders, NOON + 60)

    standing = outbox.standing(control, NOON + 60)
    assert not standing.waiting
    [moved] = standing.unsent
    assert (moved.id, moved.channel, moved.routed_at) == (first, "mail", NOON + 60)
    [(dead, [told])] = outbox.dead_letters(control, NOON + 60)
    assert (dead.id, told.number) == (second, 2)


def test_a_dead_letter_is_a_problem_for_a_week_or_until_it_is_acknowledged(control):
    put(control, alert("a"), alert("b"))
    for number in (1, 2):
        outbox.dead(control, composed(control, [number]), say("network down"), NOON)
    assert len(outbox.dead_letters(control, NOON + 6 * DAY)) == 2
    assert outbox.acknowledge(control, 1, "owner")

    assert [one.id for one, _ in outbox.dead_letters(control, NOON + 6 * DAY)] == [2]
    assert not outbox.dead_letters(control, NOON + 8 * DAY)


def test_what_was_claimed_goes_once_more_after_a_restart(control, path):
    put(control, alert())
    message_id = composed(control, [1])
    outbox.claim(control, message_id)
    control.close()
    control = Control.open(path)

    assert outbox.unclaim(control) == 1
    [unsent] = outbox.standing(control, NOON).unsent
    assert (unsent.id, unsent.unsent.is_sending) == (message_id, False)
    control.close()


def test_the_clock_of_the_wall_changes_no_age(control):
    put(control, alert("a"), alert("b"))
    message_id = composed(control, [1])
    outbox.failed(control, message_id, say("network down"), NOON + 100)
    outbox.shift(control, -HOUR)

    standing = outbox.standing(control, NOON - HOUR)
    assert standing.waiting[0].put_at == NOON - HOUR
    [unsent] = standing.unsent
    assert (unsent.composed_at, unsent.not_before) == (NOON - HOUR, NOON + 100 - HOUR)
    assert (unsent.tries, str(unsent.reason)) == (1, "network down")


def test_what_is_long_over_is_forgotten_and_no_number_is_given_twice(control):
    put(control, alert("a"), alert("b"))
    outbox.sent(control, composed(control, [1, 2]), NOON)
    outbox.prune(control, NOON + 99 * DAY)
    assert len(control.rows("alerts", "number")) == 2
    outbox.prune(control, NOON + 101 * DAY)

    assert [row[0] for row in control.rows("alerts", "number")] == [2]
    assert not control.rows("messages", "id")
    assert put(control, alert("c"), now=NOON + 101 * DAY) == [3]


def test_the_outbox_survives_damage_elsewhere_in_its_file(control, path, tmp_path):
    put(control, alert("a"), alert("b"))
    composed(control, [1])
    control.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alerts SET kind = 'x' WHERE number = 2")
        connection.commit()

    control, was_rebuilt = open_control(path, Quarantine(Home(tmp_path), NOON))
    assert was_rebuilt
    assert [row[0] for row in control.rows("alerts", "number")] == [1]
    assert len(outbox.standing(control, NOON).unsent) == 1
    control.close()


WRITER = """
import sys
from data import outbox
from data.control import Control
from data.home import Home
from models.alerts import Alert, Severity
from models.alerts.outlook import Compose
from models.messages import say
from pathlib import Path

control = Control.open(Path(sys.argv[1]))
count = 0
while True:
    count += 1
    with control.transaction() as connection:
        outbox.put(connection, Alert(f"event {count}", "block", Severity.WARN, say("x")), 0.0)
    if count % 3 == 0:
        numbers = [count - 2, count - 1, count]
        outbox.carry_out(control, [Compose("slack", Severity.WARN, numbers, False)], 0.0)
    print(count, flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("told_before", [1, 40, 111])
def test_nothing_that_was_put_is_lost_by_kill_9(path, told_before):
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    for line in writer.stdout:
        if int(line) >= told_before:
            break
    os.kill(writer.pid, signal.SIGKILL)
    told = max([told_before, *map(int, writer.stdout)])
    writer.wait()
    writer.stdout.close()

    control = Control.open(path)
    alerts = [row[0] for row in control.rows("alerts", "number")]
    assert alerts == list(range(1, len(alerts) + 1))
    assert len(alerts) >= told
    assert len(outbox.standing(control, 0.0).unsent) >= told // 3
    control.close()
