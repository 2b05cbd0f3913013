"""Numbers as people read them. Pure; what has words in it comes as a message to translate."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from models.formats import duration, number, percent
from models.messages import Message, say

__all__ = [
    "age",
    "day",
    "duration",
    "krw",
    "moment",
    "number",
    "percent",
    "rate",
    "size",
    "value_of",
    "whole_won",
    "won",
]

BYTES = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
MICRO = 1_000_000


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
    return krw(Decimal(micro_won) / MICRO)


def krw(amount: Decimal) -> str:
    """The same of a decimal in won, as the store has them.

    >>> krw(Decimal("24900.000000")), krw(Decimal("-12.5"))
    ('₩24,900', '-₩13')
    """
    return f"{'-' if amount < 0 else ''}₩{abs(whole_won(amount)):,}"


def whole_won(amount: Decimal) -> Decimal:
    """Rounded as it is shown."""
    digits = "0.1" if 0 < abs(amount) < 1 else "1"
    return amount.quantize(Decimal(digits), ROUND_HALF_UP)


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


def day(epoch_seconds: float, zone: ZoneInfo) -> str:
    """The date there.

    >>> day(0, ZoneInfo("Asia/Seoul"))
    '1970-01-01'
    """
    return moment(epoch_seconds, zone)[:10]
