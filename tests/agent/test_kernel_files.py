import gc
from pathlib import Path

import pytest

from agent.kernel_files import CHUNK_BYTES, content, content_if_any, number, table


def test_a_file_is_read_to_its_end(tmp_path):
    text = "line\n" * CHUNK_BYTES
    (tmp_path / "long").write_text(text)

    assert content(str(tmp_path / "long")) == text


def test_a_file_that_comes_in_pieces_is_read_to_its_end():
    assert content("/proc/self/mountinfo").count("\n") >= 1
    assert content("/proc/self/maps").endswith("\n")


def test_what_is_not_there_is_told_or_left_out(tmp_path):
    with pytest.raises(FileNotFoundError):
        content(str(tmp_path / "nothing"))

    assert content_if_any(str(tmp_path / "nothing")) is None
    assert content_if_any(str(tmp_path)) is None


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_no_file_stays_open(tmp_path):
    # What tests before it left for the collector must not be closed in between.
    gc.collect()
    before = open_files()
    for _ in range(10):
        content_if_any("/proc/self/stat")
        content_if_any(str(tmp_path))

    assert open_files() == before


def test_bytes_that_are_no_text_do_not_matter(tmp_path):
    (tmp_path / "stat").write_bytes(b"7 (\xff) S")

    assert content(str(tmp_path / "stat")) == "7 (\N{REPLACEMENT CHARACTER}) S"


def test_a_table_skips_what_is_no_number():
    assert table("anon 4096\nlow max\n\nrate 0.5\nfile 0\n") == {"anon": 4096, "file": 0}
    assert table(None) == {}


@pytest.mark.parametrize(
    ("text", "expected"), [("4096\n", 4096), ("-1\n", -1), ("max\n", None), (None, None)]
)
def test_a_number_is_a_number_or_nothing(text, expected):
    assert number(text) == expected
