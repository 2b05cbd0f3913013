"""A question to a provider's billing interface or to a public table: one GET or one form,
bounded in all ways.

Nothing is followed and no proxy is read from the environment, as for every other check.
"""

import http.client
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from agent.net.deadline import Deadline
from agent.net.dialing import Dialer, DialError, shown
from agent.net.exchange import Answer, CutOffError, TooLongError, ask
from models.addresses import target_of
from models.errors import SourceRefused, SourceUnreachable
from models.messages import Message, say
from sallim import __version__

BYTES_MAX = 5_000_000

Params = Mapping[str, str | int | list[str]]


class Asker:
    """Of one source. `scope` says which right a key needs, for whoever is refused.

    Not thread-safe: a source has one thread.
    """

    def __init__(
        self,
        source: str,
        headers: Mapping[str, str] | None = None,
        scope: Message | None = None,
        timeout_seconds: float = 20.0,
    ) -> None:
        self._source = source
        self._headers = dict(headers or {})
        self._scope = scope
        self._timeout_seconds = timeout_seconds
        self._dialer = Dialer()

    def json(
        self, url: str, params: Params | None = None, form: Mapping[str, str] | None = None
    ) -> Any:
        """What the answer says; numbers with a point are Decimal, never float.

        With a form, it is posted. Raises SourceUnreachable and SourceRefused.
        """
        query = urlencode(params or {}, doseq=True)
        body = self.body(f"{url}?{query}" if query else url, form)
        try:
            return json.loads(body, parse_float=Decimal, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise self.garbled(str(error)[:100]) from error

    def body(self, url: str, form: Mapping[str, str] | None = None) -> bytes:
        """The bytes of an answer 200. Raises SourceUnreachable and SourceRefused."""
        deadline = Deadline(self._timeout_seconds)
        target = target_of(url)
        try:
            link = self._dialer.dial(target, deadline, {})
            try:
                headers = {
                    "User-Agent": f"Sallim/{__version__}",
                    "Accept-Encoding": "identity",
                    "Connection": "close",
                    **self._headers,
                }
                posted = None if form is None else urlencode(form).encode()
                if posted is not None:
                    headers["Content-Type"] = "application/x-www-form-urlencoded"
                answer = ask(link.socket, target, headers, deadline, posted)
                self._look_at(answer)
                return answer.body(BYTES_MAX)
            finally:
                link.close()
        except DialError as error:
            kind = SourceRefused if error.is_refusal else SourceUnreachable
            raise kind(self._source, error.reason) from error
        except TimeoutError as error:
            raise SourceUnreachable(
                self._source,
                say("no whole answer within {seconds} s", seconds=f"{deadline.seconds:g}"),
            ) from error
        except TooLongError as error:
            reason = say("the answer is larger than {megabytes} MB", megabytes=BYTES_MAX // 10**6)
            raise SourceRefused(self._source, reason) from error
        except (OSError, CutOffError, http.client.HTTPException) as error:
            raise SourceUnreachable(
                self._source,
                say("the connection breaks off ({reason})", reason=shown(error)),
            ) from error

    def garbled(self, what: str) -> SourceRefused:
        """For whoever finds that an answer makes no sense; nothing of it is taken over."""
        return not_taken_over(self._source, what)

    def _look_at(self, answer: Answer) -> None:
        status = answer.status
        if status == 200:
            return
        if status == 429 or status >= 500:
            raise SourceUnreachable(
                self._source, say("answers {status}; it is asked again later", status=status)
            )
        if status in (401, 403) and self._scope is not None:
            raise SourceRefused(
                self._source,
                say("answers {status}: {scope}", status=status, scope=str(self._scope)),
            )
        raise SourceRefused(
            self._source, say("answers {status}, and nothing was taken over", status=status)
        )


def not_taken_over(source: str, what: str) -> SourceRefused:
    """Of an answer that makes no sense."""
    return SourceRefused(
        source,
        say(
            "answers something that is not taken over: {what}; what was known before stays",
            what=what,
        ),
    )


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number")
