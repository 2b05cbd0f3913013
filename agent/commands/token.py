"""`token`: bearer tokens for the TCP listener: make one, list them, revoke one.

A token is shown once, when it is made; only its hash is kept. Works while the agent runs.
"""

import argparse
import time
from datetime import UTC, datetime
from typing import Any

from agent.commands import OK, PROBLEM, home_of
from data.home import Home
from data.tokens import METRICS, Token, create, listed, revoke
from models.typed import typed


def add_parser(subparsers: Any, shared: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "token", help="make, list and revoke tokens of the TCP listener", description=__doc__
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    create_parser = actions.add_parser("create", parents=[shared], help="make one and show it once")
    create_parser.add_argument("name", metavar="NAME", help="whose it is, for example prometheus")
    create_parser.add_argument(
        "--for",
        dest="scopes",
        metavar="SCOPES",
        default=METRICS,
        help="what it may do: metrics (read /metrics), push (probes, heartbeats, jobs), or "
        "metrics,push (default: metrics)",
    )
    actions.add_parser("list", parents=[shared], help="names, dates and uses; never the tokens")
    revoke_parser = actions.add_parser("revoke", parents=[shared], help="end one at once")
    revoke_parser.add_argument("name", metavar="NAME", help="as `token list` shows it")
    return parser


def run(arguments: argparse.Namespace) -> int:
    home = home_of(arguments)
    home.make()
    if arguments.action == "create":
        return _create(home, arguments.name, arguments.scopes.split(","))
    if arguments.action == "revoke":
        return _revoke(home, arguments.name)
    print("\n".join(_line(token) for token in listed(home)) or "There are no tokens.")
    return OK


def _create(home: Home, name: str, scopes: list[str]) -> int:
    token = create(home, name, time.time(), scopes)
    print(f"{token}\nThis is shown only now. Send it as `Authorization: Bearer ...`.")
    return OK


def _revoke(home: Home, name: str) -> int:
    if revoke(home, name, time.time()):
        print(f"{name} is revoked: from now on its token is refused.")
        return OK
    print(f"There is no valid token named {name}; `{typed('token list')}` shows all.")
    return PROBLEM


def _line(token: Token) -> str:
    if token.revoked_at is not None:
        state = f"revoked {_date(token.revoked_at)}"
    elif token.last_used_at is not None:
        state = f"last used {_date(token.last_used_at)}"
    else:
        state = "never used"
    return f"{token.name} (for {', '.join(token.scopes)}): made {_date(token.created_at)}, {state}"


def _date(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
