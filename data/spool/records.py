"""Segment files of a spool: records with checksums, one after another."""

import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

HEAD = struct.Struct("<4sIIQI")
"""Kind, length of the payload, checksum of all the rest, number, count of values."""
RECORD, ACKNOWLEDGED = b"SPr1", b"SPa1"
PAYLOAD_MAX = 8_000_000


class Kept(NamedTuple):
    """A record as it waits; `run` and `seq` are given to it alone."""

    run: str
    seq: int
    values: int
    payload: bytes


class Found(NamedTuple):
    kind: bytes
    seq: int
    values: int
    payload: bytes
    end: int


@dataclass
class Segment:
    """One file. `read_from` is where the first record stands that the hub has not stored."""

    path: Path
    run: str
    size: int = 0
    last_seq: int = 0
    stored_seq: int = 0
    read_from: int = 0
    values: dict[int, int] = field(default_factory=dict)
    """Count of values of each record that is not stored, by its number."""


def append(file: int, segment: Segment, kind: bytes, kept: Kept) -> None:
    """Raises OSError, and leaves the file as it was."""
    written = 0
    data = _packed(kind, kept)
    try:
        while written < len(data):
            written += os.write(file, data[written:])
    except OSError:
        with suppress(OSError):
            os.ftruncate(file, segment.size)
        raise
    segment.size += len(data)


def append_mark(segment: Segment) -> None:
    mark = Kept(segment.run, segment.stored_seq, 0, b"")
    file = os.open(segment.path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
    try:
        append(file, segment, ACKNOWLEDGED, mark)
    finally:
        os.close(file)


def _packed(kind: bytes, kept: Kept) -> bytes:
    body = struct.pack("<QI", kept.seq, kept.values)
    checksum = zlib.crc32(kept.payload, zlib.crc32(kind + body))
    head = HEAD.pack(kind, len(kept.payload), checksum, kept.seq, kept.values)
    return head + kept.payload


def records(data: bytes, start: int = 0) -> Iterator[Found]:
    """Every record that is as it was written; what is not is passed over."""
    place = start
    while place + HEAD.size <= len(data):
        found = _record_at(data, place)
        if found is None:
            following = [data.find(kind, place + 1) for kind in (RECORD, ACKNOWLEDGED)]
            place = min((each for each in following if each >= 0), default=len(data))
        else:
            yield found
            place = found.end


def _record_at(data: bytes, place: int) -> Found | None:
    kind, length, checksum, seq, values = HEAD.unpack_from(data, place)
    end = place + HEAD.size + length
    if kind not in (RECORD, ACKNOWLEDGED) or length > PAYLOAD_MAX or end > len(data):
        return None
    payload = data[place + HEAD.size : end]
    body = struct.pack("<QI", seq, values)
    if zlib.crc32(payload, zlib.crc32(kind + body)) != checksum:
        return None
    return Found(kind, seq, values, payload, end)


def scanned(path: Path) -> Segment:
    """What a file of an earlier run holds that the hub has not stored."""
    _, run, _ = path.name.split(".")
    try:
        data = path.read_bytes()
    except OSError:
        data = b""
    segment = Segment(path, run, size=len(data))
    for found in records(data):
        if found.kind == ACKNOWLEDGED:
            segment.stored_seq = max(segment.stored_seq, found.seq)
        else:
            segment.last_seq = found.seq
            segment.values[found.seq] = found.values
    for seq in [each for each in segment.values if each <= segment.stored_seq]:
        del segment.values[seq]
    return segment


def files(folder: Path) -> list[Path]:
    """Segments in the order in which they were written."""
    return sorted(
        path
        for path in folder.glob("*.spool")
        if path.name[:8].isdecimal() and path.name.count(".") == 2
    )


def remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()


def first(memory: Iterable[Kept], count_max: int, bytes_max: int) -> list[Kept]:
    """As many as fit, and at least one where there is any."""
    found: list[Kept] = []
    size = 0
    for kept in memory:
        size += len(kept.payload)
        if found and (size > bytes_max or len(found) >= count_max):
            break
        found.append(kept)
    return found
