"""How long a recording is, by what a decoder goes by: WAV, FLAC, MP4/M4A/MOV and Ogg.

A length that a header merely tells may be a lie, or left from before a file was cut or put
together, and the provider charges for what it decodes. So the length is the most that the bytes
can hold: of WAV its samples, of the others their frames and packets. MP3, raw AAC and WebM are
not read; then the owner's `max_media_seconds` bounds them, else the model's maximum.
"""

from __future__ import annotations

import base64
import binascii
import struct

from sallim.guard.bounding.flac import seconds_of_flac
from sallim.guard.bounding.mp4 import seconds_of_mp4
from sallim.guard.bounding.ogg import seconds_of_ogg

SECONDS_MAX = 400_000
PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
BITS = {PCM: (8, 16, 24, 32), FLOAT: (32, 64), 6: (8,), 7: (8,)}
"""Of a sample, by kind; 6 and 7 are A-law and mu-law. Of what is packed within, no header tells
the length."""


def seconds_of(data: bytes) -> int | None:
    """Whole seconds, rounded up; None where it is not known."""
    try:
        if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
            seconds = _wav(data)
        elif data[:4] == b"fLaC":
            seconds = seconds_of_flac(data)
        elif data[4:8] == b"ftyp":
            seconds = seconds_of_mp4(data)
        elif data[:4] == b"OggS":
            seconds = seconds_of_ogg(data)
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


def _wav(data: bytes) -> int:
    """By the bytes that are there: a stream's header gives no true length.

    By its samples, too, as decoders do: they do not read what it says of the bytes a second.
    """
    at, rates = 12, []
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        if name == b"fmt ":
            rates.append(_rate(data, at + 8))
        if name == b"data":
            # Which of two descriptions holds is not certain.
            return -(-(len(data) - at - 8) // rates[0]) if len(rates) == 1 else 0
        at += 8 + size + size % 2
    return 0


def _rate(data: bytes, at: int) -> int:
    """Bytes a second; 0 where it is not known."""
    kind, channels, samples, told, block, bits = struct.unpack_from("<HHIIHH", data, at)
    if kind == EXTENSIBLE:
        kind = struct.unpack_from("<H", data, at + 24)[0]
    if bits not in BITS.get(kind, ()):
        return 0
    return int(min(told, samples * channels * bits // 8, samples * block))
