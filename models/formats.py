"""Numbers as people read them, the same in every language."""


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
