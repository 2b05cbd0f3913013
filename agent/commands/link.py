"""`link`: a link of one use that signs a browser in. Asks the running agent.

Without a name it is the owner's; with one it is somebody else's, who is added if he is new.
"""

import argparse
import json
import os
import time
from typing import Any

from agent.commands import NO_AGENT, OK, PROBLEM, ROOT, home_of
from agent.commands.asking import AS_COMMAND
from data.asking import ask
from data.home import Home
from data.settings_file import load, settings_path
from models.doors import LINK_PARAMETER
from models.errors import AgentSilent, SignInRefused
from models.messages import Message
from models.requests.shapes import ROLES

PATIENCE_SECONDS = 8.0


def add_parser(subparsers: Any, shared: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "link", parents=[shared], help="print a link that signs a browser in", description=__doc__
    )
    parser.add_argument("--name", default="", help="whose it is (default: the owner's)")
    parser.add_argument(
        "--role",
        choices=ROLES,
        default="",
        help="of somebody new: viewer may look, operator may stop, start and pause, owner may do "
        "everything (default: viewer)",
    )
    parser.add_argument(
        "--days",
        type=int,
        default=0,
        help="how long that device stays signed in, 1 to 90 (default: 12 hours, or 30 days where "
        "it is to be remembered)",
    )
    return parser


def run(arguments: argparse.Namespace) -> int:
    home = home_of(arguments)
    wanted = {"name": arguments.name, "role": arguments.role, "days": arguments.days}
    try:
        made = asked(home, "/session/links", wanted)
    except AgentSilent as error:
        print(error)
        return NO_AGENT
    except SignInRefused as error:
        print(error)
        return PROBLEM
    print(f"{address_of(made['link'], app_url(home))}\n{validity_of(made)}")
    return OK


def asked(home: Home, target: str, shape: dict[str, object] | None = None) -> dict[str, Any]:
    """The agent's answer to a command. Raises AgentSilent, SignInRefused."""
    body = None if shape is None else json.dumps(shape).encode()
    answer = ask(home.socket, target, PATIENCE_SECONDS, body, AS_COMMAND)
    said: dict[str, Any] = json.loads(answer.body)
    if answer.status >= 400:
        raise SignInRefused(Message("{text}", {"text": str(said["error"])}), answer.status)
    return said


def app_url(home: Home) -> str:
    return load(settings_path(os.environ, ROOT, home), home).settings.app.url


def address_of(link: str, url: str) -> str:
    return f"{url}/?{LINK_PARAMETER}={link}"


def validity_of(made: dict[str, Any]) -> str:
    until = time.strftime("%Y-%m-%d %H:%M", time.localtime(made["expires_at"]))
    return f"For {made['person']}: works once, until {until}."
