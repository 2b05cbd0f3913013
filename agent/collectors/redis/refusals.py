"""What Redis' refusals mean, and what a person does about each."""

import re
import ssl
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from agent.collectors.redis.wire import NotRedis, Refused
from models.errors import SourceError, SourceRefused, SourceUnreachable
from models.messages import Message, say
from models.redaction import redact

TEXT_MAX = 200


@dataclass(frozen=True, slots=True)
class Address:
    """Whom errors name: the server without a user, and what the settings call its password.

    `timeout_seconds` is what one exchange may take.
    """

    source: str
    where: str
    user: str
    password_name: str
    timeout_seconds: float

    @classmethod
    def of(cls, source: str, url: str, password_name: str, timeout_seconds: float) -> "Address":
        parts = urlsplit(url)
        where = parts.netloc.rpartition("@")[2] if parts.scheme != "unix" else parts.path
        user = unquote(parts.username or "") or "default"
        return cls(source, where, user, password_name or "REDIS_PASSWORD", timeout_seconds)


def failure(address: Address, error: Exception) -> SourceError:
    """Why there is no answer, out of what was raised on the way to it."""
    text = redact(" ".join(str(error).split()))[:TEXT_MAX]
    if isinstance(error, TimeoutError):
        return SourceUnreachable(
            address.source,
            say(
                "Redis at {where} did not answer within {seconds} s",
                where=address.where,
                seconds=f"{address.timeout_seconds:g}",
            ),
        )
    if isinstance(error, Refused):
        return _refused(address, text)
    if isinstance(error, NotRedis):
        return SourceRefused(
            address.source,
            say(
                "{where} answers, but not as Redis does; is it the right port?",
                where=address.where,
            ),
        )
    if isinstance(error, ssl.SSLError):
        return SourceRefused(
            address.source,
            say(
                "SSL with Redis at {where} fails ({text}); add ?ssl_ca_certs=/path/ca.crt to the "
                "url, or renew the certificate",
                where=address.where,
                text=text,
            ),
        )
    return SourceUnreachable(
        address.source,
        say(
            "Redis at {where} does not answer ({text}); is it running, and is this its address?",
            where=address.where,
            text=text or type(error).__name__,
        ),
    )


def _refused(address: Address, text: str) -> SourceError:
    if text.startswith("LOADING"):
        return SourceUnreachable(address.source, say("Redis is loading its data from disk"))
    if "max number of clients" in text:
        return SourceUnreachable(
            address.source, say("Redis has no free connection; close some, or raise maxclients")
        )
    reason = _secret(address, text) or _rules(address, text)
    if reason is None:
        reason = say("Redis at {where} refuses: {text}", where=address.where, text=text)
    return SourceRefused(address.source, reason)


def _secret(address: Address, text: str) -> Message | None:
    if text.startswith("NOAUTH"):
        return say(
            'Redis wants a password (NOAUTH); name it in password, for example "REDIS_PASSWORD", '
            "and give it to the agent"
        )
    if "without any password configured" in text or "no password is set" in text:
        return say("Redis has no password; leave password out of the settings")
    if text.startswith("WRONGPASS") or "invalid password" in text:
        return say(
            "Redis refuses the password in {name} for {user} (WRONGPASS); give the agent the one "
            "of `requirepass` or of `ACL SETUSER {user}`",
            name=address.password_name,
            user=address.user,
        )
    return None


def _rules(address: Address, text: str) -> Message | None:
    if "no permissions" in text:
        return missing_permission(address, text)
    if "protected mode" in text:
        return say(
            "Redis answers its own machine alone (protected mode); set requirepass there, or run "
            "the agent's probe on that machine"
        )
    if "invalid DB index" in text or "DB index is out of range" in text:
        return say("Redis has no database of the number in the url; use /0, or raise databases")
    return None


def missing_permission(address: Address, text: str, command: str = "", key: str = "") -> Message:
    """Which rule an ACL lacks; `command` and `key` are what was asked."""
    named = re.search(r"run the '([^']+)'", text)
    if named is None and key:
        return say(
            "the Redis user {user} may not read the key {key} (NOPERM); run "
            "`ACL SETUSER {user} %R~{key}`",
            user=address.user,
            key=key,
        )
    return say(
        "the Redis user {user} may not run {command} (NOPERM); run `ACL SETUSER {user} +{command}`",
        user=address.user,
        command=named[1] if named is not None else command,
    )
