"""How long a FLAC file is, by its frames (RFC 9639): what the header says of it is not believed.

Each frame begins with a header that carries a checksum of its own, without which no decoder takes
it. So all places that look like one, and pass, are at least the frames that there are.
"""

from __future__ import annotations

import re

FRAME = re.compile(rb"\xff[\xf8\xf9]")
PLACES_MAX = 200_000
"""A file with more of them was made to cost time; an hour of music has 40,000."""
HEADER_BYTES_MAX = 16
RATES = (0, 88_200, 176_400, 192_000, 8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000)
RATE_KHZ, RATE_HZ, RATE_TENS, RATE_NONE = 12, 13, 14, 15
SIZE_BYTE, SIZE_WORD = 6, 7


def seconds_of_flac(data: bytes) -> int:
    """Whole seconds, rounded up; 0 where it is not known. Raises ZeroDivisionError."""
    packed = int.from_bytes(data[18:26], "big")
    told, rate = packed & (1 << 36) - 1, packed >> 44
    samples, slowest = 0, rate
    for place, match in enumerate(FRAME.finditer(data, 42)):
        if place >= PLACES_MAX:
            return 0
        head = data[match.start() : match.start() + HEADER_BYTES_MAX]
        size, own_rate = _frame(head.ljust(HEADER_BYTES_MAX, b"\0"))
        samples += size
        slowest = min(slowest, own_rate) if size and own_rate else slowest
    return -(-max(told, samples) // slowest) if samples else 0


def _frame(head: bytes) -> tuple[int, int]:
    """Samples and rate of one; (0, 0) where it is none, and rate 0 where it is that of the file."""
    size_code, rate_code = head[2] >> 4, head[2] & 15
    at = 4 + _length_of_number(head[4])
    if not size_code or rate_code == RATE_NONE or at == 4:
        return 0, 0
    wide = {SIZE_BYTE: 1, SIZE_WORD: 2}.get(size_code, 0)
    size = int.from_bytes(head[at : at + wide], "big") + 1 if wide else _block(size_code)
    at += wide
    wide = {RATE_KHZ: 1, RATE_HZ: 2, RATE_TENS: 2}.get(rate_code, 0)
    told = int.from_bytes(head[at : at + wide], "big")
    times = {RATE_KHZ: 1_000, RATE_HZ: 1, RATE_TENS: 10}.get(rate_code, 0)
    rate = told * times if wide else RATES[rate_code]
    at += wide
    return (size, rate) if _crc8(head[:at]) == head[at] else (0, 0)


def _block(code: int) -> int:
    if code == 1:
        return 192
    return 576 << code - 2 if code < SIZE_BYTE else 256 << code - 8


def _length_of_number(first: int) -> int:
    """Bytes of a number that is written like UTF-8; 0 for what is none."""
    ones = 8 - (first ^ 0xFF).bit_length()
    return 1 if not ones else ones if 2 <= ones <= 7 else 0


def _crc8(head: bytes) -> int:
    crc = 0
    for byte in head:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x07) & 0xFF if crc & 0x80 else crc << 1
    return crc
