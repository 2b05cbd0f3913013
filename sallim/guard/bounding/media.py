"""How long a recording is, by its own headers: WAV, FLAC, MP4/M4A/MOV and Ogg.

Formats: RIFF (Microsoft, 1991), FLAC (RFC 9639), ISO 14496-12 (`mvhd`), Ogg (RFC 3533, 7845).
MP3 and raw AAC say it nowhere; then the owner's `max_media_seconds` bounds it.
"""

from __future__ import annotations

import base64
import binascii
import struct

SECONDS_MAX = 400_000
OPUS_RATE = 48_000


def seconds_of(data: bytes) -> int | None:
    """Whole seconds, rounded up; None where it is not known."""
    try:
        if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
            seconds = _wav(data)
        elif data[:4] == b"fLaC":
            packed = int.from_bytes(data[18:26], "big")
            seconds = _up(packed & (1 << 36) - 1, packed >> 44)
        elif data[4:8] == b"ftyp":
            seconds = _mp4(data)
        elif data[:4] == b"OggS":
            seconds = _ogg(data)
        else:
            return None
    except (struct.error, IndexError, ZeroDivisionError):
        return None
    return seconds if 0 < seconds <= SECONDS_MAX else None


def seconds_of_base64(text: object) -> int | None:
    """Of what stands in a body."""
    if not isinstance(text, str):
        return None
    try:
        return seconds_of(base64.b64decode(text.rpartition(",")[2], validate=False))
    except (binascii.Error, ValueError):
        return None


def _up(amount: int, rate: int) -> int:
    return -(-amount // rate)


def _wav(data: bytes) -> int:
    """By the bytes that are there: a stream's header gives no true length."""
    at = 12
    rate = 0
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        if name == b"fmt ":
            rate = struct.unpack_from("<I", data, at + 16)[0]
        if name == b"data":
            return _up(len(data) - at - 8, rate)
        at += 8 + size + size % 2
    return 0


def _mp4(data: bytes) -> int:
    at = data.find(b"mvhd")
    if at < 0:
        return 0
    if data[at + 4]:
        rate, length = struct.unpack_from(">IQ", data, at + 24)
    else:
        rate, length = struct.unpack_from(">II", data, at + 16)
    return _up(length, rate)


def _ogg(data: bytes) -> int:
    last = data.rfind(b"OggS")
    granule: int = struct.unpack_from("<q", data, last + 6)[0]
    opus = data.find(b"OpusHead", 0, 200)
    if opus >= 0:
        return _up(granule, OPUS_RATE)
    vorbis = data.find(b"\x01vorbis", 0, 200)
    return _up(granule, struct.unpack_from("<I", data, vorbis + 12)[0]) if vorbis >= 0 else 0
