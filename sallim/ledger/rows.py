"""A row of the ledger's jobs: what may stand in it, and which of two tellings of it wins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

QUEUED, RUNNING, ABANDONED = "queued", "running", "abandoned"
SUCCEEDED, FAILED = "succeeded", "failed"
RANK = {QUEUED: 0, RUNNING: 1, ABANDONED: 2, SUCCEEDED: 3, FAILED: 3}
"""A telling of lower rank came late. `abandoned` is only a guess, so a real end outranks it."""
FINAL = (SUCCEEDED, FAILED)
CHARACTERS_MAX = {
    "job_id": 100,
    "parent_id": 100,
    "name": 200,
    "stage": 200,
    "key": 500,
    "host": 255,
    "process": 100,
    "error": 500,
}
SECONDS_MAX = 1e11
"""Year 5138: what is beyond was told in milliseconds."""
PID_MAX = 2**31
MICROSECONDS = 1_000_000


class JobRow(NamedTuple):
    """An analysis, or a stage of one. Moments are UTC epoch microseconds.

    `stage` is "" for the whole analysis. `process` tells one process from a later one with the
    same pid; "" for what came from elsewhere. `duration_us` is measured on the monotonic clock.
    An abandoned job's `ended_us` is when it was found dead.
    """

    job_id: str
    seq: int
    parent_id: str
    name: str
    stage: str
    key: str
    host: str
    pid: int
    process: str
    state: str
    queued_us: int | None
    started_us: int | None
    ended_us: int | None
    duration_us: int | None
    error: str
    updated_us: int


TIMES = ("queued_us", "started_us", "ended_us")
TOLD_AS = {"queued_us": "queued_at", "started_us": "started_at", "ended_us": "ended_at"}
WIRE_TEXTS = ("job_id", "parent_id", "name", "stage", "key", "host", "state", "error")
RESULT = ("error", "ended_us", "duration_us")


def clean(text: str, limit: int) -> str:
    r"""What SQLite and JSON can hold of a text, at most `limit` characters.

    >>> clean("video\udcff", 500)
    'video?'
    """
    text = text[:limit]
    if text.isprintable() and text.isascii():
        return text
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def job_row(told: Mapping[str, object], now_us: int) -> JobRow:
    """A row out of columns by name; unknown names are passed over, as a newer writer may send them.

    Raises ValueError that names the column.
    """
    texts = {name: _text(told, name) for name in CHARACTERS_MAX}
    state = _text(told, "state")
    for name, value in (("job_id", texts["job_id"]), ("name", texts["name"])):
        if not value:
            raise ValueError(f"{name} is missing: every job needs one")
    if state not in RANK:
        raise ValueError(f"state is {state!r}: it must be one of {', '.join(RANK)}")
    moment_max = int(SECONDS_MAX) * MICROSECONDS
    queued_us, started_us, ended_us, duration_us = (
        _whole(told, name, moment_max) for name in (*TIMES, "duration_us")
    )
    return JobRow(
        texts["job_id"],
        0,
        texts["parent_id"],
        texts["name"],
        texts["stage"],
        texts["key"],
        texts["host"],
        _whole(told, "pid", PID_MAX) or 0,
        texts["process"],
        state,
        queued_us,
        started_us,
        ended_us,
        duration_us,
        texts["error"],
        now_us,
    )


def to_wire(job: JobRow) -> dict[str, object]:
    """As `POST /jobs` takes it: moments in epoch seconds."""
    told: dict[str, object] = {name: getattr(job, name) for name in WIRE_TEXTS}
    for column, name in TOLD_AS.items():
        value = getattr(job, column)
        told[name] = None if value is None else value / MICROSECONDS
    return {**told, "pid": job.pid, "duration_us": job.duration_us}


def from_wire(told: Mapping[str, object]) -> dict[str, object]:
    """The columns for `Ledger.record_jobs` out of one job of `POST /jobs`. Raises ValueError.

    The process is left out: only a program that writes the file itself runs where it can be seen.
    """
    columns: dict[str, object] = {
        name: told[name] for name in (*WIRE_TEXTS, "pid", "duration_us") if name in told
    }
    for column, name in TOLD_AS.items():
        seconds = told.get(name)
        if seconds is None:
            continue
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
            raise ValueError(  # noqa: TRY004 one kind of error for whatever is wrong
                f"{name} is {seconds!r}: it must be in epoch seconds"
            )
        # Also false for what is no number.
        if not 0 <= seconds < SECONDS_MAX:
            raise ValueError(
                f"{name} is {seconds!r}: it must be in epoch seconds, not milliseconds"
            )
        columns[column] = round(seconds * MICROSECONDS)
    return columns


def merged(known: JobRow, fresh: JobRow) -> JobRow:
    """What is known of a job after one more telling, which may be late, repeated or incomplete."""
    late = RANK.get(fresh.state, 3) < RANK.get(known.state, 3)
    first, second = (known, fresh) if late else (fresh, known)
    values = {}
    for name in JobRow._fields:
        value = getattr(first, name)
        blank = value is None or value in ("", 0)
        if blank and (first.state == second.state or name not in RESULT):
            value = getattr(second, name)
        values[name] = value
    return JobRow(**values)


def _text(told: Mapping[str, object], name: str) -> str:
    value = told.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{name} is {value!r}: it must be text")  # noqa: TRY004
    return clean(value, CHARACTERS_MAX.get(name, 100))


def _whole(told: Mapping[str, object], name: str, limit: int) -> int | None:
    value = told.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < limit:
        raise ValueError(f"{name} is {value!r}: it must be a whole number from 0 to {limit:,}")
    return value
