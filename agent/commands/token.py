"""`token`: bearer tokens of the TCP listener and the gateway: make, list, revoke, resume one.

A token is shown once, when it is made; only its hash is kept. Works while the agent runs.
"""

import argparse
import time
from datetime import UTC, datetime
from typing import Any

from agent.commands import OK, PROBLEM, home_of
from data.home import Home
from data.tokens import GATEWAY, METRICS, Spending, Token, create, listed, resume, revoke
from models.errors import ConfigError
from models.messages import say
from models.typed import typed
from sallim.ledger.money_rows import IMPORTANT, PRIORITIES

SECONDS = {"h": 3_600, "d": 86_400, "w": 604_800}


def add_parser(subparsers: Any, shared: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "token", help="make, list and revoke tokens for what comes in", description=__doc__
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    create_parser = actions.add_parser("create", parents=[shared], help="make one and show it once")
    create_parser.add_argument("name", metavar="NAME", help="whose it is, for example prometheus")
    create_parser.add_argument(
        "--for",
        dest="scopes",
        metavar="SCOPES",
        default=METRICS,
        help="what it may do: metrics (read /metrics), push (probes, heartbeats, jobs), gateway "
        "(spend), or several, as in metrics,push (default: metrics)",
    )
    create_parser.add_argument(
        "--priority",
        choices=PRIORITIES,
        default=IMPORTANT,
        help="of calls over the gateway, which may name a lower one (default: important)",
    )
    create_parser.add_argument(
        "--workflow", default="", help="whose calls over the gateway are that name no workflow"
    )
    create_parser.add_argument(
        "--expires",
        metavar="WHEN",
        help="after so long, as in 12h, 30d or 8w, or on a day, as in 2027-01-31 (UTC)",
    )
    actions.add_parser("list", parents=[shared], help="names, dates and uses; never the tokens")
    revoke_parser = actions.add_parser("revoke", parents=[shared], help="end one at once")
    revoke_parser.add_argument("name", metavar="NAME", help="as `token list` shows it")
    resume_parser = actions.add_parser(
        "resume", parents=[shared], help="use one again that was suspended for a budget"
    )
    resume_parser.add_argument("name", metavar="NAME", help="as `token list` shows it")
    return parser


def run(arguments: argparse.Namespace) -> int:
    home = home_of(arguments)
    home.make()
    if arguments.action == "create":
        return _create(home, arguments)
    if arguments.action == "revoke":
        return _revoke(home, arguments.name)
    if arguments.action == "resume":
        return _resume(home, arguments.name)
    print("\n".join(_line(token) for token in listed(home)) or "There are no tokens.")
    return OK


def _create(home: Home, arguments: argparse.Namespace) -> int:
    now = time.time()
    expires_at = expiry_of(arguments.expires, now) if arguments.expires else None
    spending = Spending(arguments.priority, arguments.workflow, expires_at)
    scopes = arguments.scopes.split(",")
    token = create(home, arguments.name, now, scopes, spending)
    print(f"{token}\nThis is shown only now. Send it as `Authorization: Bearer ...`.")
    if GATEWAY in scopes:
        print("The official SDKs take it as their API key, with the gateway as their base URL.")
    return OK


def expiry_of(text: str, now: float) -> float:
    """UTC epoch seconds. Raises ConfigError.

    >>> expiry_of("30d", 0.0), expiry_of("2027-01-31", 0.0)
    (2592000.0, 1801353600.0)
    """
    amount = text[:-1]
    if text[-1:] in SECONDS and amount.isascii() and amount.isdecimal() and len(amount) <= 4:
        return now + int(amount) * SECONDS[text[-1:]]
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise ConfigError(
            say(
                "{when} is no moment at which a token can expire; use 12h, 30d, 8w, or a day "
                "such as 2027-01-31",
                when=repr(text),
            )
        ) from None


def _revoke(home: Home, name: str) -> int:
    if revoke(home, name, time.time()):
        print(f"{name} is revoked: from now on its token is refused.")
        return OK
    print(f"There is no valid token named {name}; `{typed('token list')}` shows all.")
    return PROBLEM


def _resume(home: Home, name: str) -> int:
    if resume(home, name, time.time()):
        print(f"{name} can be used. A budget that holds it down suspends it again within a minute.")
        return OK
    print(f"There is no valid token named {name}; `{typed('token list')}` shows all.")
    return PROBLEM


def _line(token: Token) -> str:
    if token.revoked_at is None and token.expires_at and token.expires_at <= time.time():
        state = f"expired {_date(token.expires_at)}"
    elif token.revoked_at is not None:
        state = f"revoked {_date(token.revoked_at)}"
    elif token.suspended_at is not None:
        state = f"suspended {_date(token.suspended_at)}"
    elif token.last_used_at is not None:
        state = f"last used {_date(token.last_used_at)}"
    else:
        state = "never used"
    if token.expires_at and not state.startswith(("expired", "revoked")):
        state += f", expires {_date(token.expires_at)}"
    spends = ""
    if GATEWAY in token.scopes:
        spends = f"; {token.priority}" + (f", {token.workflow}" if token.workflow else "")
    use = ", ".join(token.scopes) + spends
    return f"{token.name} (for {use}): made {_date(token.created_at)}, {state}"


def _date(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
