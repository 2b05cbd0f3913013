"""`python -m agent doctor`: what it says of each source that it asks once."""

import threading
import time
from collections.abc import Mapping

import pytest

from agent.checks import Finding, Level
from agent.checks.sources import read_once
from agent.wiring.source import Source
from models.errors import SourceUnreachable
from models.messages import Message, say
from models.monitoring import Absent, Reading, Timing

# --- sources --------------------------------------------------------------------------------------


class Canned:
    """A collector that answers, raises or hangs as it is told."""

    name = "canned"

    def __init__(self, answer: object) -> None:
        self._answer = answer

    def collect(self, _: float) -> list[Reading] | Absent:
        if isinstance(self._answer, Exception):
            raise self._answer
        if isinstance(self._answer, threading.Event):
            self._answer.wait(30)
            return []
        return self._answer


class Partial(Canned):
    left_out: Mapping[str, Message] = {"/mnt": say("{path} hangs", path="/mnt")}


def source(answer: object, kind: type[Canned] = Canned) -> Source:
    return Source(kind(answer), Timing(10, 0.2, 2), "vps")


def read(answer: object, kind: type[Canned] = Canned) -> Finding:
    [finding] = read_once([source(answer, kind)], time.monotonic)
    return finding._replace(text=str(finding.text))


READING = Reading("system.uptime", 1.0)


@pytest.mark.parametrize(
    ("answer", "level", "told"),
    [
        ([READING], Level.OK, "1 series"),
        (Absent(say("no driver")), Level.ABSENT, "no driver"),
        (SourceUnreachable("canned", say("refused")), Level.PROBLEM, "refused"),
        (ValueError("odd"), Level.PROBLEM, "ValueError: odd; this is a fault, report it"),
        (
            [READING] * 3,
            Level.PROBLEM,
            "3 series, and only 2 are kept; raise series_max in [collectors.canned]",
        ),
    ],
)
def test_what_a_source_answers_is_told(answer, level, told):
    assert read(answer) == Finding(level, "source canned", told)


def test_a_source_that_goes_on_without_a_part_says_which():
    assert "not all of it answers: /mnt hangs" in read([READING], Partial).text


def test_a_source_that_hangs_does_not_hold_up_the_others():
    hanging = threading.Event()
    found = read_once([source(hanging), source([READING]), source(hanging)], time.monotonic)
    hanging.set()

    assert [finding.level for finding in found] == [Level.PROBLEM, Level.OK, Level.PROBLEM]
    assert "no answer within 0.2 s" in str(found[0].text)
