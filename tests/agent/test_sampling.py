import threading

import pytest

from agent.folding import Folder
from agent.live import LiveBoard
from agent.records import RecordQueue
from agent.sampling import Audience, Clocks, Runner, Sinks
from models.errors import SourceUnreachable
from models.messages import say
from models.monitoring import Absent, Reading, State, Timing

QUICK = Timing(interval_seconds=1, timeout_seconds=0.05, series_max=3)


class HandClock:
    """Both clocks, moved by hand."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Scripted:
    """Answers with the next line of its script; an exception is raised, a callable is called."""

    name = "scripted"

    def __init__(self, *script):
        self.script = list(script)
        self.asked = threading.Semaphore(0)

    def collect(self, monotonic_seconds):
        self.asked.release()
        answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(answer, Exception):
            raise answer
        return answer() if callable(answer) else answer


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def sinks():
    return Sinks(LiveBoard(), Folder(), RecordQueue())


def runner(collector, sinks, clock, timing=QUICK):
    clocks = Clocks(wall=clock, monotonic=clock)
    return Runner(collector, timing, "here", sinks, Audience(clocks), clocks)


def test_readings_reach_the_screen_and_the_store(sinks, clock):
    runner(Scripted([Reading("system.uptime", 7.0)]), sinks, clock).collect_once()

    assert [(key.machine, value) for key, value, _ in sinks.board.latest()] == [("here", 7.0)]
    assert [row.value.mean for row in sinks.folder.take(2_000)] == [7.0]


def test_the_screen_is_told_how_often_a_source_is_read(sinks, clock):
    seldom = Timing(60, 5, 3, live_interval_seconds=2)
    runner(Scripted([Reading("system.uptime", 7.0)]), sinks, clock, seldom).collect_once()

    [series] = sinks.board.as_json({"system.uptime"}, since=0.0)
    assert series["history"]["every_seconds"] == 60


def test_a_source_that_fails_says_why_and_is_present_again_when_it_answers(sinks, clock):
    script = Scripted(SourceUnreachable("x", say("refused")), [Reading("system.uptime", 1.0)])
    tried = runner(script, sinks, clock)

    tried.collect_once()
    failed = tried.state(clock.now)
    tried.collect_once()

    assert (failed.state, str(failed.reason)) == (State.ERROR, "refused")
    assert tried.state(clock.now).state == State.PRESENT


def test_a_bug_in_a_collector_is_an_error_of_that_collector_alone(sinks, clock):
    broken = runner(Scripted(ZeroDivisionError("division by zero")), sinks, clock)

    broken.collect_once()

    assert str(broken.state(clock.now).reason) == "ZeroDivisionError: division by zero"


def test_absence_is_an_answer(sinks, clock):
    absent = runner(Scripted(Absent(say("no driver"))), sinks, clock)

    absent.collect_once()

    assert absent.state(clock.now).state == State.ABSENT


def test_more_series_than_allowed_are_left_out_and_said(sinks, clock):
    many = [Reading("system.uptime", 1.0, (("n", str(n)),)) for n in range(5)]
    capped = runner(Scripted(many), sinks, clock)

    capped.collect_once()

    assert len(sinks.board.latest()) == 3
    assert str(capped.state(clock.now).reason) == "2 series left out: the limit is 3"


def test_a_part_that_does_not_answer_is_said_while_the_rest_is_present(sinks, clock):
    collector = Scripted([Reading("system.uptime", 1.0)])
    collector.left_out = {"/mnt": say("{mountpoint} does not answer", mountpoint="/mnt")}
    partly = runner(collector, sinks, clock)

    partly.collect_once()

    assert partly.state(clock.now).state == State.PRESENT
    assert str(partly.state(clock.now).reason) == "/mnt does not answer"


def test_a_source_that_hangs_delays_no_other(sinks):
    release = threading.Event()
    clocks = Clocks()
    audience = Audience(clocks)
    hanging = Scripted(lambda: release.wait(30) and [])
    healthy = Scripted([Reading("system.uptime", 1.0)])
    timing = Timing(interval_seconds=0.05, timeout_seconds=0.02, series_max=3)
    runners = [Runner(c, timing, "here", sinks, audience, clocks) for c in (hanging, healthy)]
    for each in runners:
        each.start()

    answers = [healthy.asked.acquire(timeout=10) for _ in range(5)]
    stuck = runners[0].state(clocks.monotonic())
    release.set()
    for each in runners:
        each.stop()

    assert answers == [True] * 5
    assert stuck.state == State.ERROR
    assert "the other sources go on" in str(stuck.reason)


def test_the_first_look_wakes_a_source_that_waits_its_long_interval(sinks):
    clocks = Clocks()
    audience = Audience(clocks)
    source = Scripted([Reading("system.uptime", 1.0)])
    timing = Timing(3_600, 5, 3, live_interval_seconds=0.05)
    watched = Runner(source, timing, "here", sinks, audience, clocks)
    watched.start()
    assert source.asked.acquire(timeout=10)

    audience.looked()

    assert source.asked.acquire(timeout=10)
    watched.stop()


def test_the_first_look_does_not_make_an_old_reading_stale(sinks, clock):
    clocks = Clocks(wall=clock, monotonic=clock)
    audience = Audience(clocks)
    timing = Timing(10, 5, 3, live_interval_seconds=2)
    source = Scripted([Reading("system.uptime", 1.0)])
    watched = Runner(source, timing, "here", sinks, audience, clocks)
    watched.collect_once()
    clock.now += 9

    audience.looked()

    seen = watched.state(clock.now)
    assert (seen.state, seen.interval_seconds) == (State.PRESENT, 2)


def test_a_source_that_failed_is_tried_again_however_often_people_begin_to_look(sinks, clock):
    looking = HandClock()
    audience = Audience(Clocks(monotonic=looking))
    source = Scripted(SourceUnreachable("x", say("refused")))
    timing = Timing(0.3, 5, 3)
    tried = Runner(source, timing, "here", sinks, audience, Clocks())
    tried.start()
    assert source.asked.acquire(timeout=10)

    def tried_after_a_look() -> bool:
        looking.now += 60
        audience.looked()
        return source.asked.acquire(timeout=0.02)

    tried_again = any(tried_after_a_look() for _ in range(200))
    tried.stop()

    assert tried_again


def test_nobody_is_watching_ten_seconds_after_the_last_look(clock):
    audience = Audience(Clocks(wall=clock, monotonic=clock))
    audience.looked()
    clock.now += 9.9
    still = audience.watching
    clock.now += 0.2

    assert (still, audience.watching) == (True, False)
