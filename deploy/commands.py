"""Other programs, started without a shell; what they print is shown only when they fail."""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.layout import InstallError

NOT_FOUND = 127
TOO_LATE = 124


@dataclass(frozen=True, slots=True)
class Outcome:
    """`code` is the exit code, 124 after a timeout and 127 when there is no such program."""

    code: int
    output: str


def ask(
    command: Sequence[str],
    folder: Path | None = None,
    environ: Mapping[str, str] | None = None,
    seconds: float | None = None,
) -> Outcome:
    """Run a program to its end; never raises for what the program does."""
    try:
        done = subprocess.run(  # noqa: S603  # arguments are ours, and no shell sees them
            list(command),
            cwd=folder,
            env=environ,
            timeout=seconds,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except FileNotFoundError:
        return Outcome(NOT_FOUND, f"{command[0]}: there is no such program here")
    except subprocess.TimeoutExpired:
        return Outcome(TOO_LATE, f"{command[0]}: no answer within {seconds:g} s")
    return Outcome(done.returncode, done.stdout.strip())


def must(command: Sequence[str], advice: str, folder: Path | None = None) -> str:
    """Run a program that has to succeed; its output. Raises InstallError with the advice."""
    outcome = ask(command, folder)
    if outcome.code != 0:
        raise InstallError(
            f"`{' '.join(command)}` failed with exit code {outcome.code}:\n"
            f"{outcome.output}\n{advice}"
        )
    return outcome.output
