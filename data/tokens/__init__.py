"""Bearer tokens of the TCP listener and the gateway: named, shown once, kept as hashes, revocable.

They have a file of their own, so that `python -m agent token` works beside the running agent.
Times are UTC epoch seconds.
"""

import hashlib
import hmac
import re
import secrets
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from data.credentials import Secret
from data.home import Home
from data.tokens.file import opened
from models.errors import ConfigError
from models.messages import say
from models.typed import typed
from sallim.ledger.money_rows import IMPORTANT, PRIORITIES

PREFIX = "slm_"
TOKEN_BYTES = 32
LABEL_MAX = 100
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
LAST_USED_STEP_SECONDS = 60
"""How exactly the last use is known: not every request shall wait for the disk."""
COMMAND_WAIT_SECONDS, REQUEST_WAIT_SECONDS = 5.0, 0.5
"""How long another process that writes is waited for."""

METRICS, PUSH, GATEWAY = "metrics", "push", "gateway"
SCOPES = (METRICS, PUSH, GATEWAY)
"""What a token may be for: reading /metrics, sending in what probes and jobs have to say, or
spending over the gateway."""

KNOWN = (
    "name, created_at, last_used_at, revoked_at, scopes, priority, workflow, expires_at, "
    "suspended_at"
)
VALID, SUSPENDED, GONE = "valid", "suspended", "gone"
"""How a token stands: one that is suspended is refused for now, and is not lost."""


class Token(NamedTuple):
    """What is known of a token; the token itself is known to its holder alone."""

    name: str
    created_at: float
    last_used_at: float | None
    revoked_at: float | None
    scopes: tuple[str, ...] = (METRICS,)
    priority: str = IMPORTANT
    workflow: str = ""
    expires_at: float | None = None
    suspended_at: float | None = None


class Spending(NamedTuple):
    """What calls over the gateway are with a token.

    No call is of a higher priority; `workflow` is theirs where they name none. `expires_at` holds
    for whatever else the token is for, too; None: it does not expire.
    """

    priority: str = IMPORTANT
    workflow: str = ""
    expires_at: float | None = None


class Holder(NamedTuple):
    """Who showed a valid token, and what it is for."""

    name: str
    scopes: tuple[str, ...] = (METRICS,)
    spending: Spending = Spending()


NO_LIMITS = Spending()


def create(
    home: Home,
    name: str,
    now: float,
    scopes: Sequence[str] = (METRICS,),
    spending: Spending = NO_LIMITS,
) -> Secret:
    """Make a token; it is returned this once.

    Raises ConfigError for a name, a scope or a priority that cannot be used.
    """
    _check_spending(spending, now)
    if not NAME.fullmatch(name):
        raise ConfigError(
            say(
                "{name} is no name for a token; use 1 to 40 small letters, digits, dots, dashes "
                "and underscores, for example prometheus",
                name=repr(name),
            )
        )
    if not scopes or not set(scopes) <= set(SCOPES):
        raise ConfigError(
            say(
                "{scopes} is nothing that a token can be for; use {known}, or several with commas",
                scopes=repr(",".join(scopes)),
                known=" or ".join(SCOPES),
            )
        )
    token = Secret(PREFIX + secrets.token_urlsafe(TOKEN_BYTES))
    with opened(home, COMMAND_WAIT_SECONDS) as connection:
        active = "SELECT 1 FROM tokens WHERE name = ? AND revoked_at IS NULL"
        if connection.execute(active, [name]).fetchone():
            raise ConfigError(
                say(
                    "A token named {name} exists; choose another name, or revoke it first with "
                    "`{command}`",
                    name=name,
                    command=typed(f"token revoke {name}"),
                )
            )
        connection.execute(
            "INSERT INTO tokens (name, sha256, created_at, scopes, priority, workflow, expires_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [name, sha256_of(token), now, ",".join(sorted(scopes)), *spending],
        )
    return token


