"""The work of the demo household: workflows that run, videos that are analysed, what fails.

Pure and seeded by the calendar, like its machines: the same hour always had the same runs.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass

from models.demo.chances import chance
from models.demo.reports import NAME as REPORT
from models.demo.reports import reports
from models.demo.signals import DAY, HOUR, KST_SECONDS, Clock
from models.demo.videos import BATCH_SECONDS, videos_in
from models.monitoring import Execution, Thing

SOURCE = "n8n:main"
HOST = "gpu-rented"
LINK = "http://127.0.0.1:5678/workflow"


@dataclass(frozen=True, slots=True)
class Workflow:
    """`gap_seconds` is its usual gap inside [first_hour, last_hour) of a Korean day."""

    id: str
    name: str
    gap_seconds: int
    seconds: float
    fails: float
    first_hour: int = 0
    last_hour: int = 24
    weekdays_only: bool = False
    ends_before_now_seconds: int = 0
    error: str = ""


WORKFLOWS = (
    Workflow(
        "w1ingest", "Fetch new videos", 900, 8.0, 0.01, error="HTTP Request: 503 from the CDN"
    ),
    Workflow("w2thumb", "Make thumbnails", 1_800, 21.0, 0.02, 8, 22, error="Code: no frame at 0 s"),
    Workflow(
        *("w3digest", "Morning digest", DAY, 95.0, 0.03, 8, 9),
        weekdays_only=True,
        error="Gemini: quota of this minute is used up",
    ),
    Workflow(
        "w4notify", "Notify customers", 600, 1.4, 0.004, 9, 21, error="Slack: channel_not_found"
    ),
    Workflow(
        *("w5backup", "Nightly dump to storage", DAY, 240.0, 0.02, 3, 4),
        error="Execute Command: pg_dump: connection refused",
    ),
    Workflow(
        *("w6sync", "Sync subscriptions", 3_600, 12.0, 0.01),
        ends_before_now_seconds=17 * HOUR,
        error="Postgres: canceling statement due to statement timeout",
    ),
)

STAGES = (("download", 38.0), ("transcribe", 150.0), ("summarise", 44.0))
"""Stages of the analysis "video" and their usual length in seconds."""
FAILS_AT = {"transcribe": 0.03}


def workflow_things(now: float) -> Iterator[Thing]:
    for workflow in WORKFLOWS:
        detail = {"active": True, "link": f"{LINK}/{workflow.id}"}
        yield Thing("workflow", SOURCE, workflow.id, workflow.name, json.dumps(detail), now)


def executions(since: float, until: float, now: float) -> Iterator[Execution]:
    """Every run that began in [since, until); what has not ended at `now` still runs."""
    for number, workflow in enumerate(WORKFLOWS):
        end = min(until, now - workflow.ends_before_now_seconds)
        slot = int(since // workflow.gap_seconds)
        while slot * workflow.gap_seconds < end:
            start = slot * workflow.gap_seconds + _offset(workflow, number, slot)
            if since <= start < end and _is_on(workflow, start):
                yield _execution(workflow, number, slot, start, now)
            slot += 1


def _offset(workflow: Workflow, number: int, slot: int) -> float:
    if workflow.gap_seconds >= DAY:
        # Slots are UTC days; the hour is a Korean one.
        return (workflow.first_hour * HOUR - KST_SECONDS) % DAY + 20 * chance(number, slot, 1)
    return 0.2 * workflow.gap_seconds * chance(number, slot, 1)


def _is_on(workflow: Workflow, at: float) -> bool:
    local = at + KST_SECONDS
    hour, weekday = local % DAY / HOUR, int(local // DAY + 3) % 7
    return workflow.first_hour <= hour < workflow.last_hour and not (
        workflow.weekdays_only and weekday >= 5
    )


def _execution(workflow: Workflow, number: int, slot: int, start: float, now: float) -> Execution:
    seconds = workflow.seconds * (0.6 + 1.2 * chance(number, slot, 2) ** 3)
    ended = start + seconds <= now
    failed = chance(number, slot, 3) < workflow.fails
    return Execution(
        SOURCE,
        workflow.id,
        f"{slot % 1_000_000}{number}",
        ("error" if failed else "success") if ended else "running",
        "trigger",
        start - 0.2 - 2 * chance(number, slot, 4),
        start,
        start + seconds if ended else None,
        min(start + seconds, now),
        error=workflow.error if failed and ended else "",
    )


JobCells = tuple[str | float | None, ...]


def jobs(since: float, until: float, now: float) -> Iterator[JobCells]:
    """Analyses that came in a span, those of videos with their stages, in the order of the store's
    columns but `seq`.

    Videos come in batches, and each stage takes them one after the other: the slow one has a queue.
    """
    for day in range(int(since // DAY), int(until // DAY) + 1):
        free_at = dict.fromkeys((stage for stage, _ in STAGES), 0.0)
        for number, arrived in enumerate(_arrivals(day)):
            rows = _Video(day, number, arrived).rows(free_at, now)
            if since <= arrived < min(until, now):
                yield from rows
    for day, number, *moments in reports(since, min(until, now)):
        job = f"demo-{REPORT}-{day}-{number}"
        key = f"{REPORT}-{day % 1000:03}-{number:02}"
        queued, started, ended = moments
        yield (job, "", REPORT, "", key, *_course((queued, started, ended), now, failed=False))


def _arrivals(day: int) -> Iterator[float]:
    for hour in range(24):
        batch = day * DAY + hour * HOUR
        count = int(videos_in(Clock(batch, math)))
        for place in range(count):
            yield batch + (place + chance(day, hour, place, 1)) / count * BATCH_SECONDS


@dataclass(frozen=True, slots=True)
class _Video:
    day: int
    number: int
    arrived: float

    def rows(self, free_at: dict[str, float], now: float) -> list[JobCells]:
        """The whole and its stages; `free_at` says when each stage can take it, and is moved on."""
        job = f"demo-{self.day}-{self.number}"
        queued, stages, failed = self.arrived, [], False
        begins = max(self.arrived, free_at[STAGES[0][0]])
        for index, (stage, _) in enumerate(STAGES):
            started = max(queued, free_at[stage])
            ended = free_at[stage] = started + self._seconds(index)
            failed = chance(self.day, self.number, index, 5) < FAILS_AT.get(stage, 0.0)
            names = (f"{job}-{stage}", job, "video", stage, self._key)
            stages.append((*names, *_course((queued, started, ended), now, failed=failed)))
            queued = ended
            if failed:
                break
        whole = _course((self.arrived, begins, queued), now, failed=failed)
        return [
            (job, "", "video", "", self._key, *whole),
            *(row for row in stages if _has_come(row, now)),
        ]

    @property
    def _key(self) -> str:
        return f"video-{self.day % 1000:03}-{self.number:02}"

    def _seconds(self, stage: int) -> float:
        # A long video takes longer in every stage; a few are far longer.
        length = 0.6 + 0.5 * chance(self.day, self.number, 7)
        length += 2 * (chance(self.day, self.number, 8) > 0.97)
        return STAGES[stage][1] * length * (0.8 + 0.4 * chance(self.day, self.number, stage, 9))


def _has_come(row: JobCells, now: float) -> bool:
    queued = row[7]
    return isinstance(queued, float) and queued <= now


def _course(moments: tuple[float, float, float], now: float, *, failed: bool) -> JobCells:
    """Host, state, the moments that have come, duration and error."""
    queued, started, ended = moments
    if started > now:
        return (HOST, "queued", queued, None, None, None, "")
    if ended > now:
        return (HOST, "running", queued, started, None, None, "")
    state, error = ("failed", "RuntimeError: CUDA out of memory") if failed else ("succeeded", "")
    return (HOST, state, queued, started, ended, ended - started, error)
