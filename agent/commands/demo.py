"""`demo`: fill a home with made-up data, so that a newcomer sees the product without a machine."""

import argparse
import time
from functools import partial
from pathlib import Path
from typing import Any

from agent.commands import OK, OWNED, PROBLEM, ROOT
from data.home import Home
from data.settings_file import load
from models.errors import ConfigError, StoreError, StoreLocked


def add_parser(subparsers: Any, shared: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "demo",
        parents=[shared],
        help="fill a home with made-up data",
        description=f"{__doc__} The home is data/demo-store unless --home names another; what is "
        "not a demo is left alone.",
    )
    parser.add_argument(
        "--days", type=_days, default=60, help="length of the invented past (default: 60)"
    )
    parser.add_argument(
        "--no-forecasts",
        action="store_true",
        help="leave out the forecasts of the last two weeks, which take half a minute",
    )
    return parser


def run(arguments: argparse.Namespace) -> int:
    from data.demo import fill

    path = Path(arguments.home) if arguments.home else ROOT / "data" / "demo-store"
    home = Home(path.expanduser().absolute())
    started = time.monotonic()
    if not home.ops.exists():
        print(f"Making up {arguments.days} days of data; this can take a minute.", flush=True)
    now = time.time()
    try:
        then = None if arguments.no_forecasts else partial(_forecast, home, now)
        filled = fill(home, now, arguments.days, then)
    except StoreLocked as error:
        print(error)
        return OWNED
    except (ConfigError, StoreError) as error:
        print(error)
        return PROBLEM
    if filled:
        seconds = time.monotonic() - started
        print(f"{arguments.days} days of made-up data in {home.path} ({seconds:.0f} s).")
    else:
        print(f"The made-up data in {home.path} reaches up to now.")
    return OK


def _forecast(home: Home, now: float, beside: Home) -> None:
    from agent.commands.demo_demand import forecast

    print("Forecasting what the last two weeks looked like before they came.", flush=True)
    forecast(beside, load(home.path / "sallim.toml", home).settings, now)


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 400:
        raise argparse.ArgumentTypeError(f"{text}: choose 1 to 400 days")
    return int(text)