def listed(home: Home) -> list[Token]:
    """Every token that was ever made, the oldest first."""
    if not home.tokens.exists():
        return []
    with opened(home, COMMAND_WAIT_SECONDS) as connection:
        rows = connection.execute(f"SELECT {KNOWN} FROM tokens ORDER BY id")  # noqa: S608  # ours
        return [Token._make((*row[:4], tuple(row[4].split(",")), *row[5:])) for row in rows]


def revoke(home: Home, name: str, now: float) -> bool:
    """End a token at once; False when none of this name is valid."""
    if not home.tokens.exists():
        return False
    with opened(home, COMMAND_WAIT_SECONDS) as connection:
        done = connection.execute(
            "UPDATE tokens SET revoked_at = ? WHERE name = ? AND revoked_at IS NULL", [now, name]
        )
        return done.rowcount > 0


def suspend(home: Home, name: str, now: float) -> bool:
    """Refuse a token until it is resumed; False when none of this name is valid."""
    return _set_suspended(home, name, now, now)


def resume(home: Home, name: str, now: float) -> bool:
    """Let a token that was suspended be used again; False when none of this name is valid."""
    return _set_suspended(home, name, None, now)


def _set_suspended(home: Home, name: str, suspended_at: float | None, now: float) -> bool:
    if standing(home, name, now) == GONE:
        return False
    with opened(home, COMMAND_WAIT_SECONDS) as connection:
        # What was suspended already keeps its moment.
        done = connection.execute(
            "UPDATE tokens SET suspended_at = iif(? IS NULL, NULL, coalesce(suspended_at, ?)) "
            "WHERE name = ? AND revoked_at IS NULL",
            [suspended_at, suspended_at, name],
        )
        return done.rowcount > 0


def standing(home: Home, name: str, now: float) -> str:
    """VALID, SUSPENDED, or GONE for one that was never made, is revoked or has expired."""
    tokens = [each for each in listed(home) if each.name == name and each.revoked_at is None]
    if not tokens or (tokens[-1].expires_at is not None and tokens[-1].expires_at <= now):
        return GONE
    return VALID if tokens[-1].suspended_at is None else SUSPENDED


def verify_at(home: Home, token: str, now: float) -> Holder | None:
    """Whose a valid token is, else None; remembers when it was used."""
    if not token.startswith(PREFIX) or not home.tokens.exists():
        return None
    with opened(home, REQUEST_WAIT_SECONDS) as connection:
        found = _matching(connection, sha256_of(token))
        if found is None:
            return None
        number, name, last_used_at, scopes, *spending = found
        if spending[-1] is not None and spending[-1] <= now:
            return None
        if last_used_at is None or abs(now - last_used_at) >= LAST_USED_STEP_SECONDS:
            # A full disk or a busy file must not shut out whoever watches.
            with suppress(sqlite3.OperationalError):
                connection.execute("UPDATE tokens SET last_used_at = ? WHERE id = ?", [now, number])
        return Holder(name, tuple(scopes.split(",")), Spending(*spending))


def _check_spending(spending: Spending, now: float) -> None:
    if spending.priority not in PRIORITIES:
        raise ConfigError(
            say(
                "{priority} is no priority; use {known}",
                priority=repr(spending.priority),
                known=" or ".join(PRIORITIES),
            )
        )
    if len(spending.workflow) > LABEL_MAX or not spending.workflow.isprintable():
        raise ConfigError(
            say(
                "a workflow's name has at most {most} characters, none of which moves the cursor",
                most=LABEL_MAX,
            )
        )
    if spending.expires_at is not None and spending.expires_at <= now:
        raise ConfigError(say("a token cannot expire before it is made; name a later moment"))


def _matching(connection: sqlite3.Connection, sha256: str) -> tuple[Any, ...] | None:
    """All valid tokens are compared, each in constant time: timing tells nothing."""
    found = None
    rows = connection.execute(
        "SELECT sha256, id, name, last_used_at, scopes, priority, workflow, expires_at "
        "FROM tokens WHERE revoked_at IS NULL AND suspended_at IS NULL"
    ).fetchall()
    for known, *token in rows:
        if hmac.compare_digest(known, sha256):
            found = tuple(token)
    return found


def sha256_of(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()
