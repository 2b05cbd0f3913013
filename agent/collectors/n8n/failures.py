"""Asking n8n what a failed execution says: one small question for each, and only for new ones.

Whole executions are large, and reading a huge one has brought n8n down: so its size is asked for
first, and what is read is capped. Nothing of it is kept but node, text and key.
"""

from collections import Counter, deque
from collections.abc import Callable

from agent.collectors.n8n.client import content_of
from agent.collectors.n8n.executions import ONE_BYTES_MAX, PATH, READ
from agent.collectors.n8n.refusals import PublicApi, Refused
from models.errors import SourceUnreachable
from models.monitoring import Execution
from models.workflows.failures import Account, account_in_part, account_of

DATA_BYTES_MAX = 1_000_000
WANTED_MAX = 50
TRIES_MAX = 3
TOO_LARGE = Account("", "the data of this run is too large to be read here; look at it in n8n")


class Failures:
    """`key_field_of` gives, for a workflow id, the field that names what it worked on."""

    def __init__(self, api: PublicApi, key_field_of: Callable[[str], str]) -> None:
        self._api = api
        self._key_field_of = key_field_of
        self._wanted: deque[Execution] = deque(maxlen=WANTED_MAX)
        self._tries: Counter[str] = Counter()

    def want(self, execution: Execution) -> None:
        """The last that are wanted are asked for first."""
        self._wanted.append(execution)

    def fetch(self, count: int) -> list[Execution]:
        """At most `count` executions with what they say. Raises SourceUnreachable."""
        told = []
        for _ in range(min(count, len(self._wanted))):
            execution = self._wanted[-1]
            try:
                account = self._account(execution)
            except SourceUnreachable:
                # Reading this one may be what n8n cannot bear: not again and again.
                self._put_off(execution, 503)
                raise
            except Refused as refusal:
                if refusal.status == 403:
                    self._wanted.clear()
                    break
                self._put_off(execution, refusal.status)
                continue
            self._forget(execution)
            if account.error or account.key:
                told.append(execution._replace(error=account.error, key=account.key))
        return told

    def _account(self, execution: Execution) -> Account:
        path = f"{PATH}/{execution.execution_id}"
        shape = self._api.content(path, READ, ONE_BYTES_MAX)
        size = shape.get("jsonSizeBytes") if isinstance(shape, dict) else None
        if isinstance(size, int) and size > DATA_BYTES_MAX:
            return TOO_LARGE
        answer = self._api.answer(path, READ, DATA_BYTES_MAX, {"includeData": "true"})
        if answer.was_cut:
            account = account_in_part(answer.body.decode(errors="replace"))
            return account if account.error else TOO_LARGE
        try:
            content = content_of(answer)
        except ValueError:
            return Account("", "")
        return account_of(content, self._key_field_of(execution.workflow_id))

    def _put_off(self, execution: Execution, status: int) -> None:
        """Later once more, behind the others; never where n8n says no."""
        self._forget(execution)
        self._tries[execution.execution_id] += 1
        if status >= 500 and self._tries[execution.execution_id] < TRIES_MAX:
            self._wanted.appendleft(execution)
        else:
            del self._tries[execution.execution_id]

    def _forget(self, execution: Execution) -> None:
        self._wanted.remove(execution)
