"""A recording is never shorter than what a decoder makes of it, whatever its headers say."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallim.guard.bounding.media import seconds_of
from tests.house import wav
from tests.sallim.guard.recordings import box, flac, full, mp4, opus, vorbis

MINUTE = 60


def test_lengths_of_honest_recordings():
    assert seconds_of(wav(61.2)) == 62
    assert seconds_of(flac(645, 645 * 4_096)) == MINUTE
    assert seconds_of(mp4(2_583, MINUTE)) == MINUTE
    # The two packets of headers are counted as sound.
    assert seconds_of(opus(3_000, MINUTE * 48_000)) - MINUTE in (0, 1)
    assert seconds_of(vorbis(2_583, MINUTE * 44_100)) - MINUTE in (0, 1)


@pytest.mark.parametrize("nothing", [b"", b"RIFF", b"RIFF....WAVEfmt ", b"fLaC", b"....ftyp",
                                     b"OggS", b"ID3", b"\x1aE\xdf\xa3webm"])  # fmt: skip
def test_what_is_cut_or_of_another_kind_has_no_length(nothing):
    assert seconds_of(nothing) is None


@pytest.mark.parametrize("told", [0, 1, 44_100])
def test_a_header_of_flac_that_says_too_little_is_not_believed(told):
    assert seconds_of(flac(645, told)) == MINUTE


def test_a_header_of_flac_without_sound_tells_no_length():
    assert seconds_of(flac(0, 44_100)) is None
    assert seconds_of(flac(1, 44_100 * 7)) == 7


def test_places_that_look_like_frames_without_end_are_not_counted():
    assert seconds_of(flac(1, 9) + b"\xff\xf8" * 200_001) is None


@pytest.mark.parametrize("told", [0, 1])
def test_headers_of_mp4_that_say_too_little_are_not_believed(told):
    assert seconds_of(mp4(2_583, told)) == MINUTE
    # Shown at once, and decoded all the same.
    assert seconds_of(mp4(2_583, told, each=0)) == MINUTE
    assert seconds_of(mp4(1_500, told, each=1_764, kind=b"vide")) == MINUTE


def test_more_that_mp4_says_is_believed():
    assert seconds_of(mp4(10, MINUTE)) == MINUTE
    assert seconds_of(mp4(10, 1, each=44_100)) == 10


def test_the_rate_of_mp4_is_that_of_its_sound():
    slow = bytes((0x15, 0x88))  # AAC-LC at 8,000 Hz

    assert seconds_of(mp4(469, 1, config=slow)) == 61


@pytest.mark.parametrize(
    "recording",
    [
        mp4(10, 1, config=bytes((0xF9, 0x4A, 0x40))),
        mp4(10, 1).replace(b"mp4a", b"alac"),
        mp4(10, 1).replace(b"stsz", b"xxxx").replace(b"stts", b"yyyy"),
        mp4(10, 1)[:-1],
        mp4(10, 1) + box(b"moof", full(b"mfhd", "I", 1)),
        box(b"ftyp", b"isom") + box(b"moov", full(b"mvhd", "IIII", 0, 0, 1, 5)),
    ],
    ids=["usac", "alac", "no tables", "cut", "fragments", "no track"],
)
def test_an_mp4_of_which_nothing_is_certain_has_no_length(recording):
    assert seconds_of(recording) is None


def test_pages_of_ogg_that_say_too_little_are_not_believed():
    assert seconds_of(opus(3_000, 1)) in (60, 61)
    assert seconds_of(opus(500, 1, first=0x1B)) in (60, 61)
    assert seconds_of(opus(1, MINUTE * 48_000)) == MINUTE
    assert seconds_of(vorbis(2_583, 1)) in (60, 61)


def test_streams_of_ogg_one_after_the_other_add_up():
    minute = opus(3_000, MINUTE * 48_000)

    assert 180 <= seconds_of(minute * 3) <= 182


def test_an_ogg_with_another_stream_beside_has_no_length():
    speex = opus(3_000, 1).replace(b"OpusHead", b"Speex   ").replace(b"\7\0\0\0", b"\x08\0\0\0")

    assert seconds_of(opus(1, 9) + speex) is None
    assert seconds_of(opus(1, 9) + vorbis(1, 9)) is None
    # Nor does a stream that begins without saying so.
    hidden = speex.replace(b"OggS\0\2", b"OggS\0\0")
    assert seconds_of(opus(1, 9) + hidden) is None


def test_a_wav_is_as_long_as_a_decoder_finds_it():
    plain = wav(60)
    hurried = plain[:28] + struct.pack("<I", 4_000_000_000) + plain[32:]
    stream = plain[:40] + bytes(4) + plain[44:]
    packed = plain[:20] + struct.pack("<H", 0x55) + plain[22:]
    inside = struct.pack("<H", 0xFFFE), struct.pack("<HHIH", 22, 8, 0, 0x55)
    extended = plain[:16] + struct.pack("<I", 40) + inside[0] + plain[22:36] + inside[1] + bytes(14)

    assert seconds_of(hurried) == seconds_of(stream) == seconds_of(plain) == 60
    assert seconds_of(packed) is None
    assert seconds_of(extended + plain[36:]) is None
    assert seconds_of(plain[:12] + plain[12:36] + plain[12:]) is None


@given(st.sampled_from([flac(20, 9), mp4(20, 1), opus(20, 9), vorbis(20, 9), wav(0.01)]),
       st.integers(0, 400), st.binary(max_size=8))  # fmt: skip
def test_no_file_breaks_it(recording, at, noise):
    seconds = seconds_of(recording[:at] + noise + recording[at + len(noise) :])

    assert seconds is None or seconds > 0
