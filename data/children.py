"""Both ends of the pipe to a process of ours that does what its parent may not risk or hold.

It answers in lines of JSON on its standard output; nothing else ever stands there.
"""

import ctypes
import json
import os
import select
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).parents[1]
"""Where `python -m` finds our rooms."""
PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
CHUNK_BYTES = 65_536
LINE_BYTES_MAX = 64_000_000
"""No answer is as long: what is longer must not fill the memory of who reads."""


def live_and_die_with(parent: int) -> None:
    """Outlive the parent by nothing; leave Ctrl-C to it; leave no core of each death behind.

    The parent is the thread that started it: the kernel asks for no more.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def only_our_lines() -> TextIO:
    """Standard output as it was; what others print from now on goes to standard error."""
    ours = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return ours


def say_line(lines: TextIO, key: str, value: object, *, finite: bool = False) -> None:
    """Raises ValueError for a number that is not finite, where they have to be."""
    text = json.dumps({key: value}, separators=(",", ":"), allow_nan=not finite)
    print(text, file=lines, flush=True)


def whole_lines(descriptor: int, silence_seconds: float) -> Iterator[bytes]:
    """Whole lines, as they come; a last one that is cut off is none.

    Raises TimeoutError after a silence that is longer, ValueError for a line without an end.
    """
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    rest = bytearray()
    until = time.monotonic() + silence_seconds
    while waiting.poll(max(0.0, until - time.monotonic()) * 1_000):
        chunk = os.read(descriptor, CHUNK_BYTES)
        if not chunk:
            return
        *whole, last = chunk.split(b"\n")
        for line in whole:
            yield bytes(rest + line)
            rest.clear()
        rest += last
        if len(rest) > LINE_BYTES_MAX:
            raise ValueError(f"a line of more than {LINE_BYTES_MAX:,} bytes")
        if whole:
            # Only now: whoever was handed a line may have taken a while with it.
            until = time.monotonic() + silence_seconds
    raise TimeoutError(f"no sign of life for {silence_seconds:.0f} s")
