"""How a command asks the agent for something: the same socket and the same checks as a page.

What would follow is shown; the figure or the name is typed, or stands behind --yes.
"""

import argparse
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from agent.commands import NO_AGENT, OK, PROBLEM
from data.asking import ask
from data.home import Home
from models.errors import AgentSilent
from models.messages import Message
from models.typed import typed

PATIENCE_SECONDS = 30.0
AS_COMMAND = {"x-sallim-via": "command"}
Typing = Callable[[str], str]
"""Shows a prompt and gives what was typed. Raises EOFError where nobody can."""


class Refused(Exception):
    """The agent's sentence."""


class Wish(NamedTuple):
    """A request as a command line says it; `yes` is what stands behind --yes."""

    kind: str
    target: str
    args: Mapping[str, object]
    reason: str
    yes: str | None


def add_wish(parser: argparse.ArgumentParser) -> None:
    """The options that every request has."""
    parser.add_argument("--reason", required=True, help="why, for the audit")
    parser.add_argument(
        "--yes", metavar="FIGURE", help="what would be typed to confirm: the figure or the name"
    )


def add_home(parser: argparse.ArgumentParser) -> None:
    """Also behind an action: said there, it counts; not said, what was said before stays."""
    parser.add_argument("--home", metavar="DIR", default=argparse.SUPPRESS, help=argparse.SUPPRESS)


def add_until(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    parser.add_argument(
        "--until",
        required=required,
        metavar="WHEN",
        help="the last day, as 2026-11-30, or a moment, as 2026-11-30T18:00, in your zone",
    )


def answered(home: Home, target: str, shape: Mapping[str, object] | None = None) -> dict[str, Any]:
    """Raises Refused, AgentSilent."""
    body = None if shape is None else json.dumps(shape).encode()
    answer = ask(home.socket, target, PATIENCE_SECONDS, body, AS_COMMAND)
    found: dict[str, Any] = json.loads(answer.body)
    if answer.status != 200:
        raise Refused(found["error"])
    return found


def told(do: Callable[[], int]) -> int:
    """Its exit code, or the sentence and the code of why it could not be asked for."""
    try:
        return do()
    except Refused as refused:
        print(refused)
        return PROBLEM
    except AgentSilent as silent:
        print(silent)
        return NO_AGENT


def carried_out(home: Home, wish: Wish, typing: Typing = input) -> int:
    """Ask for it, and print what becomes of it; an exit code. Raises Refused, AgentSilent."""
    shape = {"kind": wish.kind, "target": wish.target, "args": wish.args}
    shown = answered(home, "/requests/nonce", shape)
    print("\n".join(lines_of(shown)))
    confirm = _confirmation(shown["confirm"], wish.yes, typing)
    if confirm is None:
        return PROBLEM
    asked = {**shape, "reason": wish.reason, "confirm": confirm, "nonce": shown["nonce"]}
    kept = answered(home, "/requests", asked)
    print(f"{kept['state']}: {Message.from_json(kept['message'])}")
    if kept["state"] == "accepted":
        print(f"How it goes on is shown by `{typed('requests')}`.")
    return OK if kept["state"] in ("accepted", "done") else PROBLEM


def _confirmation(wanted: str, yes: str | None, typing: Typing) -> str | None:
    """What is sent to confirm it; None where nobody is there to type."""
    if yes is not None or not wanted:
        return yes or ""
    try:
        return typing(f"Type {wanted} to confirm: ")
    except EOFError:
        print(f"Nothing was done: nobody is here to confirm it. Say --yes {wanted}")
        return None


def lines_of(shown: Mapping[str, Any]) -> list[str]:
    """What would follow: sentences, and of a stop, what goes on and what is lost."""
    lines = [str(Message.from_json(line)) for line in shown["lines"]]
    for key, words in EFFECTS.items():
        things = [_thing(each) for each in shown["effect"].get(key) or ()]
        lines += [f"{words}: {', '.join(things)}"] if things else []
    saved = shown["effect"].get("saved_hour_krw")
    return [*lines, f"saves {saved:,} won an hour"] if saved else lines


EFFECTS = {"stops": "would stop", "still_bills": "still billed", "lost": "would be lost"}


def _thing(each: object) -> str:
    if not isinstance(each, dict):
        return str(each)
    what = each.get("what") or ""
    said = str(Message.from_json(what)) if isinstance(what, dict) else str(what)
    return f"{each.get('target', '')} ({said})" if said else str(each.get("target", ""))
