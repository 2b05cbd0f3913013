"""One check of an endpoint: connect, shake hands, ask, look at what comes back."""

import http.client
import time
from typing import NamedTuple

from agent.net.deadline import Deadline
from agent.net.dialing import Dialer, DialError, Link, Times, shown
from agent.net.exchange import Answer, CutOffError, ask
from models.addresses import Target
from models.endpoints import BODY_BYTES_MAX, Result, answer_problem
from models.messages import Message, say
from models.redaction import redact
from sallim import __version__

HEADERS = {
    "User-Agent": f"Sallim/{__version__}",
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Connection": "close",
}


class Expected(NamedTuple):
    """`status` 0: any from 200 to 399. `text` empty: anything."""

    status: int = 0
    text: str = ""


def check(
    target: Target, expected: Expected, dialer: Dialer, timeout_seconds: float, at: float
) -> Result:
    """Raises DialError only where the rules forbid the address; all else is a result.

    `at` is the moment of the check, UTC epoch seconds.
    """
    started = time.monotonic()
    times: Times = {}
    deadline = Deadline(timeout_seconds)
    try:
        link = dialer.dial(target, deadline, times)
    except DialError as error:
        if error.is_refusal:
            raise
        return Result(at, error.reason, times)
    try:
        status, problem = (0, None)
        if target.is_http:
            status, problem = _asked(link, target, expected, deadline, times)
    finally:
        link.close()
    if problem is None or status:
        times["total"] = time.monotonic() - started
    return Result(at, problem, times, status, link.address, link.certificate_until_at)


def _asked(
    link: Link, target: Target, expected: Expected, deadline: Deadline, times: Times
) -> tuple[int, Message | None]:
    try:
        answer = ask(link.socket, target, HEADERS, deadline)
        times["first_byte"] = answer.first_byte_seconds
    except TimeoutError:
        return 0, say(
            "accepts the connection, but does not answer within {seconds} s; look whether the "
            "program behind it hangs",
            seconds=f"{deadline.seconds:g}",
        )
    except (OSError, http.client.HTTPException) as error:
        return 0, _no_answer(error)
    return _judged(answer, expected, deadline)


def _judged(answer: Answer, expected: Expected, deadline: Deadline) -> tuple[int, Message | None]:
    """Status 0 where the answer did not come to its end."""
    try:
        body = answer.beginning(BODY_BYTES_MAX)
    except TimeoutError:
        return 0, say(
            "answers {status}, but its page does not end within {seconds} s; look what it waits "
            "for",
            status=answer.status,
            seconds=f"{deadline.seconds:g}",
        )
    except (OSError, CutOffError):
        return 0, say(
            "answers {status} and closes the connection in the middle of the page; look at the "
            "log of the program behind it",
            status=answer.status,
        )
    return answer.status, answer_problem(
        answer.status,
        redact(answer.header("Location"))[:200],
        body.decode(errors="replace") if expected.text else "",
        expect_status=expected.status,
        expect_text=expected.text,
    )


def _no_answer(error: Exception) -> Message:
    if isinstance(error, http.client.RemoteDisconnected | ConnectionError):
        return say(
            "closes the connection without an answer; look at the log of the program behind it"
        )
    return say(
        "answers something that is not HTTP ({reason}); check scheme and port",
        reason=shown(error),
    )
