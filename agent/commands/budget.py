"""`budget`: what is left and limited; raise, release, stop all; months that are over, and the next.

Asks the running agent, with the checks and the audit of every request; what has to be typed to
confirm it may stand behind --yes. While the agent is down, guards go on by what the ledger says,
and that is shown.
"""

import argparse
import os
import sys
import time
from collections.abc import Mapping
from typing import Any

from agent.commands import NO_AGENT, OK, PROBLEM, ROOT, budget_months, home_of
from agent.commands.asking import (
    Refused,
    Wish,
    add_home,
    add_until,
    add_wish,
    answered,
    carried_out,
    lines_of,
    told,
)
from data.home import Home
from models.errors import AgentSilent
from models.settings import Settings
from models.typed import typed
from models.waiting.asking import ALL


def add_parser(subparsers: Any, shared: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "budget",
        parents=[shared],
        help="what is left and limited; raise, release, withdraw, stop everything; past months",
        description=__doc__,
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    raising = actions.add_parser(
        "raise", help="let a bucket spend more for a while; the settings say how much at most"
    )
    raising.add_argument("amount", metavar="WON", help="whole won, as 3000")
    raising.add_argument("--bucket", default="api", help="as `budget` names it (default: api)")
    add_until(raising)
    add_wish(raising)
    release = actions.add_parser(
        "release", help="the same by all that the settings allow, to the end of the month"
    )
    release.add_argument("bucket", metavar="BUCKET", help="as `budget` names it")
    add_until(release, required=False)
    add_wish(release)
    withdraw = actions.add_parser(
        "withdraw", help="take a raise or release back before its end: it is refused at once"
    )
    withdraw.add_argument(
        "name", metavar="NAME", help="of the raise, as `budget` names it, or a bucket with only one"
    )
    add_wish(withdraw)
    stopping = actions.add_parser("stop-all", help="stop everything that costs money")
    stopping.add_argument("--preview", action="store_true", help="only say what would stop")
    stopping.add_argument("--reason", default="", help="why, for the audit")
    stopping.add_argument("--yes", metavar="everything", help="instead of typing it")
    resuming = actions.add_parser("resume", help="start again what a person has stopped")
    add_wish(resuming)
    waiting = actions.add_parser(
        "waiting", help="work that was refused for want of money; run it again, or leave it"
    )
    wish = waiting.add_mutually_exclusive_group()
    wish.add_argument("--rerun", metavar="ID", help="one, or all of a workflow or an analysis")
    wish.add_argument("--all", action="store_true", help="run all of it again, paced")
    wish.add_argument("--dismiss", metavar="ID", help="leave it: it does not run again")
    waiting.add_argument("--reason", default="", help="why, for the audit")
    months = budget_months.add_actions(actions)
    for each in (raising, release, withdraw, stopping, resuming, waiting, *months):
        add_home(each)
    return parser


def run(arguments: argparse.Namespace) -> int:
    home = home_of(arguments)
    if arguments.action is None:
        return told(lambda: _show(home))
    if arguments.action in budget_months.ACTIONS:
        return told(lambda: budget_months.run(home, arguments, _settings(home)))
    if arguments.action == "stop-all" and arguments.preview:
        return told(lambda: _preview(home))
    if arguments.action == "waiting" and not (
        arguments.rerun or arguments.all or arguments.dismiss
    ):
        return told(lambda: _waiting(home))
    if not arguments.reason.strip():
        print('Say why, for the audit: --reason "..."', file=sys.stderr)
        return PROBLEM
    return told(lambda: carried_out(home, _wish(home, arguments)))


def _wish(home: Home, arguments: argparse.Namespace) -> Wish:
    """Raises Refused, AgentSilent."""
    if arguments.action == "waiting":
        kind = "dismiss" if arguments.dismiss else "rerun"
        target = arguments.dismiss or arguments.rerun or ALL
        return Wish(kind, target, {}, arguments.reason, None)
    said = arguments.reason, arguments.yes
    if arguments.action == "raise":
        args: dict[str, object] = {"amount_krw": arguments.amount, "until": arguments.until}
        return Wish("raise", arguments.bucket, args, *said)
    if arguments.action == "release":
        until = arguments.until or _end_of(home, arguments.bucket)
        return Wish("release", arguments.bucket, {"until": until}, *said)
    if arguments.action == "withdraw":
        return Wish("withdraw", *_override(home, arguments.name), *said)
    kind = "stop_all" if arguments.action == "stop-all" else "resume"
    return Wish(kind, "everything", {}, *said)


def _end_of(home: Home, bucket_id: str) -> int:
    """Of the period of a bucket. Raises Refused, AgentSilent."""
    buckets = {each["bucket_id"]: each for each in answered(home, "/budget")["buckets"]}
    if bucket_id not in buckets:
        names = ", ".join(buckets) or "none yet"
        raise Refused(f"no budget is named {bucket_id}; there are {names}")
    return int(buckets[bucket_id]["until"])


def _override(home: Home, name: str) -> tuple[str, dict[str, object]]:
    """The one that is meant, and its bucket. Raises Refused, AgentSilent."""
    known = answered(home, "/budget")["raises"]
    found = [each for each in known if name in (each["id"], each["bucket"])]
    if len(found) != 1:
        names = ", ".join(f"{each['id']} ({each['bucket']})" for each in known) or "none"
        raise Refused(f"name one raise or release that holds; there is {names}")
    return found[0]["id"], {"bucket": found[0]["bucket"]}


def _preview(home: Home) -> int:
    shape = {"kind": "stop_all", "target": "everything", "args": {}}
    print("\n".join(lines_of(answered(home, "/requests/preview", shape))))
    return OK


def _waiting(home: Home) -> int:
    from agent.commands.waiting_lines import waiting_lines

    print("\n".join(waiting_lines(answered(home, "/waiting"), _settings(home).house.zone)))
    return OK


def _show(home: Home) -> int:
    from agent.commands.budget_lines import budget_lines

    settings, code = _settings(home), OK
    try:
        state: Mapping[str, Any] = answered(home, "/budget")
    except AgentSilent as silent:
        from agent.requests.state import ledger_state

        print(f"{silent} What follows is what the ledger says, and what guards go by.")
        state, code = ledger_state(home, settings, time.time()), NO_AGENT
    print("\n".join(budget_lines(state, settings.house.zone)))
    if any(each["refused"] for each in state["buckets"]):
        print(f"Let it go on with `{typed('budget raise WON --until DAY --reason WHY')}`.")
    return code


def _settings(home: Home) -> Settings:
    """Those in the file; a file that cannot be used has a last good one, which the agent takes."""
    from data.settings_file import load, settings_path

    return load(settings_path(os.environ, ROOT, home), home).settings
