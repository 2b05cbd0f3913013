"""What PostgreSQL's refusals mean, and what a person does about each."""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from models.errors import SourceError, SourceRefused, SourceUnreachable
from models.messages import Message, say
from models.redaction import redact

TEXT_MAX = 300
NO_ROOM = say("PostgreSQL has no free connection; close some, or raise max_connections")
PASSING = (
    (r"starting up|not yet accepting|consistent recovery", say("PostgreSQL is starting up")),
    (r"shutting down|terminating connection", say("PostgreSQL is shutting down")),
    (r"in recovery mode", say("PostgreSQL recovers from a crash")),
    (r"too many (clients|connections)|remaining connection slots", NO_ROOM),
)
"""What passes by itself."""


@dataclass(frozen=True, slots=True)
class Address:
    """Whom errors name: the server without user and password, and what the address asks for."""

    where: str
    user: str
    database: str
    password_name: str

    @classmethod
    def of(cls, url: str, password_name: str) -> "Address":
        parts = urlsplit(url)
        user = unquote(parts.username or "") or "sallim"
        named = re.search(r"[?&]host=([^&]+)", url)
        host = parts.netloc.rpartition("@")[2] or unquote(named[1] if named else "the local socket")
        return cls(host, user, unquote(parts.path.strip("/")) or user, password_name)


def refusal(source: str, address: Address, text: str) -> SourceError:
    """Why there is no connection, out of the words of the server or of libpq.

    They carry no code. A server that speaks another language is quoted as it is.
    """
    for pattern, sentence in PASSING:
        if re.search(pattern, text):
            return SourceUnreachable(source, sentence)
    reason = _secret(address, text) or _rules(address, text) or _missing(address, text)
    if reason is not None:
        return SourceRefused(source, reason)
    if "FATAL" in text:
        return SourceRefused(
            source,
            say("PostgreSQL at {where} refuses: {text}", where=address.where, text=_short(text)),
        )
    return SourceUnreachable(
        source,
        say(
            "PostgreSQL at {where} does not answer ({text}); is it running, and is this its "
            "address?",
            where=address.where,
            text=_short(text),
        ),
    )


def silent(source: str, address: Address, seconds: float) -> SourceUnreachable:
    return SourceUnreachable(
        source,
        say(
            "PostgreSQL at {where} did not answer within {seconds} s",
            where=address.where,
            seconds=f"{seconds:g}",
        ),
    )


def _secret(address: Address, text: str) -> Message | None:
    if "no password supplied" in text:
        return say(
            "PostgreSQL wants a password for {user}; name it in password, for example "
            '"PG_PASSWORD", and give it to the agent',
            user=address.user,
        )
    if re.search(r"(password|PAM|LDAP|GSSAPI) authentication failed", text):
        return say(
            "PostgreSQL refuses the password of {user}; set it anew with "
            "`ALTER ROLE {role} PASSWORD '...'`, and give it to the agent as {name}",
            user=address.user,
            role=quoted(address.user),
            name=address.password_name or "PG_PASSWORD",
        )
    if re.search(r"(peer|ident) authentication failed", text, re.IGNORECASE):
        return say(
            "PostgreSQL takes only the system's user {user} here (peer); use the address "
            "postgresql://{user}@127.0.0.1/{database} with a password, or change the line in "
            "pg_hba.conf",
            user=address.user,
            database=address.database,
        )
    return None


def _rules(address: Address, text: str) -> Message | None:
    if "no pg_hba.conf entry" in text or "pg_hba.conf rejects" in text:
        if "no encryption" in text and "[local]" not in text:
            return say(
                "PostgreSQL takes no unencrypted connection of {user}; add ?sslmode=require to "
                "the url, or add this line to pg_hba.conf and reload: {line}",
                user=address.user,
                line=_hba_line(address, text),
            )
        return say(
            "pg_hba.conf lets {user} not into {database}; add this line to it and run "
            "`SELECT pg_reload_conf()`: {line}",
            user=address.user,
            database=address.database,
            line=_hba_line(address, text),
        )
    if "does not support SSL" in text:
        return say(
            "PostgreSQL at {where} speaks no SSL; set ssl = on there, or leave sslmode out of the "
            "url",
            where=address.where,
        )
    if "certificate" in text:
        return say(
            "SSL with PostgreSQL at {where} fails ({text}); name the authority with "
            "?sslrootcert=/path/ca.crt in the url, or renew the certificate",
            where=address.where,
            text=_short(text),
        )
    return None


def _missing(address: Address, text: str) -> Message | None:
    if re.search(r'database "[^"]*" does not exist', text):
        return say(
            "there is no database {database} at {where}; name another one in the url, or run "
            "`CREATE DATABASE {quoted}`",
            database=address.database,
            where=address.where,
            quoted=quoted(address.database),
        )
    if re.search(r'role "[^"]*" does not exist', text):
        return say(
            "there is no role {user} at {where}; run `CREATE ROLE {role} LOGIN PASSWORD '...'; "
            "GRANT pg_monitor TO {role};`",
            user=address.user,
            where=address.where,
            role=quoted(address.user),
        )
    if "permission denied for database" in text:
        return say(
            "{user} may not connect to {database}; run `GRANT CONNECT ON DATABASE {quoted} TO "
            "{role}`",
            user=address.user,
            database=address.database,
            quoted=quoted(address.database),
            role=quoted(address.user),
        )
    return None


def _hba_line(address: Address, text: str) -> str:
    host = re.search(r'host "([^"]+)"', text)
    if host is None or host[1] == "[local]":
        return f"local {address.database} {address.user} scram-sha-256"
    width = 128 if ":" in host[1] else 32
    return f"host {address.database} {address.user} {host[1]}/{width} scram-sha-256"


def quoted(identifier: str) -> str:
    """As it stands in a statement.

    >>> quoted("sallim"), quoted("my-role")
    ('sallim', '"my-role"')
    """
    if re.fullmatch(r"[a-z_][a-z0-9_]*", identifier):
        return identifier
    doubled = identifier.replace('"', '""')
    return f'"{doubled}"'


def _short(text: str) -> str:
    return redact(" ".join(text.split()))[:TEXT_MAX]
