"""Check of every configured source: read once, each on a thread of its own."""

import threading
from collections.abc import Callable, Sequence

from agent.checks import Finding, absent, ok, problem
from agent.collectors.itself import Vitals
from agent.sampling import PartlySilent
from agent.wiring import sources_of
from agent.wiring.source import Source
from models.endpoints import has_failed
from models.errors import SourceError
from models.messages import say
from models.monitoring import Absent, Answer, Harvest, Reading
from models.settings import Settings

Outcome = Answer | Exception


class Attempt:
    """One reading. A source that hangs is left behind on its thread, which ends with us."""

    def __init__(self, source: Source, monotonic: Callable[[], float]) -> None:
        self.source = source
        self._answer: Outcome | None = None
        self._monotonic = monotonic
        self._started = monotonic()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        try:
            self._answer = self.source.collector.collect(self._monotonic())
        except Exception as error:  # noqa: BLE001  # the finding tells it
            self._answer = error

    def answer(self) -> Outcome | None:
        """None when the source did not answer in its time."""
        timeout_seconds = self.source.timing.timeout_seconds
        left = self._started + timeout_seconds - self._monotonic()
        self._thread.join(max(left, 0.0))
        return self._answer


def sources(
    settings: Settings, wall: Callable[[], float], monotonic: Callable[[], float]
) -> list[Finding]:
    """All are asked at once: the whole takes as long as the slowest may."""
    return read_once(sources_of(settings, Vitals, wall), monotonic)


def read_once(chosen: Sequence[Source], monotonic: Callable[[], float]) -> list[Finding]:
    attempts = [Attempt(source, monotonic) for source in chosen]
    return [_finding(attempt.source, attempt.answer()) for attempt in attempts]


def _finding(source: Source, answer: Outcome | None) -> Finding:
    name = f"source {source.collector.name}"
    if answer is None:
        return problem(
            name,
            say(
                "no answer within {seconds} s; look at what it reads (a mount, a driver), or raise "
                "timeout_seconds in {section}",
                seconds=f"{source.timing.timeout_seconds:g}",
                section=_section(source),
            ),
        )
    if isinstance(answer, Absent):
        return absent(name, answer.reason)
    if isinstance(answer, SourceError):
        return problem(name, answer.reason)
    if isinstance(answer, Exception):
        return problem(
            name,
            say(
                "{kind}: {text}; this is a fault, report it",
                kind=type(answer).__name__,
                text=str(answer),
            ),
        )
    readings = answer.readings if isinstance(answer, Harvest) else answer
    return _answered(name, source, readings)


def _answered(name: str, source: Source, readings: list[Reading]) -> Finding:
    count, most = len(readings), source.timing.series_max
    if count > most:
        return problem(
            name,
            say(
                "{count} series, and only {most} are kept; raise series_max in {section}",
                count=count,
                most=most,
                section=_section(source),
            ),
        )
    left_out = source.collector.left_out if isinstance(source.collector, PartlySilent) else {}
    if left_out:
        reasons = "; ".join(str(reason) for reason in left_out.values())
        if has_failed(readings):
            return problem(name, say("does not answer as it should: {reasons}", reasons=reasons))
        return problem(
            name,
            say(
                "{count} series, but not all of it answers: {reasons}", count=count, reasons=reasons
            ),
        )
    return ok(name, say("{count} series", count=count))


def _section(source: Source) -> str:
    """Where the settings of a source stand."""
    kind, is_one_of_several, _ = source.collector.name.partition(":")
    return f"its [[{kind}]]" if is_one_of_several else f"[collectors.{kind}]"
