"""`export`: what everything cost, as a file: FOCUS for other tools, CSV and JSON of any view.

Works while the agent runs (it is asked) and while it does not (the store is read). Money is never
rounded; won stand beside dollars. What looks like a formula is made harmless, numbers stay numbers.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from agent.commands import OK, PROBLEM, ROOT, USAGE, home_of
from agent.commands.output import write_lines
from data.home import Home
from models.errors import AgentSilent, ConfigError, QueryRefused
from models.settings import Settings
from sallim.ledger import LedgerError

FORMATS = ("csv", "json", "focus")
DEMO_HOME = ROOT / "data" / "demo-store"


def add_parser(subparsers: Any, shared: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "export", help="write the costs to a file: FOCUS, CSV, JSON", description=__doc__
    )
    subjects = parser.add_subparsers(dest="subject", metavar="WHAT", required=True)
    costs = subjects.add_parser("costs", parents=[shared], help="calls, servers, fixed items")
    costs.add_argument(
        "--format",
        choices=FORMATS,
        default="csv",
        help="focus: FOCUS 1.2 as CSV, one row a meter (default: csv)",
    )
    costs.add_argument(
        "--view",
        default="calls",
        help="of csv and json: calls, buckets, headroom, cost-of-analyses, bills, prepaid, "
        "metered, advice, by-provider, by-model, by-workflow, by-analysis, by-key, by-kind, "
        "by-day, by-month ... (default: calls)",
    )
    costs.add_argument(
        "--since", help="first day, as 2026-11-01, in your zone (default: the 1st of this month)"
    )
    costs.add_argument("--until", help="the day after the last one, as 2026-12-01 (default: now)")
    costs.add_argument("--out", metavar="FILE", help="instead of the standard output")
    costs.add_argument(
        "--demo", action="store_true", help="of the made-up household, which is made when missing"
    )
    return parser


def run(arguments: argparse.Namespace) -> int:
    try:
        home = _demo(arguments) if arguments.demo else home_of(arguments)
        settings = _settings(home)
        span = _span(arguments, settings.house.zone, time.time())
        lines = _lines(arguments, home, settings, span)
    except ValueError as problem:
        print(problem, file=sys.stderr)
        return USAGE
    except ConfigError as problem:
        print(problem, file=sys.stderr)
        return PROBLEM
    try:
        write_lines(lines, arguments.out)
    except (AgentSilent, QueryRefused, LedgerError) as problem:
        print(problem, file=sys.stderr)
        return PROBLEM
    except OSError as error:
        print(
            f"{arguments.out or 'the output'} cannot be written: {error.strerror}", file=sys.stderr
        )
        return PROBLEM
    return OK


def _demo(arguments: argparse.Namespace) -> Home:
    from data.demo import fill

    path = Path(arguments.home) if arguments.home else DEMO_HOME
    home = Home(path.expanduser().absolute())
    if not home.ops.exists():
        fill(home, time.time())
    return home


def _settings(home: Home) -> Settings:
    from data.settings_file import check, settings_path

    path = settings_path(os.environ, ROOT, home)
    return Settings() if path is None else check(path)


def _span(arguments: argparse.Namespace, zone: ZoneInfo, now: float) -> tuple[float, float]:
    """Raises ValueError with what would work."""
    from models.costs.periods import period_at

    until = _moment("--until", arguments.until, zone) if arguments.until else now
    since = (
        _moment("--since", arguments.since, zone)
        if arguments.since
        else float(period_at(until - 1, "month", zone).since)
    )
    if since >= until:
        raise ValueError("--since must be before --until, which is the day after the last one")
    return since, until


def _moment(option: str, text: str, zone: ZoneInfo) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{option} {text}: write a day as 2026-11-01, or a moment as 2026-11-01T09:00+09:00"
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()


def _lines(
    arguments: argparse.Namespace, home: Home, settings: Settings, span: tuple[float, float]
) -> Iterator[str]:
    """Raises ValueError for a view that there is not."""
    from data.cost_views import VIEWS, Asked, view_rows
    from data.focus import charges
    from data.known_prices import known_prices
    from data.reader import Patience, Reader
    from models.csv_text import csv_lines, json_lines
    from models.focus import COLUMNS, focus_rows

    reader = Reader(home, Patience(query_seconds=60.0))
    if arguments.format == "focus":
        return csv_lines(COLUMNS, focus_rows(charges(reader, span), known_prices(home)))
    view = VIEWS.get(arguments.view)
    if view is None:
        raise ValueError(f"--view {arguments.view}: choose one of {', '.join(sorted(VIEWS))}")
    prices = partial(known_prices, home)
    asked = Asked(span, settings.house.zone, prices, settings.analysis, settings.rented)
    rows = view_rows(view, reader, asked)
    return (json_lines if arguments.format == "json" else csv_lines)(view.header, rows)
