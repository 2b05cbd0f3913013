"""Numbers as people read them. Pure; what has words in it comes as a message to translate."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from models.messages import Message, say

BYTES = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
MICRO = 1_000_000


def number(value: float) -> str:
    """Three digits that count.

    >>> [number(x) for x in (0, 0.04, 3.14159, 42.42, 1234.5)]
    ['0', '0.04', '3.1', '42', '1,234']
    """
    size = abs(value)
    if size >= 10 or value == 0:
        return f"{value:,.0f}"
    return f"{value:.1f}" if size >= 0.1 else f"{value:.2g}"


def percent(ratio: float) -> str:
    """Zero is told apart from nearly zero.

    >>> [percent(x) for x in (0, 0.0004, 0.0312, 0.5, 1)]
    ['0%', '<0.1%', '3.1%', '50%', '100%']
    """
    if 0 < ratio < 0.001:
        return "<0.1%"
    return f"{ratio:.1%}" if 0 < ratio < 0.0995 else f"{ratio:.0%}"


def size(size_bytes: float) -> str:
    """Binary units, since that is how machines are sold and filled.

    >>> [size(x) for x in (0, 900, 1536, 8 * 1024**3)]
    ['0 B', '900 B', '1.5 KiB', '8.0 GiB']
    """
    for unit in BYTES:
        if abs(size_bytes) < 1024 or unit == BYTES[-1]:
            break
        size_bytes /= 1024
    return f"{size_bytes:,.0f} {unit}" if unit == "B" else f"{number(size_bytes)} {unit}"


def rate(bytes_per_second: float) -> str:
    """A flow in the same units.

    >>> rate(2048)
    '2.0 KiB/s'
    """
    return f"{size(bytes_per_second)}/s"


def won(micro_won: int) -> str:
    """Whole won; below one won the first decimal, since a single call may cost that little.

    >>> won(1_234_500_000), won(400_000), won(0)
    ('₩1,235', '₩0.4', '₩0')
    """
    exact = Decimal(micro_won) / MICRO
    digits = "0.1" if 0 < abs(exact) < 1 else "1"
    return f"₩{exact.quantize(Decimal(digits), ROUND_HALF_UP):,}"


def value_of(unit: str, value: float) -> str:
    """A value by the unit of its metric (UCUM, as in `models/metrics.py`).

    >>> value_of("1", 0.25), value_of("By", 1024), value_of("Cel", 61.0), value_of("{thread}", 2)
    ('25%', '1.0 KiB', '61 °C', '2.0')
    """
    match unit:
        case "1":
            return percent(value)
        case "By":
            return size(value)
        case "By/s":
            return rate(value)
        case "Cel":
            return f"{value:.0f} °C"
        case "W" | "s":
            return f"{number(value)} {unit}"
        case _:
            return number(value)


def duration(seconds: float) -> str:
    """How long something takes, two units at most.

    >>> [duration(x) for x in (0.0042, 0.25, 12.4, 75, 3_700, 200_000)]
    ['4.2 ms', '250 ms', '12 s', '1 min 15 s', '1 h 1 min', '2 d 7 h']
    """
    if seconds < 1:
        return f"{number(seconds * 1000)} ms"
    if seconds < 60:
        return f"{number(seconds)} s"
    whole = int(seconds)
    if whole < 3_600:
        return _two(whole // 60, "min", whole % 60, "s")
    if whole < 86_400:
        return _two(whole // 3_600, "h", whole % 3_600 // 60, "min")
    return _two(whole // 86_400, "d", whole % 86_400 // 3_600, "h")


def _two(large: int, large_unit: str, small: int, small_unit: str) -> str:
    return f"{large} {large_unit} {small} {small_unit}" if small else f"{large} {large_unit}"


def age(seconds: float) -> Message:
    """How long ago, in the largest unit that is not zero.

    >>> str(age(3.4)), str(age(200)), str(age(7_300)), str(age(200_000))
    ('3 s ago', '3 min ago', '2 h ago', '2 d ago')
    """
    seconds = max(seconds, 0.0)
    if seconds < 60:
        return say("{n} s ago", n=int(seconds))
    if seconds < 3_600:
        return say("{n} min ago", n=int(seconds // 60))
    if seconds < 86_400:
        return say("{n} h ago", n=int(seconds // 3_600))
    return say("{n} d ago", n=int(seconds // 86_400))


def moment(epoch_seconds: float, zone: ZoneInfo) -> str:
    """Date and time in the reader's zone.

    >>> moment(0, ZoneInfo("Asia/Seoul"))
    '1970-01-01 09:00:00'
    """
    return f"{datetime.fromtimestamp(epoch_seconds, UTC).astimezone(zone):%Y-%m-%d %H:%M:%S}"
