import csv
from zoneinfo import ZoneInfo

import numpy as np

from models.monitoring import SeriesKey
from models.traces import Trace
from pages.parts.export import HEADER, csv_of

SEOUL = ZoneInfo("Asia/Seoul")


def table(content: bytes) -> list[list[str]]:
    return list(csv.reader(content.decode("utf-8-sig").splitlines()))


def one(**labels: str) -> Trace:
    key = SeriesKey("=cmd()", "machine.cpu.utilization", tuple(labels.items()))
    at, mean = np.array([0.0]), np.array([0.25])
    return Trace(key, "1", at, mean, mean - 0.1, mean + 0.1, 10, 15)


def test_excel_is_told_that_it_is_unicode():
    assert csv_of([], SEOUL).startswith(b"\xef\xbb\xbf")


def test_a_row_has_the_moment_with_its_offset_and_the_spread():
    rows = table(csv_of([one(device="sda")], SEOUL))

    assert rows[0] == list(HEADER)
    assert rows[1][0] == "1970-01-01T09:00:00+09:00"
    assert rows[1][3:] == ["device=sda", "1", "0.25", "0.15", "0.35"]


def test_a_name_that_looks_like_a_formula_is_made_harmless():
    assert table(csv_of([one()], SEOUL))[1][1] == "'=cmd()"
