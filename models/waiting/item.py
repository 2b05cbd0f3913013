"""One piece of work that waits for money, as it stands in control.sqlite3.

waiting -> running -> done, given_up, or waiting once more
waiting, given_up -> dismissed
given_up -> waiting, where a person wants it
"""

import hashlib
import json
from typing import NamedTuple

from models.messages import Message

JOBS, N8N = "jobs", "n8n:"
"""Where it was refused: a job of the ledger, or an execution of the n8n named behind the colon."""
WAITING, RUNNING, DONE = "waiting", "running", "done"
GIVEN_UP, DISMISSED = "given_up", "dismissed"
OPEN = (WAITING, RUNNING)
INTENT, SENT = "intent", "sent"
"""Of one that runs: written down before anything is sent, and after somebody took it."""
NOW, PACED = "now", "paced"
"""What a person asked for: at once, or in its turn."""


class WaitingItem(NamedTuple):
    """`kind` is the id of the workflow or the name of the analysis, `name` what people call it,
    `key` what was analysed. Money is in micro-won: `estimated` is what a run is likely to cost,
    `needed` what the call that was refused may need. Moments are UTC epoch seconds, 0.0: never.

    `step_id` names one rerun, so that it is found again; `rerun_id` is the run that came of it.
    `problem` is the JSON of a message, "" for none.
    """

    item_id: str
    source: str
    kind: str
    name: str
    execution_id: str
    key: str
    since: float
    code: str
    bucket_id: str
    priority: str
    needed_micro: int
    estimated_micro: int
    state: str
    tries: int
    asked: str
    request_id: str
    step: str
    step_id: str
    begun_at: float
    rerun_id: str
    problem: str
    changed_at: float

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_n8n(self) -> bool:
        return self.source.startswith(N8N)

    @property
    def lane(self) -> tuple[str, str]:
        """Of whose runs only so many go on at a time."""
        return self.source, self.kind

    @property
    def most_micro(self) -> int:
        """What must be left before it is worth a try."""
        return max(self.estimated_micro, self.needed_micro)

    @property
    def title(self) -> str:
        """What it is, for people."""
        return f"{self.name} · {self.key or self.execution_id}"

    @property
    def told_problem(self) -> Message | None:
        return Message.from_json(json.loads(self.problem)) if self.problem else None

    def with_problem(self, problem: Message | None) -> "WaitingItem":
        text = json.dumps(problem.as_json(), ensure_ascii=False) if problem is not None else ""
        return self._replace(problem=text)

    def as_json(self) -> dict[str, object]:
        problem = json.loads(self.problem) if self.problem else None
        return {**self._asdict(), "problem": problem}


def id_of(source: str, execution_id: str) -> str:
    """The same work has the same name, however often it is found.

    >>> id_of("n8n:main", "17")
    'd393ad29ce9e'
    """
    return hashlib.sha256(f"{source}\n{execution_id}".encode()).hexdigest()[:12]
