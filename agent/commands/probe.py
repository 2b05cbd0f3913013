"""`probe`: watch this machine for a hub somewhere else. SIGTERM pushes the rest and says goodbye.

The token comes from the environment (SALLIM_TOKEN, or SALLIM_TOKEN_FILE that names a file of mode
600) or from a systemd credential, never from the command line. While the hub is away, what is
collected waits in the spool, at most 64 MB of it.
"""

import argparse
import logging
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

from agent.collectors.itself import Vitals
from agent.commands import OK, PROBLEM, SETTINGS
from agent.logs import start_logging
from agent.notify import Notifier
from agent.probe.hub import Hub
from agent.probe.running import Options, Probe
from agent.probe.wiring import collectors_of
from data.credentials import secret
from data.spool import Spool
from models.errors import ConfigError, SourceError
from models.monitoring import Absent, Collector, Harvest
from models.pushing import Head, is_machine_name, text_of_push
from sallim import __version__

log = logging.getLogger("agent")

TOKEN = "SALLIM_TOKEN"  # noqa: S105  # its name
SPOOL_MB, SPOOL_MB_MAX = 64, 64


def add_parser(subparsers: Any, shared: argparse.ArgumentParser) -> argparse.ArgumentParser:
    del shared  # A probe has no home.
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "probe",
        help="watch this machine for a hub somewhere else",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return with_arguments(parser)


def with_arguments(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("--to", metavar="URL", required=True, help="the hub: its server.listen")
    parser.add_argument("--name", metavar="MACHINE", help="default: the name of this host")
    parser.add_argument(
        "--interval",
        metavar="SECONDS",
        type=float,
        default=10.0,
        help="time between two readings, 1 to 60 (default: 10); buckets are of 10 s",
    )
    parser.add_argument(
        "--spool",
        metavar="DIR",
        help="where readings wait while the hub is away (default: the service's state folder, "
        "else ~/.local/state/sallim-probe)",
    )
    parser.add_argument(
        "--spool-mb",
        metavar="MB",
        type=float,
        default=SPOOL_MB,
        help=f"room for the spool, at most {SPOOL_MB_MAX} (default: {SPOOL_MB})",
    )
    parser.add_argument("--ca", metavar="FILE", help="certificates that sign the hub's, as PEM")
    parser.add_argument("--once", action="store_true", help="read and ask once, say how it went")
    return parser


def run(arguments: argparse.Namespace) -> int:
    try:
        machine = _machine(arguments)
        hub = Hub(arguments.to, secret(TOKEN, os.environ), arguments.ca)
        if arguments.once:
            return _check(machine, hub)
        spool = Spool(spool_folder(arguments.spool), int(arguments.spool_mb * 1_000_000))
    except ConfigError as error:
        log.error("%s", error)
        return SETTINGS
    start_logging("info", sys.stderr)
    options = Options(machine, arguments.interval)
    probe = Probe(options, hub, spool, Notifier(os.environ.get("NOTIFY_SOCKET")))
    signal.signal(signal.SIGTERM, lambda *_: probe.stop())
    signal.signal(signal.SIGINT, lambda *_: probe.stop())
    probe.run()
    return OK


def spool_folder(chosen: str | None) -> Path:
    """Where it was told to be, else where the system says that a program keeps its state."""
    if chosen:
        return Path(chosen).expanduser().absolute()
    if os.environ.get("STATE_DIRECTORY"):
        return Path(os.environ["STATE_DIRECTORY"].split(":")[0]) / "spool"
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(state).expanduser().absolute() / "sallim-probe"


def _machine(arguments: argparse.Namespace) -> str:
    """Raises ConfigError for arguments that cannot be used."""
    if not 1 <= arguments.interval <= 60:
        raise ConfigError("--interval takes 1 to 60 seconds, for example --interval 10")
    if not 0.01 <= arguments.spool_mb <= SPOOL_MB_MAX:
        raise ConfigError(f"--spool-mb takes up to {SPOOL_MB_MAX}, for example --spool-mb 16")
    machine: str = arguments.name or socket.gethostname()
    if not is_machine_name(machine):
        raise ConfigError(
            "--name takes 1 to 64 printable characters without spaces around them, for example "
            "--name gpu-1"
        )
    return machine


def _check(machine: str, hub: Hub) -> int:
    """What `doctor` is for a hub: every source and the hub, a line each."""
    for chosen in collectors_of(10.0, Vitals):
        if chosen.collector.name != "itself":
            print(f"{chosen.collector.name}: {_reading(chosen.collector)}")
    head = Head("check", "check", machine, __version__, 10.0, is_check=True)
    try:
        taken = hub.push(text_of_push(head, ()))
    except SourceError as trouble:
        print(f"hub: {trouble.reason}")
        return PROBLEM
    skew = taken.at - time.time()
    note = "" if abs(skew) <= 5 else f"; its clock differs by {skew:.0f} s, which is set right"
    print(f"hub: {taken.hub} takes pushes of {machine} ({taken.round_trip_seconds:.3f} s){note}")
    return OK


def _reading(collector: Collector) -> str:
    try:
        answer = collector.collect(time.monotonic())
    except SourceError as trouble:
        return f"problem: {trouble.reason}"
    if isinstance(answer, Absent):
        return f"absent: {answer.reason}"
    readings = answer.readings if isinstance(answer, Harvest) else answer
    return f"{len(readings)} series"
