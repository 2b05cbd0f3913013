"""`run`: the agent in the foreground, until SIGTERM or Ctrl-C. SIGHUP reads the settings anew."""

import argparse
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Any

from agent.commands import OK, OWNED, ROOT, SETTINGS, STORE, home_of
from data.home import Home
from data.lean import stay_lean
from data.settings_file import LoadedSettings, load, settings_path
from models.errors import ConfigError, StoreError, StoreLocked

log = logging.getLogger("agent")

WEB_GROUP = "SALLIM_WEB_GROUP"
"""Set by the unit: the group of the app, which may use the socket and read the store."""


def add_parser(subparsers: Any, shared: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "run", parents=[shared], help="run the agent in the foreground", description=__doc__
    )
    return parser


def run(arguments: argparse.Namespace) -> int:
    stay_lean()
    # As a service, the app's group may read; the unit gives the files that group at birth.
    os.umask(0o027 if os.environ.get(WEB_GROUP) else 0o077)
    from agent.logs import start_logging

    home = home_of(arguments)
    try:
        home.make()
    except ConfigError as error:
        log.error("%s", error)
        return SETTINGS
    path = settings_path(os.environ, ROOT, home)
    loaded = load(path, home)
    start_logging(loaded.settings.log.level, sys.stderr)
    if loaded.error is not None:
        log.error("%s", loaded.error)
    return _watch(home, path, loaded)


def _watch(home: Home, path: Path | None, loaded: LoadedSettings) -> int:
    from agent.notify import Notifier
    from agent.running import Agent, Outside
    from agent.sampling import Clocks
    from agent.wiring import store_limits
    from data.ops.store import Store

    clocks = Clocks()
    try:
        store = Store.open(home, store_limits(loaded.settings), clocks.wall())
    except StoreLocked as error:
        log.error("%s", error)
        return OWNED
    except StoreError as error:
        log.error("%s", error)
        return STORE
    for message in store.report.messages:
        log.error("%s", message)
    try:
        notifier = Notifier(os.environ.get("NOTIFY_SOCKET"))
        mode = 0o660 if os.environ.get(WEB_GROUP) else 0o600

        # Asked anew each time: the first settings file may be written while the agent runs.
        def load_settings() -> LoadedSettings:
            return load(settings_path(os.environ, ROOT, home), home)

        outside = Outside(clocks, notifier, load_settings, path, mode)
        agent = Agent(home, store, loaded, outside)
        signal.signal(signal.SIGTERM, lambda *_: agent.stop())
        signal.signal(signal.SIGINT, lambda *_: agent.stop())
        signal.signal(signal.SIGHUP, lambda *_: agent.ask_reload())
        agent.run()
    finally:
        store.close()
    return OK
