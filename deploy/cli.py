"""The command line of `python3 -m deploy`."""

import argparse
import fcntl
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from deploy.health import Patience
from deploy.install import install, uninstall
from deploy.layout import InstallError, Layout
from deploy.services import services_of
from deploy.setup import Setup
from deploy.upgrade import rollback, upgrade

DONE, FAILED = 0, 1

EXPLANATION = """\
  install    accounts, release, settings, units; start now and at every boot
  upgrade    copy the data, start the new release, go back if it is not well
  rollback   go back to the release and the data of before the last upgrade
  uninstall  remove all but data and settings (those too with --purge)

Cut off at any moment, the same command run again finishes what was begun.
Exit codes: 0 done, 1 not done (the last lines say why and what runs now), 2 wrong command line.
SALLIM_SYSTEMCTL names another command in place of `systemctl`.
"""


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="python3 -m deploy",
        description="Sallim as a service of this machine.",
        epilog=EXPLANATION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("verb", choices=("install", "upgrade", "rollback", "uninstall"))
    top.add_argument(
        "--root",
        type=Path,
        default=Path("/"),
        metavar="DIR",
        help="lay all below DIR: no accounts, and no services unless SALLIM_SYSTEMCTL is set",
    )
    top.add_argument(
        "--venv",
        type=Path,
        metavar="DIR",
        help="use this virtual environment instead of making one for the release",
    )
    top.add_argument(
        "--health-seconds",
        type=float,
        default=60.0,
        metavar="N",
        help="how long a release may take until it is well (default 60)",
    )
    top.add_argument(
        "--source",
        type=Path,
        default=Path(__file__).parents[1],
        metavar="DIR",
        help="the checkout or unpacked folder to install from (default: where this command is)",
    )
    top.add_argument("--purge", action="store_true", help="uninstall: remove data and settings too")
    return top


def say(line: str) -> None:
    # The terminal may be gone, and the work must be finished all the same.
    with suppress(OSError):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def main(
    arguments: Sequence[str] | None = None,
    environ: Mapping[str, str] = os.environ,
    tell: Callable[[str], None] = say,
    patience: Patience | None = None,
) -> int:
    chosen = parser().parse_args(arguments)
    limits = replace(patience or Patience(), seconds=chosen.health_seconds)
    layout = Layout(chosen.root.absolute())
    real = layout.root == Path("/")
    setup = Setup(
        layout=layout,
        services=services_of(environ, layout.root),
        source=chosen.source.absolute(),
        tell=tell,
        venv=chosen.venv,
        accounts=real,
        patience=limits,
    )
    try:
        if real and os.geteuid() != 0:
            raise InstallError(  # noqa: TRY301  # one way out for every refusal
                f"This changes system folders and needs root. Run `sudo make {chosen.verb}`."
            )
        with _alone(layout):
            _carry_out(chosen, setup, environ)
    except InstallError as error:
        tell(str(error))
        return FAILED
    except OSError as error:
        tell(f"{error}\nNothing more was done. Remove the cause, then run the same command again.")
        return FAILED
    return DONE


def _carry_out(chosen: argparse.Namespace, setup: Setup, environ: Mapping[str, str]) -> None:
    verbs: dict[str, Callable[[], None]] = {
        "install": lambda: install(setup, environ),
        "upgrade": lambda: upgrade(setup),
        "rollback": lambda: rollback(setup),
        "uninstall": lambda: uninstall(setup, chosen.purge),
    }
    verbs[chosen.verb]()


@contextmanager
def _alone(layout: Layout) -> Iterator[None]:
    """One of our commands at a time, with modes that services can read, to its end."""
    layout.lock.parent.mkdir(parents=True, exist_ok=True)
    with layout.lock.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InstallError(
                "Another install, upgrade or uninstall is at work here. Wait for its end."
            ) from error
        umask = os.umask(0o022)
        hangup = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # A lost connection stops nothing.
        try:
            yield
        finally:
            signal.signal(signal.SIGHUP, hangup)
            os.umask(umask)
