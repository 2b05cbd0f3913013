"""How long an Ogg file is (RFC 3533), by its packets: Opus (RFC 6716) and Vorbis I.

A page says up to where in time it goes, and may say anything. A decoder goes by the packets, each
of which says its own length (Opus), or has at most a long block (Vorbis).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

BEGINS = 2
FULL = 255
"""A segment of so many bytes goes on in the next one."""
OPUS, VORBIS = b"OpusHead", b"\x01vorbis"
OPUS_RATE = 48_000
PACKET_MAX = 5_760
"""Samples of the longest packet of Opus, 120 ms."""
LENGTHS = (*(480, 960, 1_920, 2_880) * 3, *(480, 960) * 2, *(120, 240, 480, 960) * 4)
"""Samples of one frame in each of its ways to pack."""


class Page(NamedTuple):
    kind: int
    granule: int
    serial: int
    segments: bytes
    at: int
    """Where its data begins."""


def seconds_of_ogg(data: bytes) -> int:
    """Whole seconds, rounded up; 0 where it is not known. Raises struct.error, IndexError."""
    streams: set[int] = set()
    codecs: set[bytes] = set()
    packets = opus = 0
    for page in _pages(data):
        if page.kind & BEGINS or page.serial not in streams:
            streams.add(page.serial)
            codec = next((each for each in (OPUS, VORBIS) if data.startswith(each, page.at)), b"")
            codecs.add(codec)
        packets += len(page.segments) - page.segments.count(FULL)
        if VORBIS not in codecs:
            opus += _opus(data, page)
    if codecs == {OPUS}:
        return -(-max(opus, _granules(data)) // OPUS_RATE)
    if codecs == {VORBIS}:
        block, rate = _vorbis(data)
        return -(-max(packets * block // 2, _granules(data)) // rate)
    return 0


def _pages(data: bytes) -> Iterator[Page]:
    """Whatever looks like one, whether its checksum fits or not: rather too many."""
    at = data.find(b"OggS")
    while 0 <= at <= len(data) - 27:
        kind, granule, serial = struct.unpack_from("<BqI", data, at + 5)
        count = data[at + 26]
        segments = data[at + 27 : at + 27 + count]
        yield Page(kind, granule, serial, segments, at + 27 + count)
        at = data.find(b"OggS", at + 4)


def _granules(data: bytes) -> int:
    """Of all streams that follow one another, each counted by its highest."""
    ended = most = 0
    for page in _pages(data):
        if page.kind & BEGINS:
            ended, most = ended + most, 0
        most = max(most, page.granule)
    return ended + most


def _opus(data: bytes, page: Page) -> int:
    """Samples of the packets that begin on a page, at 48 kHz; those of headers count as well."""
    samples, at, begins = 0, page.at, True
    for size in page.segments:
        if begins and size and at < len(data):
            samples += _packet(data[at], data[at + 1] if at + 1 < len(data) else FULL)
        at += size
        begins = size < FULL
    return samples


def _packet(first: int, second: int) -> int:
    frames = (1, 2, 2, second & 0x3F)[first & 3]
    return min(LENGTHS[first >> 3] * frames, PACKET_MAX)


def _vorbis(data: bytes) -> tuple[int, int]:
    """Samples of its longest block, and its lowest rate."""
    block, rate, at = 0, 0, data.find(VORBIS)
    while 0 <= at <= len(data) - 29:
        own = struct.unpack_from("<I", data, at + 12)[0]
        rate = min(rate or own, own)
        block = max(block, 1 << (data[at + 28] >> 4), 1 << (data[at + 28] & 15))
        at = data.find(VORBIS, at + 7)
    return block, rate
