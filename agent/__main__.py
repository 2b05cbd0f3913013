"""`python -m agent`: the command line. Each sub-command is one file of `agent/commands/`."""

import argparse
import importlib
import logging
import sys
from collections.abc import Sequence

from models.errors import SallimError

COMMANDS = (
    *("run", "up", "status", "reload", "doctor", "init", "token", "machines", "probe", "demo"),
    *("prices", "costs", "budget", "requests", "audit", "export", "gateway", "notify", "version"),
    *("link", "people", "forecast", "recipe"),
)

EXIT_CODES = """exit codes:
  0  done, and all is well
  1  done, and something needs you: the sentence printed says what
  2  the command line is wrong
  3  no agent answers in this home
  4  another agent owns this home
  5  the store cannot be opened
  6  the settings cannot be used
130  ended by Ctrl-C
"""


def parser(names: Sequence[str] = COMMANDS) -> argparse.ArgumentParser:
    """Of all sub-commands, or of some: a probe must not load what a hub needs."""
    top = argparse.ArgumentParser(
        prog="python -m agent",
        description="Sallim's background agent: watches, stores, answers the pages.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--home",
        metavar="DIR",
        help="folder of everything Sallim keeps (default: SALLIM_HOME, else data/store); "
        "the socket is DIR/agent.sock",
    )
    subparsers = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in names:
        module = importlib.import_module(f"agent.commands.{name}")
        module.add_parser(subparsers, shared).set_defaults(carry_out=module.run)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    words = sys.argv[1:] if arguments is None else arguments
    names = [name for name in COMMANDS if name in words[:1]] or COMMANDS
    chosen = parser(names).parse_args(words)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    try:
        code: int = chosen.carry_out(chosen)
    except SallimError as error:
        logging.getLogger("agent").error("%s", error)
        return 1
    except KeyboardInterrupt:
        return 130
    return code


if __name__ == "__main__":
    sys.exit(main())
