"""`status`: how the running agent is; exit code 0 well, 1 degraded, 3 nobody answers."""

import argparse
import json
from typing import Any

from agent.commands import NO_AGENT, OK, PROBLEM, home_of
from data.locks import holder_of
from data.reader import Reader
from models.messages import Message
from models.typed import typed


def add_parser(subparsers: Any, shared: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "status", parents=[shared], help="say how the running agent is", description=__doc__
    )
    parser.add_argument("--json", action="store_true", help="print what GET /health answers")
    return parser


def run(arguments: argparse.Namespace) -> int:
    home = home_of(arguments)
    health = Reader(home).health()
    if health is None:
        pid = holder_of(home.lock)
        cure = "Start it with `make run`, or as a service."
        if pid is not None:
            cure = f"Process {pid} has this home and hangs or is starting: `{typed('doctor')}`."
        print(f"No agent answers at {home.socket}. {cure}")
        return NO_AGENT
    if arguments.json:
        print(json.dumps(health, indent=2, ensure_ascii=False))
    else:
        print("\n".join([*lines_of(health), f"home: {home.path}"]))
    return OK if health["status"] == "ok" else PROBLEM


def lines_of(health: dict[str, Any]) -> list[str]:
    """What a person wants to know of `GET /health`, a line each."""
    store = health["store"]
    up_seconds = health["at"] - health["started_at"]
    who = f"sallim {health['version']} watches {health['machine']} as process {health['pid']}"
    megabytes, megabytes_max = store["size_bytes"] / 1e6, store["size_max_bytes"] / 1e6
    lines = [
        f"{health['status']}: {who}, up {up_seconds:,.0f} s",
        f"store: {store['state']}, {megabytes:,.1f} of {megabytes_max:,.0f} MB",
    ]
    lines += [_loss_line(loss) for loss in store["losses"]]
    lines += [_source_line(source) for source in health["sources"]]
    lines += [f"problem: {Message.from_json(problem)}" for problem in health["problems"]]
    error = health["settings"].get("error")
    return [*lines, f"settings: {error}"] if error else lines


def _loss_line(loss: dict[str, Any]) -> str:
    copy = f"; the damaged files are kept in {loss['quarantine']}" if loss["quarantine"] else ""
    return (
        f"lost: {loss['rows_lost']:,} rows of {loss['table_name']} in a damaged file "
        f"({loss['cause']}){copy}"
    )


def _source_line(source: dict[str, Any]) -> str:
    age = source["age_seconds"]
    seen = "no reading yet" if age is None else f"{age:.1f} s ago"
    reason = source["reason"]
    tail = f" ({Message.from_json(reason)})" if reason else ""
    return f"{source['name']}: {source['state']}, {source['series']} series, {seen}{tail}"
