"""What a person must know once, in the log of the owner's program."""

from __future__ import annotations

told: set[str] = set()


def tell_once(kind: str, sentence: str) -> None:
    """A line in the log `sallim`, once a process for each kind.

    Not `warnings.warn`: where warnings are errors, it would end the owner's program.
    """
    if kind in told:
        return
    told.add(kind)
    import logging

    logging.getLogger("sallim").warning("sallim.guard: %s", sentence)
