"""What NVIDIA's bit masks and error numbers mean."""

from collections.abc import Mapping

from models.messages import Message, say

THROTTLE_REASONS: dict[str, int] = {
    "sw power cap": 0x04,
    "hw slowdown": 0x08,
    "sw thermal": 0x20,
    "hw thermal": 0x40,
    "hw power brake": 0x80,
}
"""Reasons for which the clock is held back; the other bits (idle, chosen clocks) are no harm."""


def throttle_states(bits: int) -> dict[str, bool]:
    """Every reason in words, and whether it holds now.

    >>> [reason for reason, held in throttle_states(0x41).items() if held]
    ['hw thermal']
    """
    return {reason: bool(bits & bit) for reason, bit in THROTTLE_REASONS.items()}


def largest_first(usage: Mapping[str, int], count_max: int) -> dict[str, int]:
    """The `count_max` largest entries; everything smaller is summed up as "other".

    >>> largest_first({"a": 1, "b": 5, "c": 2}, 2)
    {'b': 5, 'c': 2, 'other': 1}
    """
    ranked = sorted(usage.items(), key=lambda item: (-item[1], item[0]))
    kept = dict(ranked[:count_max])
    rest = ranked[count_max:]
    return kept | {"other": sum(size for _, size in rest)} if rest else kept


def xid_meaning(code: int) -> Message:
    """What an XID of the driver says, and what helps; only the common ones have words of their own.

    >>> str(xid_meaning(79))
    'the card has fallen off the bus: check power and seat, then reboot'
    """
    return _XIDS.get(code) or say(
        "the driver reported XID {code}: look it up in NVIDIA's XID catalog", code=code
    )


_XIDS: dict[int, Message] = {
    13: say("a program made a fault in the graphics engine: usually the program, restart it"),
    31: say("a program read memory that is not its own: usually the program, restart it"),
    43: say("a program's work was stopped after a fault: restart the program"),
    45: say("work was cleared after an earlier error: look at the XID before this one"),
    48: say("memory gave an uncorrectable error: restart the programs, then reset the card"),
    61: say("the card's controller stopped: reset the card or reboot"),
    62: say("the card's controller halted: reset the card or reboot"),
    63: say("a memory row will be remapped: reset the card when its work is done"),
    64: say("a memory row could not be remapped: reset the card, replace it if this returns"),
    74: say("NVLink gave an error: reset the card, then check the bridge"),
    79: say("the card has fallen off the bus: check power and seat, then reboot"),
    92: say("many memory errors were corrected: watch the card, replace it if this goes on"),
    94: say("an uncorrectable memory error hit one program only: restart that program"),
    95: say("an uncorrectable memory error hit all programs: reset the card"),
    119: say("the card's system processor does not answer: reset the card or reboot"),
    120: say("the card's system processor failed: reset the card or reboot"),
    154: say("the card asks for recovery: reset it or reboot"),
}
