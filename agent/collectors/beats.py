"""Heartbeats as series: how old each is, and how late."""

from collections.abc import Callable, Iterable, Mapping

from models.beats import BeatState
from models.messages import Message, say
from models.monitoring import Absent, Reading


class BeatsCollector:
    """Asks whoever keeps them; nothing is read from outside."""

    name = "beats"

    def __init__(self, states: Callable[[], Iterable[BeatState]]) -> None:
        self._states = states

    def collect(self, monotonic_seconds: float) -> list[Reading] | Absent:  # noqa: ARG002
        states = list(self._states())
        if not states:
            return Absent(NO_BEATS)
        return [reading for state in states for reading in _readings(state)]

    def details(self) -> Mapping[str, object]:
        """As they are now, also where the last reading knew of none."""
        return {"beats": [state.as_json() for state in self._states()]}


NO_BEATS: Message = say("no job has sent a heartbeat yet")


def _readings(state: BeatState) -> list[Reading]:
    labels = (("beat", state.beat.name),)
    return [
        Reading("beat.age", state.age_seconds, labels),
        Reading("beat.late", state.late_seconds, labels),
    ]
