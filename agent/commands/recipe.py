"""`recipe`: by which model a target is forecast from now on; asks the running agent, audited.

What is chosen stands instead of what the settings say, until it is chosen anew or withdrawn by
--settings. Pools of that target follow it.
"""

import argparse
import sys
from typing import Any

from agent.commands import USAGE, home_of
from agent.commands.asking import Wish, add_wish, carried_out, told
from models.demand.shapes import MODELS, SEASONS


def add_parser(subparsers: Any, shared: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "recipe", parents=[shared], help="choose how a target is forecast", description=__doc__
    )
    parser.add_argument("target", metavar="TARGET", help="as `forecast --series` names it")
    parser.add_argument("--model", choices=MODELS, help="auto: by its history and its backtest")
    parser.add_argument("--season", choices=SEASONS, help="what repeats in it")
    parser.add_argument(
        "--span-days", type=int, metavar="DAYS", help="so much of its history is looked at"
    )
    parser.add_argument(
        "--settings", action="store_true", help="withdraw what was chosen: the settings hold again"
    )
    add_wish(parser)
    return parser


def run(arguments: argparse.Namespace) -> int:
    said = {
        "model": arguments.model,
        "season": arguments.season,
        "span_days": arguments.span_days,
    }
    args = {key: value for key, value in said.items() if value is not None}
    if bool(args) == arguments.settings:
        print("Say --model, --season or --span-days; or --settings alone.", file=sys.stderr)
        return USAGE
    wish = Wish("recipe", arguments.target, args, arguments.reason, arguments.yes)
    return told(lambda: carried_out(home_of(arguments), wish))
