"""One question to the interface for admins of a provider, and what its refusals mean."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from agent.net.dialing import Dialer
from agent.net.posting import PostError, Reply, Sent, send_json
from models.errors import ActionPostponed, ActionRefused, ActionUnconfirmed
from models.messages import Message, say
from models.redaction import redact
from models.retry_after import seconds_of

TIMEOUT_SECONDS = 20.0
WAIT_SECONDS_MAX = 86_400.0
CENTS_MAX = 10**9
"""What is beyond is no limit of a household."""
SAID_MAX = 200


class Admin:
    """`early`: what to do where the key or the organization may not set a limit.

    Not thread-safe.
    """

    def __init__(self, name: str, base: str, headers: Mapping[str, str], early: Message) -> None:
        self._name = name
        self._base = base
        self._headers = headers
        self._early = early
        self._dialer = Dialer()

    def send(self, method: str, path: str, shape: Mapping[str, Any] | None = None) -> Reply:
        """An answer that is neither "later" nor "not you". Raises ActionError."""
        sent = Sent(method, self._base + path, shape, self._headers)
        try:
            reply = send_json(self._dialer, sent, TIMEOUT_SECONDS)
        except PostError as error:
            raise ActionUnconfirmed(
                say("{provider}: {reason}", provider=self._name, reason=error.reason)
            ) from error
        if reply.status == 429 or reply.status >= 500:
            seconds = seconds_of(reply.retry_after.strip(), datetime.now(UTC))
            raise ActionPostponed(
                say(
                    "{provider} answers {status} and is asked again later",
                    provider=self._name,
                    status=reply.status,
                ),
                min(seconds, WAIT_SECONDS_MAX),
            )
        if reply.status in (401, 403):
            raise self.not_offered(reply)
        return reply

    def not_offered(self, reply: Reply) -> ActionRefused:
        return ActionRefused(
            say(
                "{provider} answers {status} where its limit is asked for: {early}",
                provider=self._name,
                status=reply.status,
                early=self._early,
            )
        )

    def refusal(self, reply: Reply) -> ActionRefused:
        """Of what was asked for, in the provider's own words as far as they are plain."""
        error = reply.json().get("error")
        said = error.get("message") if isinstance(error, dict) else None
        plain = "".join(each for each in redact(str(said or "no reason")) if each.isprintable())
        return ActionRefused(
            say(
                "{provider} answers {status} ({said}); set its limit on its own page, and "
                "{line} in [fence] if it stays so",
                provider=self._name,
                status=reply.status,
                said=plain[:SAID_MAX],
                line=f'{self._name.lower()} = "off"',
            )
        )

    def garbled(self, what: str) -> ActionRefused:
        return ActionRefused(
            say(
                "{provider} tells a limit that makes no sense here ({what}); nothing was changed",
                provider=self._name,
                what=what,
            )
        )
