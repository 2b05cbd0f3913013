"""`reload`: check the settings file, then let the running agent and gateway take it over.

A file that fails the check is not sent: the settings in force stay, and every problem is listed.
"""

import argparse
import os
import signal
import time
from typing import Any

from agent.commands import NO_AGENT, OK, PROBLEM, ROOT, SETTINGS, home_of
from data.home import Home
from data.locks import holder_of
from data.reader import Reader
from data.settings_file import check, settings_path
from models.errors import ConfigError

WAIT_SECONDS = 10.0


def add_parser(subparsers: Any, shared: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "reload",
        parents=[shared],
        help="check the settings and take them over",
        description=__doc__,
    )
    return parser


def run(arguments: argparse.Namespace) -> int:
    home = home_of(arguments)
    path = settings_path(os.environ, ROOT, home)
    if path is not None:
        try:
            settings = check(path)
        except ConfigError as error:
            print(f"Nothing was changed.\n{error}")
            return SETTINGS
        for text in settings.budget.beyond:
            print(f"Warning: {text}.")
    _tell_gateway(home)
    reader = Reader(home)
    before = reader.health()
    if before is None:
        print(f"The settings are good, and no agent answers at {home.socket} to take them over.")
        return NO_AGENT
    os.kill(before["pid"], signal.SIGHUP)
    return _wait(reader, before["settings"]["loaded_at"])


def _tell_gateway(home: Home) -> None:
    """It says in its log what it took over. None runs where nobody holds its lock."""
    pid = holder_of(home.gateway_lock)
    if pid is None:
        return
    try:
        os.kill(pid, signal.SIGHUP)
    except OSError as error:
        print(f"The gateway, process {pid}, could not be told ({error.strerror}).")
    else:
        print(f"The gateway, process {pid}, takes the settings over; its log says what.")


def _wait(reader: Reader, loaded_at: float) -> int:
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        health = reader.health()
        if health is not None and health["settings"]["loaded_at"] != loaded_at:
            error = health["settings"]["error"]
            print(error or "The settings are in force.")
            return PROBLEM if error else OK
        time.sleep(0.1)
    print(f"The agent did not take the settings over within {WAIT_SECONDS:.0f} s; see its log.")
    return PROBLEM
