"""Containers, by Docker's Engine API over its Unix socket, or over a proxy that lets only this by.

The version is left out of the path, as every daemon answers its own then: stop, start and inspect
have not changed since 1.24.
"""

import http.client
import json
import socket
from contextlib import closing
from typing import Any

from agent.net.deadline import Deadline
from agent.net.dialing import shown
from agent.net.exchange import CutOffError, TooLongError, ask
from models.addresses import Target
from models.errors import ActionError, ActionRefused, ActionUnconfirmed
from models.messages import Message, say
from models.settings.service import Service

BYTES_MAX = 1_000_000
LOOK_SECONDS = 10.0
MARGIN_SECONDS = 10.0
DONE = (200, 204, 304)
"""304: it was so already."""


class Docker:
    kind = "docker"
    repeats_safely = True

    def __init__(self, socket_path: str) -> None:
        self._path = socket_path

    def stop(self, service: Service) -> None:
        """Docker asks it to end, and kills it when half of the time is over."""
        seconds = max(1, int(service.timeout_seconds / 2))
        self._change(service, f"stop?t={seconds}")

    def start(self, service: Service) -> None:
        self._change(service, "start")

    def is_up(self, service: Service) -> bool | None:
        status, body = self._send(service, "GET", "json", LOOK_SECONDS)
        state = body.get("State")
        if status != 200 or not isinstance(state, dict):
            raise ActionRefused(self._refusal(service, "inspect", status, body))
        health = (state.get("Health") or {}).get("Status", "none")
        if state.get("Restarting") or state.get("Paused"):
            return None
        if not state.get("Running"):
            return False
        return True if health in ("none", "healthy") else None

    def _change(self, service: Service, verb: str) -> None:
        timeout_seconds = service.timeout_seconds + MARGIN_SECONDS
        status, body = self._send(service, "POST", verb, timeout_seconds)
        if status not in DONE:
            raise ActionRefused(self._refusal(service, verb.partition("?")[0], status, body))

    def _send(
        self, service: Service, method: str, verb: str, timeout_seconds: float
    ) -> tuple[int, dict[str, Any]]:
        container = service.subject
        target = Target("http", "docker", 80, f"/containers/{container}/{verb}")
        deadline = Deadline(timeout_seconds)
        try:
            with closing(self._connected(deadline)) as link:
                headers = {"Connection": "close", "Accept": "application/json"}
                answer = ask(link, target, headers, deadline, method=method)
                body = b"" if answer.status in (204, 304) else answer.body(BYTES_MAX)
                return answer.status, _content(body)
        except TimeoutError as error:
            raise ActionUnconfirmed(
                say(
                    "Docker did not answer `{verb}` of {container} within {seconds} s; "
                    "look at `docker ps -a`",
                    seconds=f"{timeout_seconds:g}",
                    container=container,
                    verb=verb.partition("?")[0],
                )
            ) from error
        except (OSError, TooLongError, CutOffError, http.client.HTTPException) as error:
            raise ActionUnconfirmed(
                say(
                    "the answer of Docker about {container} breaks off ({reason}); look at "
                    "`docker ps -a`",
                    container=container,
                    reason=shown(error),
                )
            ) from error

    def _connected(self, deadline: Deadline) -> socket.socket:
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            link.settimeout(deadline.left())
            link.connect(self._path)
        except OSError as error:
            link.close()
            raise self._no_docker(error) from error
        return link

    def _no_docker(self, error: OSError) -> ActionError:
        return ActionRefused(
            say(
                "Docker does not answer at {path} ({reason}); check automation.docker_socket, and "
                "whether the user of the agent may write to it",
                path=self._path,
                reason=shown(error),
            )
        )

    def _refusal(self, service: Service, verb: str, status: int, body: dict[str, Any]) -> Message:
        values: dict[str, str | int | float] = {
            "container": service.subject,
            "verb": verb,
            "status": status,
        }
        if status == 404:
            return say(
                "Docker knows no container {container}; check `target` of [[service]] {name}, and "
                "`docker ps -a`",
                name=service.name,
                **values,
            )
        if status == 403:
            return say(
                "the proxy before Docker does not let `{verb}` of {container} by (403); allow it "
                "there, see docs/limits.md",
                **values,
            )
        said = shown(Exception(str(body.get("message", "no reason"))))
        return say(
            "Docker answers {status} to `{verb}` of {container} ({said}); look at "
            "`docker logs {container}`",
            said=said,
            **values,
        )


def _content(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
