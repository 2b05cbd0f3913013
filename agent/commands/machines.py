"""`machines`: other machines and heartbeats; say that one is off, on again, or to be forgotten.

A machine that was returned on purpose is off and costs nothing; one that only stopped reporting
is silent, which is a problem. Asks the running agent.
"""

import argparse
import json
import time
from typing import Any
from urllib.parse import quote

from agent.commands import NO_AGENT, OK, PROBLEM, home_of
from agent.commands.asking import AS_COMMAND
from data.asking import ask
from models.errors import AgentSilent
from models.messages import Message
from models.typed import typed

PATIENCE_SECONDS = 8.0
ACTIONS = {"off": "machines", "on": "machines", "forget": "machines", "forget-beat": "beats"}


def add_parser(subparsers: Any, shared: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "machines",
        parents=[shared],
        help="list other machines and heartbeats, say that one is off",
        description=__doc__,
    )
    parser.add_argument(
        "action",
        nargs="?",
        choices=["list", *ACTIONS],
        default="list",
        help="off: returned on purpose; on: expected again; forget: its name is free again; "
        "forget-beat: a heartbeat that comes no more",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="as the list shows it")
    return parser


def run(arguments: argparse.Namespace) -> int:
    home = home_of(arguments)
    if arguments.action != "list" and not arguments.name:
        print(f"Name the one that is meant: {typed(f'machines {arguments.action} NAME')}")
        return PROBLEM
    target, body = "/machines", None
    if arguments.action != "list":
        state = "forget" if arguments.action == "forget-beat" else arguments.action
        target = f"/{ACTIONS[arguments.action]}/{quote(arguments.name, safe='')}"
        body = json.dumps({"state": state}).encode()
    try:
        answer = ask(home.socket, target, PATIENCE_SECONDS, body, AS_COMMAND)
    except AgentSilent as error:
        print(error)
        return NO_AGENT
    shape = json.loads(answer.body)
    if answer.status != 200:
        print(shape["error"])
        return PROBLEM
    print("\n".join(lines_of(shape, time.time())))
    return OK


def lines_of(shape: dict[str, Any], now: float) -> list[str]:
    """What `GET /machines` says, a line each."""
    lines = [_machine_line(machine, now) for machine in shape["machines"]]
    return lines + [_beat_line(beat, now) for beat in shape["beats"]]


def _machine_line(machine: dict[str, Any], now: float) -> str:
    seen = _ago(machine["last_seen_at"], now)
    return f"{machine['name']} ({machine['kind']}): {machine['state']}, seen {seen}{_note(machine)}"


def _beat_line(beat: dict[str, Any], now: float) -> str:
    last = _ago(beat["last_at"], now)
    every = f"every {beat['every_seconds']:g} s"
    return f"beat {beat['name']} ({every}): {beat['state']}, last {last}{_note(beat)}"


def _note(shape: dict[str, Any]) -> str:
    return f" ({Message.from_json(shape['note'])})" if shape["note"] else ""


def _ago(at: float | None, now: float) -> str:
    return "never" if at is None else f"{max(0.0, now - at):,.0f} s ago"
