"""What a person must know once, in the log of the owner's program."""

from __future__ import annotations

KINDS_MAX = 1_000
"""Names of models come from callers, and a loop must not fill the log."""

told: set[str] = set()


def tell_once(kind: str, sentence: str) -> None:
    """A line in the log `sallim`, once a process for each kind.

    One line, whatever a caller put into it. Not `warnings.warn`: where warnings are errors, it
    would end the owner's program.
    """
    if kind in told or len(told) >= KINDS_MAX:
        return
    told.add(kind)
    import logging

    logging.getLogger("sallim").warning("sallim.guard: %s", one_line(sentence))


def one_line(text: str) -> str:
    r"""What would begin another line, or move the cursor, as it is written in Python.

    >>> one_line("gpt\n2026 ERROR")
    'gpt\\n2026 ERROR'
    """
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)
