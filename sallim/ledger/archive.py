"""One file a month of calls that the ledger no longer keeps, closed by its checksum.

    {"archive": "calls", "columns": ["seq", "call_id", ...], "month": "2026-08"}
    [17, "01J...", ...]
    {"rows": 1, "sha256": "..."}

The last line holds the checksum of all lines before. A file that is cut, or of which one bit is
another, is named by ArchiveDamaged and never read in part.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, timezone
from typing import IO

from sallim.ledger import calls
from sallim.ledger.errors import ArchiveDamaged, ledger_error
from sallim.ledger.money_rows import CallRow

NAME = re.compile(r"calls-\d{4}-\d{2}\.jsonl")
RIGHTS, FOLDER_RIGHTS = 0o640, 0o750
Key = tuple[str, int]


def month_of(call: CallRow) -> str:
    """In UTC, by the moment at which it was opened: "2026-08"."""
    return day_of(call.opened_us)[:7]


def day_of(moment_us: int) -> str:
    """In UTC, as providers count: "2026-08-20"; "0000-00-00" for what is no moment."""
    try:
        start = datetime(1970, 1, 1, tzinfo=timezone.utc)  # noqa: UP017 `UTC` is of 3.11
        return (start + timedelta(microseconds=moment_us)).strftime("%Y-%m-%d")
    except OverflowError:
        return "0000-00-00"


def add(folder: str, month: str, fresh: Iterable[CallRow]) -> None:
    """Write these calls into the file of that month, beside those that stand there already.

    A call that stands there is replaced. The file is there as it was or as it will be, whenever
    this is killed. Raises ArchiveDamaged for a damaged file, which is left as it is, and
    LedgerError.
    """
    path = os.path.join(folder, f"calls-{month}.jsonl")  # noqa: PTH118
    rows = {_key(call): call for call in fresh}
    part = f"{path}.part"
    try:
        os.makedirs(folder, FOLDER_RIGHTS, exist_ok=True)  # noqa: PTH103
        with open(part, "w", encoding="utf-8", opener=_private) as file:
            _write(file, month, _beside(path, rows))
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)  # noqa: PTH105
        _sync(folder)
    except OSError as error:
        raise ledger_error(path, error) from error


def read(path: str) -> Iterator[CallRow]:
    """The calls of one file. Raises ArchiveDamaged at the latest at the end, and LedgerError."""
    digest = hashlib.sha256()
    columns: list[str] = []
    count = -1
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            for line in file:
                if line.startswith(b'{"rows"'):
                    if line != end(count, digest.hexdigest()) or file.read(1):
                        raise _damaged(path, "its checksum is another")
                    return
                digest.update(line)
                count += 1
                if count:
                    yield _row(columns, json.loads(line))
                else:
                    columns = json.loads(line)["columns"]
    except (ValueError, TypeError, KeyError) as error:
        raise _damaged(path, f"line {count + 1} cannot be read") from error
    except OSError as error:
        raise ledger_error(path, error) from error
    raise _damaged(path, "its end is missing")


def read_all(folder: str) -> Iterator[CallRow]:
    """Of all months, the oldest first; nothing where there is no such folder."""
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208
    except FileNotFoundError:
        return
    except OSError as error:
        raise ledger_error(folder, error) from error
    for name in names:
        if NAME.fullmatch(name):
            yield from read(os.path.join(folder, name))  # noqa: PTH118


def _beside(path: str, fresh: dict[Key, CallRow]) -> Iterator[CallRow]:
    if os.path.exists(path):  # noqa: PTH110
        for call in read(path):
            if _key(call) not in fresh:
                yield call
    yield from fresh.values()


def _write(file: IO[str], month: str, rows: Iterable[CallRow]) -> None:
    head = {"archive": "calls", "columns": calls.COLUMNS, "month": month}
    digest = hashlib.sha256()
    count = -1
    for value in _values(head, rows):
        line = f"{json.dumps(value, ensure_ascii=False)}\n"
        digest.update(line.encode())
        file.write(line)
        count += 1
    file.write(end(count, digest.hexdigest()).decode())


def _values(head: object, rows: Iterable[CallRow]) -> Iterator[object]:
    yield head
    for call in rows:
        yield calls.flat(call)


def end(count: int, checksum: str) -> bytes:
    """The last line of a file."""
    return f'{{"rows": {count}, "sha256": "{checksum}"}}\n'.encode()


def _row(columns: list[str], values: list[object]) -> CallRow:
    """By the names of the columns: another version may have written more of them, or fewer."""
    if len(columns) != len(values):
        raise ValueError("not as many values as columns")
    told = dict(zip(columns, values))  # noqa: B905 `strict` is of 3.10
    return calls.row_of([told.get(name, _blank(name)) for name in calls.COLUMNS])


def _blank(name: str) -> object:
    return "" if name in calls.TEXTS else 0


def _key(call: CallRow) -> Key:
    return call.call_id, call.attempt


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, RIGHTS)


def _sync(folder: str) -> None:
    """So that the new name of the file outlives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _damaged(path: str, what: str) -> ArchiveDamaged:
    return ArchiveDamaged(
        f"{path}: this archive is damaged ({what}), so nothing of it is used. Put a copy from a "
        f"backup in its place, or move it away with `mv {path} {path}.damaged`: its calls are then "
        "missing where they are looked for."
    )
