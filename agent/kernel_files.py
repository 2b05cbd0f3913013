"""Small files of the kernel (/proc, /sys), read whole and read anew each time."""

import os

CHUNK_BYTES = 65_536


def content(path: str) -> str:
    """The whole file. Raises OSError, as `open` does; bytes that are no UTF-8 are replaced."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        data = os.read(fd, CHUNK_BYTES)
        # Files of records come a page at a time, so a short read is not the end.
        while data and (more := os.read(fd, CHUNK_BYTES)):
            data += more
    finally:
        os.close(fd)
    return data.decode(errors="replace")


def content_if_any(path: str) -> str | None:
    """None where the file is not there or may not be read: a kernel without this feature."""
    try:
        return content(path)
    except OSError:
        return None


def table(text: str | None) -> dict[str, int]:
    r"""Lines of "key value" as `memory.stat` and `cpu.stat` have them; other lines are skipped.

    >>> table("anon 4096\nfile 0\n")
    {'anon': 4096, 'file': 0}
    """
    numbers = {}
    for line in (text or "").splitlines():
        key, _, value = line.partition(" ")
        if value.isdecimal():
            numbers[key] = int(value)
    return numbers


def number(text: str | None) -> int | None:
    r"""The only number of a file; None where the file says anything else.

    >>> number("4096\n"), number("max\n"), number("-1\n"), number(None)
    (4096, None, -1, None)
    """
    try:
        return int(text or "")
    except ValueError:
        return None
