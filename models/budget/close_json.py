"""The close of a month as JSON and back: decimals are texts, sentences keep their translation."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from models.budget.close import (
    Billed,
    BucketClose,
    Did,
    Dollars,
    Doubt,
    MonthClose,
    PerAnalysis,
    Refusals,
    Saving,
    Thing,
)
from models.csv_text import plain
from models.messages import Message


def shape_of(value: Any) -> Any:
    """Of a close, and of all that is in one.

    >>> shape_of(Thing("kind", "api", Decimal("1E+1")))
    {'by': 'kind', 'name': 'api', 'won': '10'}
    """
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, Message):
        return value.as_json()
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: shape_of(each) for name, each in value._asdict().items()}
    if isinstance(value, tuple):
        return [shape_of(each) for each in value]
    return value


def close_of(shape: Mapping[str, Any]) -> MonthClose:
    """Raises KeyError, TypeError, ValueError or ArithmeticError where it is none."""
    return MonthClose(
        month=shape["month"],
        since=shape["since"],
        until=shape["until"],
        buckets=_all(BucketClose, shape["buckets"], *BucketClose._fields[1:]),
        things=_all(Thing, shape["things"], "won"),
        billed=_all(Billed, shape["billed"], "ours_usd", "theirs_usd"),
        refused=_one(Refusals, shape["refused"], "won"),
        did=tuple(Did(**{**each, "targets": tuple(each["targets"])}) for each in shape["did"]),
        analyses=_all(PerAnalysis, shape["analyses"], "won", "each_won"),
        savings=tuple(
            Saving(each["subject"], Message.from_json(each["sentence"]), Decimal(each["won"]))
            for each in shape["savings"]
        ),
        doubts=_all(Doubt, shape["doubts"], "won"),
        doubts_more=shape["doubts_more"],
        dollars=_one(Dollars, shape["dollars"], *Dollars._fields),
    )


def _all(kind: Any, shapes: Sequence[Mapping[str, Any]], *amounts: str) -> Any:
    return tuple(_one(kind, shape, *amounts) for shape in shapes)


def _one(kind: Any, shape: Mapping[str, Any], *amounts: str) -> Any:
    """The named ones are decimals, or None."""
    told = {name: shape[name] for name in kind._fields}
    for name in amounts:
        told[name] = None if told[name] is None else Decimal(told[name])
    return kind(**told)
