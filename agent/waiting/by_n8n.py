"""Executions of n8n, tried again by its public API with the workflow as it was.

n8n answers when the run is over, and a long run does not answer in time: so whoever asks looks for
an execution that names this one in `retryOf` before anything is sent once more. n8n from 2.45 on
takes the same `Idempotency-Key` for the same wish, too.
"""

import re
from collections.abc import Callable, Collection, Mapping
from urllib.parse import urlencode

from agent.net.n8n_api import House, NoAnswer, NotSent, Reply, send
from agent.waiting.ways import Lost, Sent
from models.errors import ActionRefused, ActionUnconfirmed
from models.messages import Message, say
from models.waiting.item import N8N, WaitingItem

LIST_MAX = 100
LISTS = ("", "running", "waiting", "new")
"""n8n's plain list lacks what runs, and in older versions what waits or is queued."""
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
AGAIN_SECONDS = 30.0

Earlier = Callable[[WaitingItem], Collection[str]]
"""Ids of those that tried it again before this time."""


class N8nReruns:
    def __init__(self, houses: Mapping[str, House], earlier: Earlier) -> None:
        self._houses = houses
        self._earlier = earlier

    def run(self, item: WaitingItem) -> Sent | Lost:
        if not ID.fullmatch(item.execution_id):
            return Lost(say("{id} is no id of an execution", id=item.execution_id))
        path = f"/executions/{item.execution_id}/retry"
        more = {"Idempotency-Key": item.step_id}
        reply = self._send(item, "POST", path, {"loadWorkflow": False}, more)
        if reply.status == 200:
            found = reply.content.get("id") if isinstance(reply.content, dict) else None
            return Sent(str(found) if isinstance(found, str | int) else "")
        if reply.status in (404, 409):
            return Lost(_gone(item, reply))
        raise ActionRefused(_refused(reply, "execution:retry"))

    def find(self, item: WaitingItem) -> str | None:
        """Raises ActionRefused, ActionUnconfirmed."""
        earlier = self._earlier(item)
        for status in LISTS:
            query: dict[str, str | int] = {"workflowId": item.kind, "limit": LIST_MAX}
            more = {"status": status} if status else {}
            reply = self._send(item, "GET", f"/executions?{urlencode({**query, **more})}")
            if reply.status == 400 and status:
                continue
            runs = reply.content.get("data") if isinstance(reply.content, dict) else None
            if reply.status != 200 or not isinstance(runs, list):
                raise ActionRefused(_refused(reply, "execution:list"))
            for run in runs:
                if isinstance(run, dict) and str(run.get("retryOf")) == item.execution_id:
                    found = str(run.get("id"))
                    if found not in earlier:
                        return found
        return None

    def wait_seconds(self, item: WaitingItem) -> float | None:  # noqa: ARG002  as all ways
        return AGAIN_SECONDS

    def _send(
        self,
        item: WaitingItem,
        method: str,
        path: str,
        content: object = None,
        more: Mapping[str, str] | None = None,
    ) -> Reply:
        house = self._houses.get(item.source.removeprefix(N8N))
        if house is None:
            raise ActionRefused(
                say("no [[n8n]] of the settings is named {n8n}", n8n=item.source.removeprefix(N8N))
            )
        try:
            return send(house, method, path, content, more or {})
        except NotSent as error:
            raise ActionRefused(error.reason) from error
        except NoAnswer as error:
            raise ActionUnconfirmed(
                say("n8n has not answered yet ({reason}); the run is looked for", reason=str(error))
            ) from error


def _gone(item: WaitingItem, reply: Reply) -> Message:
    if reply.status == 404:
        return say(
            "n8n knows no execution {id} any more, or is older than 1.113; run the workflow by "
            "hand",
            id=item.execution_id,
        )
    return say(
        "n8n does not try execution {id} again ({said}); look at it in n8n",
        id=item.execution_id,
        said=_said(reply),
    )


def _refused(reply: Reply, scope: str) -> Message:
    if reply.status in (401, 403):
        return say(
            "n8n refuses the key ({status}); give its API key the scope {scope}",
            status=reply.status,
            scope=scope,
        )
    return say(
        "n8n answers {status} ({said}); look at n8n's log", status=reply.status, said=_said(reply)
    )


def _said(reply: Reply) -> str:
    said = reply.content.get("message") if isinstance(reply.content, dict) else None
    text = " ".join(str(said or "no reason").split())
    return "".join(sign if sign.isprintable() else " " for sign in text)[:200]
