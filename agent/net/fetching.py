"""A page that is asked for again and again: the connection stays open in between."""

import http.client
from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.net.deadline import Deadline
from agent.net.dialing import Dialer, DialError, Link, shown
from agent.net.exchange import Answer, CutOffError, TooLongError, ask
from models.addresses import Target
from models.errors import SourceError, SourceRefused, SourceUnreachable
from models.messages import Message, say
from models.redaction import redact
from sallim import __version__

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked, how large the answer may be, and where a person looks when it fails."""

    target: Target
    headers: Mapping[str, str] = field(default_factory=dict)
    bytes_max: int = 5 * MEGABYTE
    token_key: str = ""
    """The key of the settings that names the token, "" where the section has none."""


class Fetcher:
    """One source's page. Not thread-safe: a source has one thread."""

    def __init__(self, name: str, dialer: Dialer) -> None:
        self._name = name
        self._dialer = dialer
        self._link: Link | None = None

    def fetch(self, wanted: Wanted, timeout_seconds: float) -> bytes:
        """The body of an answer 200. Raises SourceUnreachable and SourceRefused."""
        deadline = Deadline(timeout_seconds)
        kept, self._link = self._link, None
        try:
            if kept is not None:
                try:
                    return self._exchange(kept, wanted, deadline)
                except (ConnectionError, http.client.RemoteDisconnected):
                    pass  # The server closed it in between, as it may.
            link = self._dialer.dial(wanted.target, deadline, {})
            return self._exchange(link, wanted, deadline)
        except DialError as error:
            kind = SourceRefused if error.is_refusal else SourceUnreachable
            raise kind(self._name, error.reason) from error
        except TimeoutError as error:
            raise self._silent(deadline) from error
        except CutOffError as error:
            reason = say("the answer breaks off in the middle; look at the log of the exporter")
            raise SourceUnreachable(self._name, reason) from error
        except TooLongError as error:
            raise self._too_long(wanted) from error
        except (OSError, http.client.HTTPException) as error:
            raise self._no_http(error) from error

    def __del__(self) -> None:
        # A reload of the settings drops a source without a word to it.
        if self._link is not None:
            self._link.close()

    def _exchange(self, link: Link, wanted: Wanted, deadline: Deadline) -> bytes:
        """The connection is kept only after an answer that was read to its end."""
        try:
            headers = {
                "User-Agent": f"Sallim/{__version__}",
                "Accept-Encoding": "identity",
                **wanted.headers,
            }
            answer = ask(link.socket, wanted.target, headers, deadline)
            self._look_at(answer, wanted)
            body = answer.body(wanted.bytes_max)
            if answer.stays_open:
                self._link = link
            return body
        finally:
            if self._link is not link:
                link.close()

    def _look_at(self, answer: Answer, wanted: Wanted) -> None:
        if answer.status == 429 or answer.status >= 500:
            raise SourceUnreachable(
                self._name,
                say("answers {status}; look at the log of the exporter", status=answer.status),
            )
        reason = _refusal(answer, wanted)
        if reason is not None:
            raise SourceRefused(self._name, reason)

    def _silent(self, deadline: Deadline) -> SourceError:
        return SourceUnreachable(
            self._name,
            say(
                "no whole answer within {seconds} s; look at the program behind it, or raise "
                "timeout_seconds",
                seconds=f"{deadline.seconds:g}",
            ),
        )

    def _too_long(self, wanted: Wanted) -> SourceError:
        return SourceRefused(
            self._name,
            say(
                "the answer is larger than {megabytes} MB and was not read to its end; check that "
                "{path} is the page of metrics, or let the exporter show less",
                megabytes=f"{wanted.bytes_max / MEGABYTE:g}",
                path=wanted.target.path,
            ),
        )

    def _no_http(self, error: Exception) -> SourceError:
        if isinstance(error, http.client.RemoteDisconnected | ConnectionError):
            return SourceUnreachable(
                self._name,
                say("closes the connection without an answer; look at the log of the exporter"),
            )
        return SourceRefused(
            self._name,
            say(
                "answers something that is not HTTP ({reason}); check scheme and port",
                reason=shown(error),
            ),
        )


def _refusal(answer: Answer, wanted: Wanted) -> Message | None:
    status = answer.status
    if status in (401, 403):
        if not wanted.token_key:
            return say("answers {status}: it wants to know who asks", status=status)
        return say(
            "answers {status}: the token is missing or wrong; put a valid one into the environment "
            "variable or credential that the key {key} names",
            status=status,
            key=wanted.token_key,
        )
    if 300 <= status < 400:
        return say(
            "answers {status} and points to {location}, which is not followed; write that address",
            status=status,
            location=redact(answer.header("Location"))[:200] or "nowhere",
        )
    if status != 200:
        return say(
            "answers {status} at {path}; check the path",
            status=status,
            path=wanted.target.path,
        )
    encoding = answer.header("Content-Encoding")
    if encoding not in ("", "identity"):
        return say(
            "answers packed as {encoding}, though that was not asked for; switch compression off "
            "for this path",
            encoding=encoding[:20],
        )
    return None
