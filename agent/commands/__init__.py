"""One file a sub-command: `add_parser` says its words, `run` carries it out."""

import argparse
import os
from collections.abc import Mapping
from pathlib import Path

from data.home import Home, home_at

ROOT = Path(__file__).parents[2]
"""The checkout or release folder that this code runs from."""

OK, PROBLEM, USAGE, NO_AGENT, OWNED, STORE, SETTINGS = range(7)
"""Exit codes, as `python -m agent --help` lists them."""


def home_of(arguments: argparse.Namespace, environ: Mapping[str, str] = os.environ) -> Home:
    return home_at(arguments.home, environ, ROOT)
