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
WAV_PLAIN = (1, 3, 6, 7, 0xFFFE)
"""PCM, float, A-law, mu-law, and those of them with a longer header."""
OGG_BEGINS = 2


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
    """By the bytes that are there: a stream's header gives no true length.

    By its samples, too, as decoders do: they do not read what it says of the bytes a second.
    """
    at = 12
    rate = 0
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        if name == b"fmt ":
            kind, channels, samples, told, _, bits = struct.unpack_from("<HHIIHH", data, at + 8)
            # Of what is compressed within, no header tells the length.
            rate = min(told, samples * channels * -(-bits // 8)) if kind in WAV_PLAIN else 0
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


def _granules(data: bytes) -> int:
    """Of all streams that follow one another, each counted by its highest."""
    ended, most, at = 0, 0, data.find(b"OggS")
    while at >= 0:
        kind, granule = struct.unpack_from("<Bq", data, at + 5)
        if kind & OGG_BEGINS:
            ended, most = ended + most, 0
        most = max(most, granule)
        at = data.find(b"OggS", at + 4)
    return ended + most


def _ogg(data: bytes) -> int:
    granule = _granules(data)
    opus = data.find(b"OpusHead", 0, 200)
    if opus >= 0:
        return _up(granule, OPUS_RATE)
    vorbis = data.find(b"\x01vorbis", 0, 200)
    return _up(granule, struct.unpack_from("<I", data, vorbis + 12)[0]) if vorbis >= 0 else 0
