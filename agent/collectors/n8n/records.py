"""What goes to the store: executions, workflows, and how far the executions were read."""

import json
from collections.abc import Iterable

from models.monitoring import Execution, Record, Thing
from models.workflows.known import WATERMARK_KIND
from models.workflows.page import workflow_link
from models.workflows.payloads import Workflow


class Records:
    """Gathers between two harvests. The watermark goes in one batch with what it stands for."""

    def __init__(self, source: str, link: str) -> None:
        self._source = source
        self._link = link
        self._workflows: dict[str, Workflow] = {}
        self._watermark: int | None = None
        self._things: list[Thing] = []
        self.executions: list[Execution] = []

    def take(self) -> tuple[Record, ...]:
        records: list[Record] = [*self.executions, *self._things]
        self.executions, self._things = [], []
        return tuple(records)

    def move_watermark(self, to: int | None, now: float) -> None:
        if to is not None and to != self._watermark:
            self._watermark = to
            detail = json.dumps({"watermark": to})
            self._things.append(Thing(WATERMARK_KIND, self._source, "executions", "", detail, now))

    def describe(self, workflows: Iterable[Workflow], now: float) -> None:
        """Take the list; what did not change is in the store already."""
        for workflow in workflows:
            if self._workflows.get(workflow.id) != workflow:
                self._workflows[workflow.id] = workflow
                self._things.append(self._thing(workflow, now))

    def _thing(self, workflow: Workflow, now: float) -> Thing:
        detail = {
            "active": workflow.active,
            "archived": workflow.archived,
            "trigger_count": workflow.trigger_count,
            "updated_at": workflow.updated_at,
            "tags": list(workflow.tags),
            "link": workflow_link(self._link, workflow.id),
        }
        text = json.dumps(detail)
        return Thing("workflow", self._source, workflow.id, workflow.name, text, now)
