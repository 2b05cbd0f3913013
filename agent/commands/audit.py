"""`audit`: who asked for what and what came of it: is it as it was written, and as a file.

The running agent is asked for the rows; while it is down, its file is read.
"""

import argparse
import sys
from typing import Any

from agent.commands import OK, PROBLEM, home_of
from agent.commands.asking import Refused, answered
from agent.commands.output import write_lines
from data.home import Home
from models.audit import HEADER, AuditHead, AuditRow, cells, verify
from models.csv_text import csv_lines
from models.errors import AgentSilent, StoreError


def add_parser(subparsers: Any, shared: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "audit", help="who asked for what: verify it, export it", description=__doc__
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser(
        "verify", parents=[shared], help="exit code 1 and the first broken row, where one is"
    )
    export = actions.add_parser("export", parents=[shared], help="as CSV, oldest first")
    export.add_argument("--out", metavar="FILE", help="instead of the standard output")
    return parser


def run(arguments: argparse.Namespace) -> int:
    try:
        rows, head = _rows(home_of(arguments))
    except (Refused, StoreError) as problem:
        print(problem, file=sys.stderr)
        return PROBLEM
    verdict = verify(rows, head)
    if arguments.action == "export":
        try:
            write_lines(csv_lines(HEADER, map(cells, rows)), arguments.out)
        except OSError as error:
            where = arguments.out or "the output"
            print(f"{where} cannot be written: {error.strerror}", file=sys.stderr)
            return PROBLEM
    elif not verdict.broken:
        print(f"The audit is intact: {verdict.rows} rows.")
    if verdict.broken:
        print(
            f"The audit is broken after {verdict.rows} intact rows: {verdict.broken}. The log of "
            "the agent has the hash of each row as it was written.",
            file=sys.stderr,
        )
        return PROBLEM
    return OK


def _rows(home: Home) -> tuple[list[AuditRow], AuditHead | None]:
    """All there are. Raises Refused, StoreError."""
    from data.audit import all_of

    rows: list[AuditRow] = []
    try:
        while True:
            seq = rows[-1].seq if rows else 0
            told = answered(home, f"/audit?after={seq}")
            if not told["rows"]:
                return rows, AuditHead(*told["head"]) if told["head"] else None
            rows += [AuditRow(*row) for row in told["rows"]]
    except AgentSilent:
        return all_of(home.control) if home.control.exists() else ([], None)
