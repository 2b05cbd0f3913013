"""The status matrix: every part of the pipeline in one cell, wherever it runs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from models.live import Live
from models.machines import OFF, SILENT
from models.messages import Message, say
from models.monitoring import SourceState, State
from models.workflow_table import Standing, WorkflowLine

OWN_KINDS = frozenset({"host", "gpu", "processes", "itself", "beats", "pools", "demo"})
"""Sources of the machine itself: the cell of the machine speaks for them."""
ROWS: dict[str, Message] = {
    "machine": say("Machines"),
    "n8n": say("n8n"),
    "workflow": say("Workflows"),
    "database": say("Databases"),
    "endpoint": say("Endpoints"),
    "scrape": say("Exporters"),
    "beat": say("Heartbeats"),
}
KINDS = {
    "postgres": "database",
    "redis": "database",
    "sqlite": "database",
    "ollama": "scrape",
    "n8n": "n8n",
    "endpoint": "endpoint",
    "scrape": "scrape",
}
PAGES = {
    "machine": "machines",
    "n8n": "workflows",
    "workflow": "workflows",
    "database": "machines?tab=databases",
    "endpoint": "machines?tab=services",
    "scrape": "machines?tab=services",
    "beat": "machines?tab=services",
}


class Look(IntEnum):
    """How a part is; the worst first."""

    BAD = 0
    WATCH = 1
    UNKNOWN = 2
    FINE = 3
    OFF = 4


@dataclass(frozen=True, slots=True)
class Cell:
    """One part; `why` says more where it is not fine, `told_elsewhere` where others say it too."""

    row: str
    name: str
    look: Look
    why: Message | None = None
    told_elsewhere: bool = False


def matrix_of(
    live: Live | None, details: Mapping[str, Any], workflows: Iterable[WorkflowLine]
) -> dict[str, list[Cell]]:
    """Cells by row, in the order of `ROWS` and the worst first; without empty rows."""
    if live is None:
        return {}
    cells = [
        *_machines(live),
        *(
            _of_source(source, details.get(source.name, {}))
            for source in live.sources
            if source.kind in KINDS
        ),
        *(_of_workflow(line) for line in workflows),
        *(_of_beat(beat) for beat in details.get("beats", {}).get("beats", ())),
    ]
    rows = {row: [cell for cell in cells if cell.row == row] for row in ROWS}
    return {
        row: sorted(found, key=lambda cell: (cell.look, cell.name.lower()))
        for row, found in rows.items()
        if found
    }


def _machines(live: Live) -> list[Cell]:
    looks = {SILENT: Look.BAD, OFF: Look.OFF}
    return [
        Cell(
            "machine",
            machine.name,
            looks.get(machine.state, Look.FINE),
            machine.note,
            told_elsewhere=True,
        )
        for machine in live.machines
    ]


def _of_source(source: SourceState, detail: Mapping[str, Any]) -> Cell:
    row, name = KINDS[source.kind], source.instance or source.kind
    if row == "database":
        name = f"{source.kind} {name}"
    if source.state in (State.ERROR, State.STALE):
        return Cell(row, name, Look.BAD, source.reason, told_elsewhere=True)
    if source.state is State.ABSENT:
        return Cell(row, name, Look.UNKNOWN, source.reason)
    if detail.get("up") is False:
        problem = detail.get("problem")
        why = Message.from_json(problem) if isinstance(problem, Mapping) else say("down")
        return Cell(row, name, Look.BAD, why)
    if source.reason is not None:
        return Cell(row, name, Look.WATCH, source.reason)
    return Cell(row, name, Look.FINE)


def _of_workflow(line: WorkflowLine) -> Cell:
    looks = {
        Standing.FAILED: Look.WATCH,
        Standing.FINE: Look.FINE,
        Standing.QUIET: Look.UNKNOWN,
        Standing.OFF: Look.OFF,
    }
    look = looks.get(line.standing, Look.BAD)
    return Cell("workflow", line.runs.name, look, line.why)


def _of_beat(beat: Mapping[str, Any]) -> Cell:
    looks = {"late": Look.BAD, "failed": Look.BAD, "never": Look.UNKNOWN}
    note = beat.get("note")
    why = Message.from_json(note) if isinstance(note, Mapping) else None
    state = str(beat.get("state"))
    return Cell(
        "beat", str(beat.get("name")), looks.get(state, Look.FINE), why, told_elsewhere=True
    )
