"""What a probe tells the hub: numbered buckets of readings, as both ends write and read them.

A push is one JSON object. What comes in is foreign: everything is looked at and bounded before it
becomes a row. What cannot be read is refused with IntakeRefused, whose text says what was wrong.
"""

import itertools
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from models.errors import IntakeRefused
from models.metrics import unit_of
from models.monitoring import Aggregate, Labels, Row, SeriesKey

FORMAT = 1
"""Raised when an older hub could no longer read what a probe sends."""
BUCKETS_MAX = 60
ROWS_MAX = 5000
"""In one bucket: what a collector may have at most in the settings."""
LABELS_MAX = 16
TEXT_MAX = 300
PROBLEMS_MAX = 5
SEQ_MAX = 2**53
COUNT_MAX = 10_000
"""Samples in one bucket, a thousand a second; their sum over a day fits into the store."""
MACHINE_NAME_MAX = 64
YEAR_2200_SECONDS = 7_258_118_400


class Bucket(NamedTuple):
    """Ten seconds of a machine. `seq` grows by one from bucket to bucket of a run."""

    seq: int
    at: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Push:
    """`probe` is the spool it comes out of and `run` the process that wrote it: (run, seq) is
    given to one bucket only, ever. `dropped` counts the buckets that the spool had no room for.
    A check only asks: nothing is taken of it.
    """

    probe: str
    run: str
    machine: str
    version: str
    interval_seconds: float
    leaving: bool
    dropped: int
    problems: tuple[str, ...]
    buckets: tuple[Bucket, ...]
    is_check: bool = False


class Head(NamedTuple):
    """What a push says besides its buckets."""

    probe: str
    run: str
    machine: str
    version: str
    interval_seconds: float
    leaving: bool = False
    dropped: int = 0
    problems: tuple[str, ...] = ()
    is_check: bool = False


def is_machine_name(name: str) -> bool:
    r"""Whether it can be a label and a heading.

    >>> is_machine_name("gpu-1 🚀"), is_machine_name(" x"), is_machine_name("a\nb")
    (True, False, False)
    """
    return (
        bool(name) and name == name.strip() and name.isprintable() and len(name) <= MACHINE_NAME_MAX
    )


def text_of_rows(rows: Iterable[Row]) -> str:
    """The rows of one bucket as JSON. A row of one value needs only that value."""
    return json.dumps([_shape(row) for row in rows], separators=(",", ":"))


def _shape(row: Row) -> list[object]:
    key, (mean, low, high, n) = row.series, row.value
    labels = dict(key.labels)
    single = n == 1 and low == mean == high
    return [key.name, labels, mean] if single else [key.name, labels, mean, low, high, n]


def text_of_push(head: Head, buckets: Iterable[tuple[int, int, str]]) -> str:
    """The body of a push, out of the number, the moment and the rows (as text) of each bucket.

    >>> text_of_push(Head("p", "r", "vps", "1", 10.0), [(1, 20, "[]")])[-23:]
    ',"buckets":[[1,20,[]]]}'
    """
    told = {
        "format": FORMAT,
        "probe": head.probe,
        "run": head.run,
        "machine": head.machine,
        "version": head.version,
        "interval_seconds": head.interval_seconds,
        "leaving": head.leaving,
        "dropped": head.dropped,
        "problems": list(head.problems),
        "check": head.is_check,
    }
    text = ",".join(f"[{seq},{at},{rows}]" for seq, at, rows in buckets)
    return json.dumps(told, separators=(",", ":"))[:-1] + f',"buckets":[{text}]}}'


def push_of(shape: object) -> Push:
    """Read a push that came in. Raises IntakeRefused."""
    told = _object(shape, "a push")
    if told.get("format") != FORMAT:
        raise IntakeRefused(f"it speaks format {FORMAT}, not {_short(told.get('format'))}", 426)
    machine = _text(told, "machine")
    if not is_machine_name(machine):
        raise IntakeRefused(
            "machine must be 1 to 64 printable characters without spaces around them"
        )
    buckets = tuple(_bucket(each, machine) for each in _list(told, "buckets", BUCKETS_MAX))
    if any(late.seq <= early.seq for early, late in itertools.pairwise(buckets)):
        raise IntakeRefused("the numbers of the buckets must grow")
    return Push(
        probe=_id(told, "probe"),
        run=_id(told, "run"),
        machine=machine,
        version=_text(told, "version"),
        interval_seconds=_number(told.get("interval_seconds"), 1.0, 3600.0),
        leaving=told.get("leaving") is True,
        dropped=_whole(told.get("dropped"), 0, SEQ_MAX),
        problems=tuple(
            _sound(str(each)[:TEXT_MAX]) for each in _list(told, "problems", PROBLEMS_MAX)
        ),
        buckets=buckets,
        is_check=told.get("check") is True,
    )


