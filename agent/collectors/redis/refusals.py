"""What Redis' refusals mean, and what a person does about each."""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

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
    """Of an exception that redis-py raised."""
    import redis

    text = redact(" ".join(str(error).split()))[:TEXT_MAX]
    if isinstance(error, (redis.TimeoutError, TimeoutError)):
        return SourceUnreachable(
            address.source,
            say(
                "Redis at {where} did not answer within {seconds} s",
                where=address.where,
                seconds=f"{address.timeout_seconds:g}",
            ),
        )
    if isinstance(error, redis.BusyLoadingError):
        return SourceUnreachable(address.source, say("Redis is loading its data from disk"))
    if "max number of clients" in text:
        return SourceUnreachable(
            address.source,
            say("Redis has no free connection; close some, or raise maxclients"),
        )
    reason = _secret(address, text) or _rules(address, text) or _other(address, error, text)
    if reason is not None:
        return SourceRefused(address.source, reason)
    return SourceUnreachable(
        address.source,
        say(
            "Redis at {where} does not answer ({text}); is it running, and is this its address?",
            where=address.where,
            text=text,
        ),
    )


def _secret(address: Address, text: str) -> Message | None:
    if "Authentication required" in text or "NOAUTH" in text:
        return say(
            "Redis wants a password (NOAUTH); name it in password, for example "
            'password = "REDIS_PASSWORD", and give it to the agent'
        )
    if "without any password configured" in text:
        return say("Redis has no password; leave password out of the settings")
    if "invalid username-password" in text or "WRONGPASS" in text or "invalid password" in text:
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
    if "certificate" in text.lower():
        return say(
            "SSL with Redis at {where} fails ({text}); add ?ssl_ca_certs=/path/ca.crt to the url, "
            "or renew the certificate",
            where=address.where,
            text=text,
        )
    if "invalid DB index" in text or "DB index is out of range" in text:
        return say("Redis has no database of the number in the url; use /0, or raise databases")
    return None


def _other(address: Address, error: Exception, text: str) -> Message | None:
    import redis

    if "Protocol Error" in text or isinstance(error, redis.InvalidResponse):
        return say(
            "{where} answers, but not as Redis does; is it the right port?", where=address.where
        )
    if isinstance(error, redis.ResponseError):
        return say("Redis at {where} refuses: {text}", where=address.where, text=text)
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
