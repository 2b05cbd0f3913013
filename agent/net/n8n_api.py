"""One request to the public API of an n8n, by whoever acts there."""

import http.client
import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from agent.net.deadline import Deadline
from agent.net.dialing import Dialer, DialError, shown
from agent.net.exchange import CutOffError, TooLongError, ask
from models.addresses import target_of
from models.errors import ConfigError
from models.messages import Message

API = "/api/v1"
BYTES_MAX = 8_000_000
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class House(NamedTuple):
    """One n8n. `key` raises ConfigError where the secret cannot be had."""

    url: str
    key: Callable[[], str]
    timeout_seconds: float


class Reply(NamedTuple):
    """`content` is None for what is no JSON."""

    status: int
    content: Any


class NotSent(Exception):
    """Nothing was begun; `reason` may be shown."""

    def __init__(self, reason: Message) -> None:
        super().__init__(str(reason))
        self.reason = reason


class NoAnswer(Exception):
    """It was sent, and may have been done; its text may be shown."""


def send(
    house: House,
    method: str,
    path: str,
    content: object = None,
    more: Mapping[str, str] = NO_HEADERS,
) -> Reply:
    """Raises NotSent, NoAnswer."""
    deadline = Deadline(house.timeout_seconds)
    target = target_of(house.url.rstrip("/") + API + path)
    try:
        headers = {
            "X-N8N-API-KEY": house.key(),
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
            "Connection": "close",
            **more,
        }
        body = b"" if content is None else json.dumps(content).encode()
        link = Dialer().dial(target, deadline, {})
        try:
            answer = ask(link.socket, target, headers, deadline, body, method)
            return Reply(answer.status, _content(answer.body(BYTES_MAX)))
        finally:
            link.close()
    except ConfigError as error:
        raise NotSent(error.problems[0]) from error
    except DialError as error:
        raise NotSent(error.reason) from error
    except TimeoutError as error:
        raise NoAnswer("no whole answer in time") from error
    except (OSError, TooLongError, CutOffError, http.client.HTTPException) as error:
        raise NoAnswer(shown(error)) from error


def _content(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
