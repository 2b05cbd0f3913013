"""What somebody else changed in the ledger: rules that Sallim did not write, balances that are not
the sum of their calls. The file is written by a group, so whoever is in it can.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from models.alerts import Alert, Severity
from models.budget.words import won
from models.messages import Message, say
from models.tiers import HOUR_SECONDS
from sallim.ledger.money_rows import Budget
from sallim.ledger.statement_rows import Miscount, Row, Rules
from sallim.money import MICRO

PARTS = Rules._fields[1:]
CAP = Budget._fields.index("cap_micro")
NAMED_MAX = 10
"""Of what was changed so much is named."""


class Seal(NamedTuple):
    """What is remembered of the rules that were written: how to know them again, and the caps."""

    shape: str
    """Of the rows: a program that has other columns has no verdict on those of another."""
    parts: Mapping[str, str]
    caps: Mapping[str, int]
    last_call: int = 0
    """The highest seq that a call had."""

    def as_text(self) -> str:
        return json.dumps(self)

    @classmethod
    def from_text(cls, text: str | None) -> "Seal | None":
        """None where nothing is remembered, or was only begun."""
        return cls(*json.loads(text)) if text else None


def seal_of(rules: Rules, last_call: int) -> Seal:
    parts = {name: _hash(getattr(rules, name)) for name in PARTS}
    caps = {str(row[0]): cap for row in rules.budgets if isinstance(cap := row[CAP], int)}
    return Seal(_hash([Budget._fields, PARTS]), parts, caps, last_call)


def changes(written: Seal | None, found: Rules, last_call: int) -> list[Message]:
    """What is other than it was written; nothing where that is not known."""
    now = seal_of(found, last_call)
    if written is None or written.shape != now.shape:
        return []
    texts = [_older()] if last_call < written.last_call else []
    for name in PARTS:
        if written.parts[name] != now.parts[name]:
            texts += _of_budgets(written, found.budgets) if name == "budgets" else [_of_part(name)]
    return texts


def _older() -> Message:
    return say(
        "calls are missing that the ledger had: an older copy of it was put back, or they were "
        "taken out"
    )


def _of_part(name: str) -> Message:
    if name == "periods":
        return say("the months or days of the budgets were changed")
    if name == "quotas":
        return say("the numbers of calls that may be made were changed")
    return say("the exchange rate, VAT or fee was changed")


def _of_budgets(written: Seal, rows: Sequence[Row]) -> list[Message]:
    caps = {str(row[0]): row[CAP] for row in rows}
    texts = []
    for bucket_id in sorted(written.caps.keys() | caps.keys()):
        before, after = written.caps.get(bucket_id), caps.get(bucket_id)
        if before is None:
            texts.append(say("the budget {bucket} was put in", bucket=bucket_id[:100]))
        elif after is None:
            texts.append(say("the budget {bucket} was taken out", bucket=bucket_id))
        elif before != after:
            texts.append(_of_cap(bucket_id, before, after))
    return texts[:NAMED_MAX] or [say("how a budget refuses, warns or keeps its pace was changed")]


def _of_cap(bucket_id: str, before: int, after: object) -> Message:
    if not isinstance(after, int):
        return say("the cap of {bucket} was made something that is no number", bucket=bucket_id)
    return say(
        "the cap of {bucket} was made {after} won instead of {before}",
        bucket=bucket_id,
        after=_won(after),
        before=_won(before),
    )


def lift() -> Message:
    return say("the stop of everything, which a person had asked for, was ended")


def miscounted(found: Sequence[Miscount]) -> list[Message]:
    return [
        say(
            "the ledger counted {counted} won in {bucket}, and its calls are {calls} won",
            counted=_won(each.balance_micro),
            bucket=each.bucket_id,
            calls=_won(each.calls_micro),
        )
        for each in found[:NAMED_MAX]
    ]


def drift_alert(texts: Sequence[Message], now: float) -> Alert:
    """One an hour at most, however often it is done again. `now`: UTC epoch seconds."""
    return Alert(
        f"ledger.drift:{int(now // HOUR_SECONDS)}",
        "incident",
        Severity.CRITICAL,
        say("something other than Sallim changed the money in the ledger"),
        (*texts, _done(), _to_do()),
        "/budget",
    )


def drift_problem(texts: Sequence[Message]) -> Message:
    return say(
        "something other than Sallim changed the money in the ledger ({what}); it is as it was "
        "written again; find out which program did it",
        what=texts[0],
    )


def _done() -> Message:
    return say(
        "the rules were written anew, and what was counted too low is counted by its calls again"
    )


def _to_do() -> Message:
    return say(
        "find the program that writes the ledger by itself, unless you have put back an older "
        "copy; a program that is not trusted belongs behind the gateway, without rights to the file"
    )


def _hash(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()


def _won(micro: int) -> str:
    return won(Decimal(micro) / MICRO)
