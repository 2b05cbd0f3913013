"""JSON sent to an address that may itself be a secret: no error ever names more than its host."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.net.deadline import Deadline
from agent.net.dialing import Dialer, DialError
from agent.net.exchange import CutOffError, TooLongError, ask
from models.addresses import target_of
from models.messages import Message, say
from sallim import __version__

BYTES_MAX = 1_000_000


class PostError(Exception):
    """There was no whole answer; `reason` may be shown."""

    def __init__(self, reason: Message) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, whatever its status."""

    status: int
    body: bytes
    retry_after: str = ""
    """As the other side writes it."""

    def json(self) -> dict[str, Any]:
        """Empty for what is no object of JSON."""
        try:
            shape = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return shape if isinstance(shape, dict) else {}


@dataclass(frozen=True, slots=True)
class Sent:
    """What is sent where; without a shape there is no body."""

    method: str
    url: str
    shape: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def post_json(dialer: Dialer, url: str, shape: Mapping[str, Any], timeout_seconds: float) -> Reply:
    """Raises PostError."""
    return send_json(dialer, Sent("POST", url, shape), timeout_seconds)


def send_json(dialer: Dialer, sent: Sent, timeout_seconds: float) -> Reply:
    """Nothing is followed, and no proxy is read from the environment. Raises PostError."""
    deadline = Deadline(timeout_seconds)
    target = target_of(sent.url)
    headers = {
        "User-Agent": f"Sallim/{__version__}",
        "Accept-Encoding": "identity",
        "Connection": "close",
        **sent.headers,
    }
    body = None
    if sent.shape is not None:
        headers["Content-Type"], body = "application/json", json.dumps(sent.shape).encode()
    try:
        link = dialer.dial(target, deadline, {})
        try:
            answer = ask(link.socket, target, headers, deadline, body, sent.method)
            told = answer.body(BYTES_MAX)
            return Reply(answer.status, told, answer.header("Retry-After"))
        finally:
            link.close()
    except DialError as error:
        raise PostError(error.reason) from None
    except TimeoutError:
        raise PostError(
            say("no whole answer within {seconds} s", seconds=f"{deadline.seconds:g}")
        ) from None
    except (OSError, CutOffError, TooLongError, http.client.HTTPException):
        # Not what it says: a line of an answer might repeat the address.
        raise PostError(say("the connection breaks off")) from None
