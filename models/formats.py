"""Numbers as people read them. Those with words in them come as messages to translate."""

from models.messages import Message, say


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


def duration(seconds: float) -> Message:
    """How long something takes, two units at most.

    >>> [str(duration(x)) for x in (0.0042, 0.25, 12.4, 75, 3_700, 200_000)]
    ['4.2 ms', '250 ms', '12 s', '1 min 15 s', '1 h 1 min', '2 d 7 h']
    """
    if seconds < 1:
        return say("{n} ms", n=number(seconds * 1000))
    if seconds < 60:
        return say("{n} s", n=number(seconds))
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return say("{n} min {m} s", n=minutes, m=rest) if rest else say("{n} min", n=minutes)
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return say("{n} h {m} min", n=hours, m=rest) if rest else say("{n} h", n=hours)
    days, rest = divmod(hours, 24)
    return say("{n} d {m} h", n=days, m=rest) if rest else say("{n} d", n=days)
