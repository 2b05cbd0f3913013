"""`version`: what runs here, one line."""

import argparse
import platform
from typing import Any

from agent.commands import OK
from sallim import __version__


def add_parser(subparsers: Any, shared: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "version", parents=[shared], help="print the version", description=__doc__
    )
    return parser


def run(_: argparse.Namespace) -> int:
    print(f"sallim {__version__} (Python {platform.python_version()})")
    return OK
