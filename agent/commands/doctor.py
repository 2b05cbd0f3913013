"""`doctor`: check the settings, the home, the agent and every configured source.

Each line is ok, absent (not there, and need not be) or a problem with what to do about it.
Nothing is changed, and a running agent is not disturbed.
"""

import argparse
import os
from typing import Any

from agent.commands import OK, PROBLEM, ROOT, home_of


def add_parser(subparsers: Any, shared: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "doctor",
        parents=[shared],
        help="check settings, home, agent and every source",
        description=__doc__,
    )
    return parser


def run(arguments: argparse.Namespace) -> int:
    # Every command is imported for --help, by the agent too: what only this one needs waits.
    from agent.checks import Level
    from agent.checks.rounds import rounds
    from models.redaction import redact

    problems = 0
    for finding in rounds(home_of(arguments), os.environ, ROOT):
        print(redact(f"{finding.level.value:<8}{finding.name}: {finding.text}"), flush=True)
        problems += finding.level is Level.PROBLEM
    if problems:
        print("1 problem." if problems == 1 else f"{problems} problems.")
        return PROBLEM
    print("All is well.")
    return OK
