"""What n8n's public API answers, as our own records. One bad entry costs only itself."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from models.monitoring import Execution

QUEUED, RUNNING, WAITING, UNKNOWN = "queued", "running", "waiting", "unknown"
OPEN = frozenset({QUEUED, RUNNING, WAITING})
FAILED = frozenset({"error", "crashed"})
ENDED = frozenset({"success", "canceled", UNKNOWN}) | FAILED
BY_HAND = frozenset({"manual", "evaluation"})
"""Modes of runs that a person started to try something: kept, and counted nowhere."""

ID_CHARACTERS_MAX = 64
NAME_CHARACTERS_MAX = 200
TAGS_MAX = 20


class UnexpectedShape(ValueError):
    """The answer is JSON, and not what n8n answers."""


class Origin(NamedTuple):
    """Whose answer it is. `ahead_seconds` is how far n8n's clock is ahead of ours."""

    source: str
    seen_at: float
    ahead_seconds: float = 0.0


class Run(NamedTuple):
    """An execution, and until when it waits: None where it waits for no moment."""

    execution: Execution
    wait_till: float | None = None

    @property
    def id(self) -> str:
        return self.execution.execution_id

    @property
    def number(self) -> int | None:
        """The id as a number; None for the ids of n8n's second engine, which are none."""
        return number_of(self.execution.execution_id)

    @property
    def is_open(self) -> bool:
        return self.execution.status in OPEN


class Page(NamedTuple):
    """Newest first. `unreadable` counts entries that were left out."""

    runs: list[Run]
    next_cursor: str | None
    unreadable: int = 0


class Workflow(NamedTuple):
    """`saves_successes` is False where successful runs are not kept, and so are never listed."""

    id: str
    name: str
    active: bool
    archived: bool
    trigger_count: int
    updated_at: float | None
    tags: tuple[str, ...]
    saves_successes: bool


class WorkflowPage(NamedTuple):
    workflows: list[Workflow]
    next_cursor: str | None


def number_of(execution_id: str) -> int | None:
    """The id as a number.

    >>> number_of("1042"), number_of("0198c2f0-7a51-7000"), number_of("1" * 40)
    (1042, None, None)
    """
    plain = execution_id.isascii() and execution_id.isdecimal() and len(execution_id) <= 18
    return int(execution_id) if plain else None


def executions_page(payload: object, origin: Origin) -> Page:
    """Raises UnexpectedShape unless it is a list of executions."""
    entries, cursor = _list(payload)
    runs = [run_of(entry, origin) for entry in entries]
    readable = [run for run in runs if run is not None]
    return Page(readable, cursor, len(runs) - len(readable))


def run_of(entry: object, origin: Origin) -> Run | None:
    """One execution; None where it has no id or no state."""
    if not isinstance(entry, dict):
        return None
    execution_id = _id(entry.get("id"))
    status = _status(entry)
    if not execution_id or not status:
        return None
    started_at = None if status == QUEUED else _moment(entry.get("startedAt"), origin)
    # Taken up again after a crash, it runs and has no start: it counts from when it was seen.
    has_begun = started_at is not None or status not in (QUEUED, RUNNING)
    execution = Execution(
        source=origin.source,
        workflow_id=_id(entry.get("workflowId")),
        execution_id=execution_id,
        status=status,
        mode=_text(entry.get("mode"), 40),
        queued_at=_moment(entry.get("createdAt"), origin)
        or (None if has_begun else origin.seen_at),
        started_at=started_at,
        # One that waits has stopped for now, and says so; it has not ended.
        stopped_at=None if status in OPEN else _moment(entry.get("stoppedAt"), origin),
        seen_at=origin.seen_at,
        retry_of=_id(entry.get("retryOf")),
    )
    return Run(execution, _moment(entry.get("waitTill"), origin))


def workflows_page(payload: object, origin: Origin) -> WorkflowPage:
    """Raises UnexpectedShape unless it is a list of workflows. Their nodes are forgotten."""
    entries, cursor = _list(payload)
    workflows = [_workflow(entry, origin) for entry in entries if isinstance(entry, dict)]
    return WorkflowPage([w for w in workflows if w.id], cursor)


def _workflow(entry: dict[str, Any], origin: Origin) -> Workflow:
    tags = entry.get("tags")
    settings = entry.get("settings")
    triggers = entry.get("triggerCount")
    identity = _id(entry.get("id"))
    return Workflow(
        id=identity,
        name=_text(entry.get("name"), NAME_CHARACTERS_MAX) or identity,
        active=entry.get("active") is True,
        archived=entry.get("isArchived") is True,
        trigger_count=triggers if isinstance(triggers, int) else 0,
        updated_at=_moment(entry.get("updatedAt"), origin),
        tags=tuple(_tags(tags if isinstance(tags, list) else [])),
        saves_successes=not isinstance(settings, dict)
        or settings.get("saveDataSuccessExecution") != "none",
    )


def _tags(tags: list[Any]) -> list[str]:
    names = [_text(tag.get("name"), 40) for tag in tags[:TAGS_MAX] if isinstance(tag, dict)]
    return [name for name in names if name]


def _list(payload: object) -> tuple[list[Any], str | None]:
    if not isinstance(payload, dict) or not isinstance(payload.get("data"), list):
        raise UnexpectedShape("no list under data")
    cursor = payload.get("nextCursor")
    return payload["data"], cursor if isinstance(cursor, str) and cursor else None


def _status(entry: dict[str, Any]) -> str:
    status = entry.get("status")
    if status == "new":
        return QUEUED
    if isinstance(status, str) and (status in OPEN or status in ENDED):
        return status
    if isinstance(entry.get("finished"), bool) and not status:
        return "success" if entry["finished"] else UNKNOWN
    return UNKNOWN if isinstance(status, str) and status else ""


def _id(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value)[:ID_CHARACTERS_MAX]


def _text(value: object, characters_max: int) -> str:
    return value[:characters_max] if isinstance(value, str) else ""


def _moment(value: object, origin: Origin) -> float | None:
    """UTC epoch seconds on our clock; None for what is no moment."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return zoned.timestamp() - origin.ahead_seconds
    except (ValueError, OverflowError):
        return None
