"""Keeping the agent small: memory that only its start needed is given back.

What DuckDB would import behind its back is barred by data/lean.py.
"""

import ctypes
import re
from collections.abc import Iterator
from pathlib import Path

MADV_DONTNEED = 4
SMAPS = Path("/proc/self/smaps")
MAPPING = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \d+ *(.*)")


def give_back_memory() -> None:
    """Return freed heap, and library code that only starting needed. Harmless where it cannot.

    glibc keeps freed heap. Of DuckDB's library 32 MB are touched while it is loaded; dropped, 19 MB
    of them were back after two ticks. What is called for is read again from the file.
    """
    try:
        libc = ctypes.CDLL(None)
        libc.malloc_trim(0)
        for start, length in untouched_code(SMAPS.read_text()):
            libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(length), MADV_DONTNEED)
    except (OSError, AttributeError):
        return


def untouched_code(smaps: str) -> Iterator[tuple[int, int]]:
    """Address and length of mappings of libraries that are as their files are.

    Read-only or executable, and without one anonymous page: a page that the loader has written to
    (relocations) must never be dropped.
    """
    start = length = 0
    for line in smaps.splitlines():
        mapping = MAPPING.match(line)
        if mapping:
            low, high, rights, path = mapping.groups()
            is_code = rights in ("r-xp", "r--p") and (path.endswith(".so") or ".so." in path)
            start, length = (int(low, 16), int(high, 16) - int(low, 16)) if is_code else (0, 0)
        elif length and line.startswith("Anonymous:") and line.split()[1] == "0":
            yield start, length
