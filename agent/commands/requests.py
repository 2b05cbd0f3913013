"""`requests`: what people asked for and what became of it; stop or start one thing, pause, silence.

Asks the running agent, with the checks and the audit of every request.
"""

import argparse
from datetime import UTC, datetime
from typing import Any

from agent.commands import OK, home_of
from agent.commands.asking import (
    Wish,
    add_home,
    add_until,
    add_wish,
    answered,
    carried_out,
    told,
)
from agent.commands.output import write_lines
from data.home import Home
from models.messages import Message
from sallim.money import MICRO

ACKNOWLEDGE = "acknowledge"
PLAIN = {
    "stop": "stop one thing that costs money",
    "start": "start it again",
    ACKNOWLEDGE: "say that you know of it, until it is over or begins anew",
    "agree": "say yes to what the budget asks, by the name that `health` and the page give",
    "decline": "say no to it: it is asked again after a day",
}
UNTIL = {
    "pause": "let what Sallim does by itself rest: automation, stop, scale or repair",
    "silence": "no messages about it for a while",
}


def add_parser(subparsers: Any, shared: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "requests",
        parents=[shared],
        help="what people asked for; stop, start, pause, silence, settle",
        description=__doc__,
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    for kind, text in {**PLAIN, **UNTIL}.items():
        action = actions.add_parser(kind, help=text)
        action.add_argument("target", metavar="NAME", help="of what is meant")
        if kind in UNTIL or kind == ACKNOWLEDGE:
            add_until(action, required=kind in UNTIL)
        add_wish(action)
    actions.add_parser("unpause", help="every pause ends")
    settle = actions.add_parser("settle", help="say what a call did cost whose end nobody saw")
    settle.add_argument("target", metavar="CALL", help="as `budget` names it")
    settle.add_argument("amount", metavar="WON", help="gross, as 12.5; 0 for nothing")
    settle.add_argument("--attempt", type=int, default=1, help="of the call (default: 1)")
    for name in ("unpause", "settle"):
        add_wish(actions.choices[name])
    for action in actions.choices.values():
        add_home(action)
    return parser


def run(arguments: argparse.Namespace) -> int:
    home = home_of(arguments)
    if arguments.action is None:
        return told(lambda: _list(home))
    return told(lambda: carried_out(home, _wish(arguments)))


def _wish(arguments: argparse.Namespace) -> Wish:
    said = arguments.reason, arguments.yes
    if arguments.action == "unpause":
        return Wish("resume", "automation", {}, *said)
    if arguments.action == "settle":
        args = {"amount_krw": arguments.amount, "attempt": arguments.attempt}
        return Wish("settle", arguments.target, args, *said)
    until = getattr(arguments, "until", None)
    args = {"until": until} if until is not None else {}
    return Wish(arguments.action, arguments.target, args, *said)


def _list(home: Home) -> int:
    rows = answered(home, "/requests")["requests"]
    lines = [_line(row) for row in rows] or ["Nobody has asked for anything yet."]
    write_lines((f"{line}\n" for line in lines), None)
    return OK


def _line(row: dict[str, Any]) -> str:
    at = datetime.fromtimestamp(row["asked_at_us"] // MICRO, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return (
        f"{at} {row['kind']} {row['target']} by {row['who']} ({row['role']}, {row['via']}): "
        f"{row['state']} – {Message.from_json(row['message'])} [{row['reason']}]"
    )
