"""`people`: who may come in, and as what; add, change or remove somebody. Asks the running agent.

Whoever is removed, or gets another role, has it at once, on every device.
"""

import argparse
from typing import Any

from agent.commands import NO_AGENT, OK, PROBLEM, home_of
from agent.commands.link import asked
from models.errors import AgentSilent, SignInRefused
from models.requests.shapes import ROLES
from models.sessions import VIEWER
from models.typed import typed


def add_parser(subparsers: Any, shared: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "people", help="list, add and remove who may come in", description=__doc__
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("list", parents=[shared], help="names, roles and e-mails")
    add = actions.add_parser("add", parents=[shared], help="add somebody, or change him")
    add.add_argument("name", metavar="NAME", help="for example kim")
    add.add_argument("--role", choices=ROLES, default=VIEWER, help="default: viewer")
    add.add_argument("--email", default="", help="as his identity provider names him, for [oidc]")
    remove = actions.add_parser("remove", parents=[shared], help="sign him out for good")
    remove.add_argument("name", metavar="NAME", help="as `people list` shows it")
    return parser


def run(arguments: argparse.Namespace) -> int:
    try:
        said = asked(home_of(arguments), "/people", _wanted(arguments))
    except AgentSilent as error:
        print(error)
        return NO_AGENT
    except SignInRefused as error:
        print(error)
        return PROBLEM
    lines = [_line(person) for person in said["people"]]
    print("\n".join(lines) or f"Nobody yet: `{typed('link')}` makes the owner's first link.")
    return OK


def _wanted(arguments: argparse.Namespace) -> dict[str, object] | None:
    if arguments.action == "add":
        return {"name": arguments.name, "role": arguments.role, "email": arguments.email}
    if arguments.action == "remove":
        return {"name": arguments.name, "remove": True}
    return None


def _line(person: dict[str, Any]) -> str:
    return f"{person['name']}: {person['role']}" + (person["email"] and f", {person['email']}")