def _bucket(shape: object, machine: str) -> Bucket:
    if not isinstance(shape, list) or len(shape) != 3 or not isinstance(shape[2], list):
        raise IntakeRefused(f"a bucket is [number, moment, rows], not {_short(shape)}")
    if len(shape[2]) > ROWS_MAX:
        raise IntakeRefused(f"a bucket holds at most {ROWS_MAX} rows")
    seq = _whole(shape[0], 1, SEQ_MAX)
    at = _whole(shape[1], 0, YEAR_2200_SECONDS)
    return Bucket(seq, at, tuple(_row(each, machine, at) for each in shape[2]))


def _row(shape: object, machine: str, at: int) -> Row:
    if not isinstance(shape, list) or len(shape) not in (3, 6) or not isinstance(shape[0], str):
        raise IntakeRefused(f"a row is [name, labels, mean, min, max, n], not {_short(shape)}")
    name, labels = shape[0], _labels(shape[1])
    if not 0 < len(name) <= TEXT_MAX or not name.isprintable():
        raise IntakeRefused(f"{_short(name)} is no name of a metric")
    numbers = shape[2:5] if len(shape) == 6 else [shape[2]] * 3
    mean, low, high = (_number(each, -math.inf, math.inf) for each in numbers)
    n = _whole(shape[5], 1, COUNT_MAX) if len(shape) == 6 else 1
    return Row(SeriesKey(machine, name, labels), unit_of(name), at, Aggregate(mean, low, high, n))


def _labels(shape: object) -> Labels:
    labels = _object(shape, "labels")
    if len(labels) > LABELS_MAX:
        raise IntakeRefused(f"a series has at most {LABELS_MAX} labels")
    for name, value in labels.items():
        if not isinstance(value, str) or len(value) > TEXT_MAX or len(name) > TEXT_MAX:
            raise IntakeRefused(f"{_short(name)} is no label with a short text")
    return tuple(sorted((_sound(name), _sound(value)) for name, value in labels.items()))


def _object(shape: object, what: str) -> Mapping[str, Any]:
    if not isinstance(shape, dict):
        raise IntakeRefused(f"{what} must be a JSON object, not {_short(shape)}")
    return shape


def _list(told: Mapping[str, Any], name: str, most: int) -> list[object]:
    value = told.get(name)
    if not isinstance(value, list) or len(value) > most:
        raise IntakeRefused(f"{name} must be a list of at most {most}")
    return value


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str) or len(value) > TEXT_MAX:
        raise IntakeRefused(f"{name} must be a text of at most {TEXT_MAX} characters")
    return _sound(value)


def _sound(text: str) -> str:
    r"""JSON can spell half a character, which no answer and no database can hold.

    >>> _sound("gpu \ud800")
    'gpu ?'
    """
    return text.encode("utf-8", "replace").decode()


def _id(told: Mapping[str, Any], name: str) -> str:
    value = _text(told, name)
    if not (value.isascii() and value.replace("-", "").isalnum() and len(value) <= 40):
        raise IntakeRefused(f"{name} must be 1 to 40 letters, digits and dashes")
    return value


def _number(value: object, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise IntakeRefused(f"{_short(value)} is no number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number) or not low <= number <= high:
        raise IntakeRefused(f"{_short(value)} is no number that can be stored")
    return number


def _whole(value: object, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise IntakeRefused(f"{_short(value)} is no whole number from {low} to {high}")
    return value


def _short(value: object) -> str:
    """What came, as far as it helps to find it."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 10**15:
        return "a very long number"
    return repr(value)[:60] if isinstance(value, str | int | float) else f"a {type(value).__name__}"
