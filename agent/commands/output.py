"""Where commands write what is long: a file, or the standard output."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path


def write_lines(lines: Iterable[str], out: str | None) -> None:
    """A file is there whole or not at all. Whoever stops reading a pipe has had enough.

    Raises OSError, and what the lines raise.
    """
    if out is None:
        try:
            for line in lines:
                sys.stdout.write(line)
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    path = Path(out)
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            file.writelines(lines)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
