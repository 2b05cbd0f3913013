"""A command of the agent as a person types it, in the form in which this process was started."""

import shlex
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import PurePath

ROOT = PurePath(__file__).parents[1]
USUAL_HOME = ROOT / "data/store"
INSTALLED = PurePath("/opt/sallim")
"""Where `make install` puts a service, whose home and settings are at places of their own."""
AS_SERVICE = (
    "cd /opt/sallim/current && sudo env SALLIM_CONFIG=/etc/sallim/sallim.toml "
    ".venv/bin/python -m agent {words} --home /var/lib/sallim"
)


def typed(
    words: str,
    home: str = "",
    executable: str = sys.executable,
    arguments: Sequence[str] = sys.argv,
) -> str:
    """In a checkout it is typed in its folder. `home` is for who knows it not by its arguments.

    >>> typed("status", executable=str(ROOT / ".venv/bin/python"), arguments=[])
    '.venv/bin/python -m agent status'
    """
    python = PurePath(executable)
    if python.is_relative_to(INSTALLED):
        if words == "reload":
            return "sudo systemctl reload sallim-agent"
        return AS_SERVICE.format(words=words)
    parts = [part for argument in arguments for part in argument.split("=", 1)]
    named = home or next((value for flag, value in pairwise(parts) if flag == "--home"), "")
    ending = f" --home {_shown(ROOT / named)}" if named and ROOT / named != USUAL_HOME else ""
    return f"{_shown(python)} -m agent {words}{ending}"


def _shown(path: PurePath) -> str:
    return shlex.quote(str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path))
