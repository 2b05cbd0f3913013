"""`notify test`: send a test message to every channel of the settings, or to one, now.

It works beside a running agent, and without one; quiet hours and limits do not hold for it.
"""

import argparse
import os
from typing import Any

from agent.commands import OK, PROBLEM, ROOT, home_of


def add_parser(subparsers: Any, shared: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "notify",
        parents=[shared],
        help="test the channels by which people are told",
        description=__doc__,
    )
    parser.add_argument("action", choices=["test"], help="send a test message")
    parser.add_argument("channel", nargs="?", help="to this channel alone")
    return parser


def run(arguments: argparse.Namespace) -> int:
    from agent.outbox.asking import tested
    from agent.outbox.setup import setup_of
    from data.settings_file import load, settings_path
    from models.alerts.trying import why
    from models.redaction import redact

    home = home_of(arguments)
    settings = load(settings_path(os.environ, ROOT, home), home).settings
    names = [channel.name for channel in settings.notify.channel]
    if not names:
        print("No channel is set up: write [[notify.channel]] (docs/messages.md).")
        return PROBLEM
    wanted = [name for name in names if arguments.channel in (None, name)]
    if not wanted:
        print(f"There is no channel {arguments.channel}; there are: {', '.join(names)}.")
        return PROBLEM
    setup = setup_of(settings, os.environ)
    for text in setup.problems:
        print(redact(str(text)))
    outcomes = tested(setup, [name for name in wanted if name in setup.addresses])
    for name, outcome in outcomes.items():
        print(f"{name}: {'sent' if outcome.is_sent else f'not sent ({why(outcome)})'}")
    all_sent = len(outcomes) == len(wanted) and all(one.is_sent for one in outcomes.values())
    return OK if all_sent else PROBLEM
