"""Heartbeats become series, and a snapshot for the pages."""

from agent.collectors.beats import BeatsCollector
from models.beats import Beat, state_of
from models.monitoring import Absent, Reading

NOW = 1_795_413_600.0
DUMP = Beat("dump", 3600.0, 60.0, NOW - 4000, "ok", NOW - 4000, "", NOW - 9000, "")
NEW = Beat("new", 3600.0, 60.0, None, "", None, "", NOW, "")


def test_each_has_an_age_and_how_late_it_is():
    collector = BeatsCollector(lambda: [state_of(DUMP, NOW), state_of(NEW, NOW)])

    assert collector.collect(0.0) == [
        Reading("beat.age", 4000.0, (("beat", "dump"),)),
        Reading("beat.late", 340.0, (("beat", "dump"),)),
        Reading("beat.age", None, (("beat", "new"),)),
        Reading("beat.late", 0.0, (("beat", "new"),)),
    ]
    assert [beat["state"] for beat in collector.details()["beats"]] == ["late", "never"]


def test_without_any_it_is_absent():
    assert isinstance(BeatsCollector(list).collect(0.0), Absent)
