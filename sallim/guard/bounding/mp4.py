"""How long an MP4, M4A or MOV file is (ISO 14496-12), by the tables that a decoder goes by.

What `mvhd` says of the length is a remark that no decoder needs. The tables say which bytes are
which frame, and when it is shown; a frame of AAC-LC or HE-AAC is 1,024 samples long (ISO 14496-3).
Of sound that is packed otherwise, and of files in fragments, nothing is certain.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

HOLDING = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts")
FRAGMENTS = (b"moof", b"mvex")
AAC, FRAME_SAMPLES = 0x40, 1_024
OBJECTS = (2, 5, 29)
"""AAC-LC, and HE-AAC with one or two channels."""
RATES = (
    *(96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025),
    *(8_000, 7_350),
)
EXPLICIT = 15
BOXES_MAX = 10_000


class Box(NamedTuple):
    name: bytes
    data: bytes
    """What follows its version and flags, except for a sample description."""
    version: int


class Unknown(Exception):
    """Nothing is certain of such a file."""


def seconds_of_mp4(data: bytes) -> int:
    """Whole seconds, rounded up; 0 where it is not known.

    Raises struct.error, IndexError, ZeroDivisionError.
    """
    seconds, track, scale = 0, Track(), 1
    try:
        for box in _boxes(data, 0, len(data)):
            if box.name in FRAGMENTS:
                return 0
            if box.name == b"mvhd":
                scale, length = _clock(box)
                seconds = max(seconds, _up(length, scale))
            elif box.name == b"trak":
                seconds, track = max(seconds, track.seconds(scale)), Track()
            track.read(box)
        return max(seconds, track.seconds(scale)) if track.frames else 0
    except Unknown:
        return 0


class Track:
    """Of one picture or sound; `rate` is of its sound."""

    def __init__(self) -> None:
        self.scale = self.length = self.shown = self.frames = self.edited = self.rate = 0
        self.sounds = False

    def read(self, box: Box) -> None:
        if box.name == b"mdhd":
            self.scale, self.length = _clock(box)
        elif box.name == b"hdlr":
            self.sounds = self.sounds or box.data[4:8] == b"soun"
        elif box.name == b"stts":
            pairs = list(struct.iter_unpack(">II", _entries(box.data, 4, 8)))
            self.shown += sum(count * each for count, each in pairs)
            self.frames = max(self.frames, sum(count for count, _ in pairs))
        elif box.name in (b"stsz", b"stz2"):
            self.frames = max(self.frames, struct.unpack_from(">I", box.data, 4)[0])
        elif box.name == b"elst":
            each = ">Qqi" if box.version else ">Iii"
            rows = struct.iter_unpack(each, _entries(box.data, 4, struct.calcsize(each)))
            self.edited += sum(row[0] for row in rows)
        elif box.name == b"stsd":
            self.rate = _rate(box.data)

    def seconds(self, movie_scale: int) -> int:
        """Raises Unknown for sound of which a frame may be of any length."""
        if not self.frames:
            return 0
        if self.sounds and not self.rate:
            raise Unknown
        heard = _up(self.frames * FRAME_SAMPLES, self.rate) if self.sounds else 0
        shown = _up(max(self.length, self.shown), self.scale)
        return max(heard, shown, _up(self.edited, movie_scale))


def _up(amount: int, rate: int) -> int:
    return -(-amount // rate)


def _boxes(data: bytes, at: int, end: int) -> Iterator[Box]:
    """All of them, a box before what is in it."""
    waiting = [(at, end)]
    for _ in range(BOXES_MAX):
        while waiting and waiting[-1][0] + 8 > waiting[-1][1]:
            waiting.pop()
        if not waiting:
            return
        at, end = waiting.pop()
        size, name = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1:
            size, head = struct.unpack_from(">Q", data, at + 8)[0], 16
        after = at + size if size else end
        if after < at + head or after > end:
            raise Unknown
        inner = at + head
        version = data[inner] if inner < after else 0
        short = data[inner + 4 : after] if name not in (b"mdat", *HOLDING) else b""
        yield Box(name, short, version)
        waiting.append((after, end))
        if name in HOLDING:
            waiting.append((inner, after))
    raise Unknown


def _clock(box: Box) -> tuple[int, int]:
    """Steps a second, and how many steps it is said to take."""
    form, at = (">IQ", 16) if box.version else (">II", 8)
    scale, length = struct.unpack_from(form, box.data, at)
    return scale, 0 if length in (0xFFFFFFFF, (1 << 64) - 1) else length


def _entries(data: bytes, head: int, each: int) -> bytes:
    """Those that the table says it has."""
    count = struct.unpack_from(">I", data)[0]
    found = data[head : head + count * each]
    if len(found) < count * each:
        raise Unknown
    return found


def _rate(described: bytes) -> int:
    """Samples a second, the least that is said; 0 for what is no AAC, or several things."""
    count, _, name = struct.unpack_from(">II4s", described)
    if count != 1 or name != b"mp4a" or described[44:48] != b"esds":
        return 0
    told = struct.unpack_from(">H", described, 36)[0]
    kind, own = _decoder(described[52:])
    return min(told or own, own) if kind == AAC else 0


def _decoder(data: bytes) -> tuple[int, int]:
    """Kind of a codec, and its rate where it is AAC, out of its descriptors (ISO 14496-1)."""
    tag, at = _descriptor(data, 0)
    if tag != 3 or data[at + 2]:
        return 0, 0
    tag, at = _descriptor(data, at + 3)
    kind = data[at]
    inner, at = _descriptor(data, at + 13)
    if (tag, inner) != (4, 5):
        return 0, 0
    bits = int.from_bytes(data[at : at + 5].ljust(5, b"\0"), "big")
    index = bits >> 31 & 15
    rate = bits >> 7 & 0xFFFFFF if index == EXPLICIT else RATES[index]
    return (kind, rate) if bits >> 35 in OBJECTS else (0, 0)


def _descriptor(data: bytes, at: int) -> tuple[int, int]:
    """Its tag, and where what it holds begins."""
    tag = data[at]
    at += 1
    while data[at] & 0x80:
        at += 1
    return tag, at + 1
