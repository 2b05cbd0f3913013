"""Small recordings in the form that encoders write them; what their headers say may be chosen."""

import struct

FLAC_BLOCK = 4_096
AAC_CONFIG = bytes((0x12, 0x10))
"""AAC-LC, 44,100 Hz, two channels."""


def crc8(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x07) & 0xFF if crc & 0x80 else crc << 1
    return crc


def flac(frames: int, told: int, rate: int = 44_100) -> bytes:
    """Silence: constant subframes of 16 bits, one channel, in blocks of 4,096 samples."""
    info = struct.pack(">HH", FLAC_BLOCK, FLAC_BLOCK) + bytes(6)
    info += (rate << 44 | 15 << 36 | told).to_bytes(8, "big") + bytes(16)
    sound = b""
    for number in range(frames):
        head = b"\xff\xf8\xc9\x08" + chr(number).encode()
        sound += head + bytes([crc8(head)]) + bytes(3) + bytes(2)
    return b"fLaC\x80\0\0\x22" + info + sound


def ogg(packets: list[bytes], granule: int, each_page: int = 50) -> bytes:
    """One stream; all pages say the same of the time."""
    pages = [packets[:1], packets[1:2]]
    rest = packets[2:]
    pages += [rest[at : at + each_page] for at in range(0, len(rest), each_page)]
    made = b""
    for number, page in enumerate(pages):
        laced = b"".join(b"\xff" * (len(each) // 255) + bytes([len(each) % 255]) for each in page)
        head = struct.pack("<BBqIII", 0, 0 if number else 2, granule, 7, number, 0)
        made += b"OggS" + head + bytes([len(laced)]) + laced + b"".join(page)
    return made


def opus(packets: int, granule: int, first: int = 0x08) -> bytes:
    """`first` says how a packet is packed; 0x08: one frame of 20 ms."""
    head = b"OpusHead\x01\x01" + struct.pack("<HIhB", 312, 48_000, 0, 0)
    sound = [bytes([first, 3, 0, 0])] * packets
    return ogg([head, b"OpusTags" + bytes(8), *sound], granule)


def vorbis(packets: int, granule: int) -> bytes:
    """Blocks of 256 and 2,048 samples, 44,100 Hz."""
    head = b"\x01vorbis" + struct.pack("<IBIiiiBB", 0, 1, 44_100, 0, 0, 0, 0xB8, 1)
    return ogg([head, b"\x03vorbis" + bytes(8), b"\x05vorbis", *[b"\2" * 9] * packets], granule)


def box(name: bytes, *inside: bytes) -> bytes:
    data = b"".join(inside)
    return struct.pack(">I4s", 8 + len(data), name) + data


def full(name: bytes, form: str, *values: int) -> bytes:
    return box(name, bytes(4), struct.pack(">" + form, *values))


def mp4(
    frames: int, told: int, each: int = 1_024, config: bytes = AAC_CONFIG, kind: bytes = b"soun"
) -> bytes:
    """`told` are the seconds that its headers say, `each` how long a frame is shown."""
    described = described_aac(config) if kind == b"soun" else box(b"avc1", bytes(78))
    table = box(
        b"stbl",
        box(b"stsd", bytes(4), struct.pack(">I", 1), described),
        full(b"stts", "III", 1, frames, each),
        full(b"stsz", "II", 4, frames),
    )
    media = box(
        b"mdia",
        full(b"mdhd", "IIIII", 0, 0, 44_100, told * 44_100, 0),
        full(b"hdlr", "I4s", 0, kind),
        box(b"minf", table),
    )
    edits = box(b"edts", full(b"elst", "IIii", 1, told * 1_000, 0, 1 << 16))
    movie = box(
        b"moov", full(b"mvhd", "IIII", 0, 0, 1_000, told * 1_000), box(b"trak", edits, media)
    )
    return box(b"ftyp", b"M4A \0\0\0\0") + movie + box(b"mdat", bytes(4 * frames))


def described_aac(config: bytes) -> bytes:
    decoder = b"\x04" + bytes([15 + len(config)]) + b"\x40\x15" + bytes(11)
    decoder += b"\x05" + bytes([len(config)]) + config
    stream = b"\x03" + bytes([3 + len(decoder)]) + bytes(3) + decoder
    sound = bytes(6) + struct.pack(">HQHHHHHH", 1, 0, 2, 16, 0, 0, 44_100, 0)
    return box(b"mp4a", sound, box(b"esds", bytes(4), stream))
