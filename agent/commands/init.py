"""`init`: look around on this machine, ask at most eight things, write a short `sallim.toml`.

Only loopback is looked at. An existing file is never overwritten: what would be written is shown.
Enter takes the value in brackets; --yes takes them all.
"""

import argparse
import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from agent.commands import OK, PROBLEM, ROOT, home_of
from data.home import Home
from models.typed import typed

MARKS = {"ok": "✓", "absent": "○", "problem": "■"}


def add_parser(subparsers: Any, shared: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "init",
        parents=[shared],
        help="look around, ask a little, write the settings",
        description=__doc__,
    )
    parser.add_argument("--yes", action="store_true", help="ask nothing: take the usual answers")
    return parser


def run(arguments: argparse.Namespace) -> int:
    from data.settings_file import settings_path

    home = home_of(arguments)
    path = settings_path(os.environ, ROOT, home)
    target = path or home.path / "sallim.toml"
    ask = (lambda _text, usual: usual) if arguments.yes else _ask
    return configure(target, home, ask)


def configure(target: Path, home: Home, ask: Callable[[str, str], str]) -> int:
    """`ask` gets a question and its usual answer; `target` is written when it is not there."""
    from agent.discovery import look_around
    from models.connect import questions_for, settings_text

    print("Looking around on this machine (loopback only) ...")
    found = look_around()
    for thing in found:
        print(f"  found {thing.text}")
    if not found:
        print("  nothing but the machine itself, which is watched without any setting")
    questions = questions_for(found, socket.gethostname(), "Asia/Seoul")
    answers = {question.key: ask(str(question.text), question.usual) for question in questions}
    text = settings_text(found, answers)
    if target.exists():
        print(f"\n{target} is there and stays as it is. These lines would be new:\n\n{text}")
        return PROBLEM
    return _write(target, home, text, answers)


def _write(target: Path, home: Home, text: str, answers: Mapping[str, str]) -> int:
    from agent.openings import keep_openings
    from data.settings_file import check_text
    from data.settings_text import write_new
    from models.connect import spent_before
    from models.errors import ConfigError

    try:
        settings, spent = check_text(text, target.name), spent_before(answers)
    except ConfigError as error:
        print(f"\nThat cannot be used:\n{error}\nNothing was written; start again.")
        return PROBLEM
    home.make()
    write_new(target, text)
    keep_openings(home, spent)
    print(f"\nWritten to {target}:\n")
    _show_with_verdicts(text, settings)
    _say_what_follows(text, os.environ)
    _say_of_the_month(spent)
    return OK


def _say_of_the_month(spent: tuple[int, int] | None) -> None:
    if spent is None:
        command = typed("costs open --bucket api --spent WON")
        print(
            "The month is incomplete until you say what it had cost before: "
            f"`{command}`, and the same for servers; --none where it was nothing."
        )
    else:
        print(
            f"Kept: before Sallim the month had cost {spent[0]:,} won for APIs and {spent[1]:,} "
            "for servers. The agent books it when it runs."
        )


def _show_with_verdicts(text: str, settings: Any) -> None:
    """Each section as it was written, and what the doctor says to it."""
    import time

    from agent.checks.sources import sources

    print(text)
    for finding in sources(settings, time.time, time.monotonic):
        mark = MARKS[finding.level.value]
        print(f"  {mark} {finding.name.removeprefix('source ')}: {finding.text}")


def _say_what_follows(text: str, environ: Mapping[str, str]) -> None:
    from models.connect import secrets_needed

    missing = [name for name in secrets_needed(text) if not environ.get(name)]
    for name in missing:
        print(f"\nSet the secret before the agent starts:  export {name}=...")
    print(
        f"\nNext: `make run` starts everything; `{typed('reload')}` tells a running agent, "
        f"and `{typed('doctor')}` looks again."
    )


def _ask(text: str, usual: str) -> str:
    shown = f" [{usual}]" if usual else ""
    try:
        answer = input(f"{text}{shown} ").strip()
    except EOFError:
        return usual
    return answer or usual
