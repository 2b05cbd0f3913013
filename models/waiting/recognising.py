"""Whether a failure was a refusal of ours for want of money: read out of what the failure says.

The body of a 402 comes to us as n8n, an SDK or an exception shows it: as JSON, as Python writes a
dictionary, with its quotes escaped, cut, or as the sentence alone. So the sentence counts, and the
code where it is there.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from sallim.ledger.money_rows import BUDGET, HELD, IMPORTANT, NO_BUDGET, NO_PERIOD
from sallim.money import MICRO

MARK = "Sallim: "
"""How each of our sentences begins. Whoever looks for refusals in the store looks for it first."""
CODE = re.compile(r"""["']code["']\s*:\s*["']([a-z_]{1,40})["']""")
AMOUNT = r"(-?[0-9][0-9,]*)"
SPENT = re.compile(
    rf"Sallim: {AMOUNT} won may be needed, and {AMOUNT} are left of {AMOUNT} for "
    rf"""(\w{{1,20}}) calls in ["']([^"'\s]{{1,200}})["']"""
)
OF_A_MONTH = re.compile(r"""Sallim: the budget ["']([^"'\s]{1,200})["'] has no month""")
NOTHING_YET = "Sallim: there is no budget yet, so nothing may be spent."
ALL_HELD = "Sallim: a person stopped everything that costs money"
TOTAL = "total"
"""What counts everything: of a refusal that names no bucket."""


class RefusedFor(NamedTuple):
    """`needed_micro` 0: it does not say."""

    code: str
    bucket_id: str
    priority: str = IMPORTANT
    needed_micro: int = 0


def recognise(text: str) -> RefusedFor | None:
    """None for any other failure, such as a price that is not known: money cures none of those.

    >>> told = "Sallim: 12 won may be needed, and 3 are left of 9 for optional calls in 'api'"
    >>> recognise(told)
    RefusedFor(code='budget', bucket_id='api', priority='optional', needed_micro=12000000)
    >>> recognise("the budget is gone") is None
    True
    """
    if MARK not in text:
        return None
    plain = text.replace('\\"', '"').replace("\\'", "'")
    found = next((each for each in (read(plain) for read in READINGS) if each is not None), None)
    told = CODE.search(plain)
    if found is not None and told is not None and told[1] != found.code:
        # Quoted in a text that is about something else.
        return None
    return found


def _spent(text: str) -> RefusedFor | None:
    match = SPENT.search(text)
    if match is None:
        return None
    needed = int(match[1].replace(",", "")) * MICRO
    return RefusedFor(BUDGET, match[5], match[4], max(needed, 0))


def _no_month(text: str) -> RefusedFor | None:
    match = OF_A_MONTH.search(text)
    return None if match is None else RefusedFor(NO_PERIOD, match[1])


def _nothing_yet(text: str) -> RefusedFor | None:
    return RefusedFor(NO_BUDGET, TOTAL) if NOTHING_YET in text else None


def _held(text: str) -> RefusedFor | None:
    return RefusedFor(HELD, TOTAL) if ALL_HELD in text else None


READINGS: tuple[Callable[[str], RefusedFor | None], ...] = (_spent, _no_month, _nothing_yet, _held)
