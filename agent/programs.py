"""Running a program of the owner's: bounded in time and output, with nothing of ours in it.

It gets a session of its own and the shortest environment there is: no secret of the agent's, no
standard input, `/` as its folder. At its limit the whole of its group of processes is killed.
"""

import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, NamedTuple, cast

from models.redaction import redact

OUTPUT_BYTES_MAX = 65_536
SHOWN_CHARACTERS_MAX = 300
LOOK_SECONDS = 0.05
KILL_AFTER_SECONDS = 3
"""How long a program may ignore SIGTERM."""
MARGIN_SECONDS = 2.0
KILLED = (124, -signal.SIGKILL)
"""How `timeout` ends after it ended a program."""
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "HOME": "/",
}


class Done(NamedTuple):
    """`code` None: it was killed, mostly at its limit. `output` is redacted and capped."""

    code: int | None
    output: str

    @property
    def said(self) -> str:
        """Its last words, on one line that may be shown."""
        words = " ".join("".join(c if c.isprintable() else " " for c in self.output).split())
        return words[-SHOWN_CHARACTERS_MAX:] or "no output"


def limit_of(timeout_seconds: float) -> float:
    """After this time a program that was started with this timeout runs no more, whoever died."""
    return timeout_seconds + KILL_AFTER_SECONDS + MARGIN_SECONDS


def run_program(argv: Sequence[str], timeout_seconds: float) -> Done:
    """Run it to its end. Raises OSError when it cannot be started.

    What it leaves running in the background may go on; only until its own end is waited.
    """
    with subprocess.Popen(  # noqa: S603  # the words of the settings file, no shell
        _limited(argv, timeout_seconds),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd="/",
        env=ENVIRONMENT,
        start_new_session=True,
        bufsize=0,
    ) as process:
        output, in_time = _read(process, limit_of(timeout_seconds))
        if in_time and process.returncode not in KILLED:
            return Done(process.returncode, _shown(output))
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return Done(None, _shown(output))


def _limited(argv: Sequence[str], timeout_seconds: float) -> list[str]:
    """Below `timeout`, which keeps the limit also when the agent has been killed meanwhile."""
    limiter = shutil.which("timeout", path=ENVIRONMENT["PATH"])
    if limiter is None:
        return list(argv)
    return [limiter, "-k", str(KILL_AFTER_SECONDS), f"{timeout_seconds:g}", *argv]


def _read(process: subprocess.Popen[bytes], limit_seconds: float) -> tuple[bytes, bool]:
    """What it says until it ends, and whether it ended in time. More than is kept is thrown away.

    Not until the end of the pipe: what it left in the background may hold that open for ever.
    """
    pipe = cast(IO[bytes], process.stdout)
    end = time.monotonic() + limit_seconds
    kept = bytearray()
    os.set_blocking(pipe.fileno(), False)
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while True:
            is_over = process.poll() is not None
            chunk = b""
            if selector.select(0 if is_over else LOOK_SECONDS):
                chunk = pipe.read(OUTPUT_BYTES_MAX) or b""
                kept += chunk[: OUTPUT_BYTES_MAX - len(kept)]
            if is_over and (not chunk or time.monotonic() > end):
                return bytes(kept), True
            if not is_over and time.monotonic() > end:
                return bytes(kept), False
            if not chunk and not is_over:
                # An end of the pipe that came before the program's own is ready at every look.
                time.sleep(LOOK_SECONDS / 5)


def _shown(output: bytes) -> str:
    return redact(output.decode("utf-8", errors="replace"))
