"""Workflows of n8n, by its public API: no new runs, and none of those that had begun.

Since 2.20 n8n stops all runs of a workflow at once; before, each is stopped by its id.
"""

import re
from collections.abc import Mapping
from urllib.parse import urlencode

from agent.net.dialing import shown
from agent.net.n8n_api import House, NoAnswer, NotSent, Reply, send
from models.errors import ActionRefused, ActionUnconfirmed
from models.messages import Message, say
from models.settings.service import Service

RUNS_MAX = 250
"""Of one page; what is above is stopped at the next attempt."""
UNDER_WAY = ("running", "waiting", "new")
"""Statuses of runs that are not over; older versions know fewer of them."""


class N8nWorkflows:
    kind = "n8n_workflow"
    repeats_safely = True

    def __init__(self, houses: Mapping[str, House]) -> None:
        self._houses = houses

    def stop(self, service: Service) -> None:
        """Deactivate first, so that no run begins while others are stopped."""
        path = f"/workflows/{service.subject}"
        self._demand(service, f"{path}/deactivate", "workflow:deactivate")
        if not service.lets_runs_finish:
            self._stop_runs(service)

    def start(self, service: Service) -> None:
        path = f"/workflows/{service.subject}"
        self._demand(service, f"{path}/activate", "workflow:activate")

    def is_up(self, service: Service) -> bool | None:
        """None for one that begins no run any more while others still go on."""
        reply = self._send(service, "GET", f"/workflows/{service.subject}")
        if reply.status != 200 or not isinstance(reply.content, dict):
            raise _refused(service, reply, "workflow:read")
        if reply.content.get("active") is True:
            return True
        if not service.lets_runs_finish and self._runs(service):
            return None
        return False

    def at_work(self, service: Service) -> Message | None:
        """What a stop would cut off."""
        if service.lets_runs_finish:
            return None
        count = len(self._runs(service))
        return say("{count} runs under way are cancelled", count=count) if count else None

    def _stop_runs(self, service: Service) -> None:
        wanted = {"status": ["queued", "running", "waiting"], "workflowId": service.subject}
        reply = self._send(service, "POST", "/executions/stop", wanted)
        if reply.status == 200:
            return
        if reply.status not in (400, 404, 405):
            raise _refused(service, reply, "execution:stop")
        for run in self._runs(service):
            reply = self._send(service, "POST", f"/executions/{run}/stop")
            # One that has ended meanwhile is no run to stop.
            if reply.status not in (200, 404, 409):
                raise _refused(service, reply, "execution:stop")

    def _runs(self, service: Service) -> list[str]:
        """Ids of runs that are not over. A status that this version does not know has none."""
        found: list[str] = []
        for status in UNDER_WAY:
            query = {"workflowId": service.subject, "status": status, "limit": RUNS_MAX}
            reply = self._send(service, "GET", f"/executions?{urlencode(query)}")
            if reply.status == 400:
                continue
            runs = reply.content.get("data") if isinstance(reply.content, dict) else None
            if reply.status != 200 or not isinstance(runs, list):
                raise _refused(service, reply, "execution:list")
            found += [str(run.get("id")) for run in runs if isinstance(run, dict)]
        return [run for run in found if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", run)]

    def _demand(self, service: Service, path: str, scope: str) -> None:
        reply = self._send(service, "POST", path)
        if reply.status != 200:
            raise _refused(service, reply, scope)

    def _send(self, service: Service, method: str, path: str, content: object = None) -> Reply:
        house = self._house(service)
        try:
            return send(house, method, path, content)
        except NotSent as error:
            raise ActionRefused(
                Message("{name}: {reason}", {"name": service.name, "reason": str(error.reason)})
            ) from error
        except NoAnswer as error:
            raise _no_answer(service, house, error) from error

    def _house(self, service: Service) -> House:
        house = self._houses.get(service.n8n)
        if house is None:
            raise ActionRefused(
                say(
                    "{name}: no [[n8n]] is named {n8n}; correct `n8n` of its [[service]]",
                    name=service.name,
                    n8n=service.n8n,
                )
            )
        return house


def _refused(service: Service, reply: Reply, scope: str) -> ActionRefused:
    """`scope` is what n8n calls the right that was used."""
    values: dict[str, str | int | float] = {
        "name": service.name,
        "workflow": service.subject,
        "status": reply.status,
    }
    if reply.status in (401, 403):
        return ActionRefused(
            say(
                "{name}: n8n refuses this key for workflow {workflow} ({status}); give its API key "
                "the scope {scope}",
                scope=scope,
                **values,
            )
        )
    if reply.status == 404:
        return ActionRefused(
            say(
                "{name}: n8n knows no workflow {workflow} (404); `target` of its [[service]] "
                "takes the id, which ends the address of the workflow in n8n's editor",
                **values,
            )
        )
    said = reply.content.get("message") if isinstance(reply.content, dict) else None
    return ActionRefused(
        say(
            "{name}: n8n answers {status} for workflow {workflow} where {scope} was asked "
            "({said}); look at n8n's log",
            scope=scope,
            said=shown(Exception(str(said or "no reason"))),
            **values,
        )
    )


def _no_answer(service: Service, house: House, error: NoAnswer) -> ActionUnconfirmed:
    return ActionUnconfirmed(
        say(
            "{name}: {url} gives no whole answer ({reason}); is n8n running?",
            name=service.name,
            url=house.url,
            reason=str(error),
        )
    )
