"""Rows of the ledger's money as JSON: for the gateway, and for the spool.

Every amount is a whole number. What is malformed raises ValueError, which names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sallim.ledger.money_rows import Asked, Exchange, RateRow, Refused, Settlement, Tokens
from sallim.ledger.statement_rows import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    Row = TypeVar("Row", Asked, Refused, Settlement, Exchange, RateRow, Refusal)


def asked_to_wire(asked: Asked) -> dict[str, Any]:
    """Without what is not known: an older gateway takes no field that it does not know."""
    shape = {**asked._asdict(), "buckets": list(asked.buckets)}
    for name, default in Asked._field_defaults.items():
        if shape[name] == default:
            del shape[name]
    return shape


def asked_of_wire(shape: Mapping[str, Any]) -> Asked:
    buckets = shape.get("buckets") if isinstance(shape, Mapping) else None
    if not isinstance(buckets, list) or not all(isinstance(each, str) for each in buckets):
        raise ValueError("buckets: a list of names is needed")
    return row_of_wire(Asked, {**shape, "buckets": tuple(buckets)})


def refused_to_wire(refused: Refused) -> dict[str, Any]:
    """Without what is not said: an older guard takes no field that it does not know."""
    shape = refused._asdict()
    for name, default in Refused._field_defaults.items():
        if shape[name] == default:
            del shape[name]
    return shape


def settlement_to_wire(settlement: Settlement) -> dict[str, Any]:
    return {**settlement._asdict(), "tokens": settlement.tokens._asdict()}


def settlement_of_wire(shape: Mapping[str, Any]) -> Settlement:
    tokens = shape.get("tokens") if isinstance(shape, Mapping) else None
    if not isinstance(tokens, Mapping) or not set(tokens) <= set(Tokens._fields):
        raise ValueError("tokens: a table of counts is needed")
    return row_of_wire(Settlement, {**shape, "tokens": Tokens(**tokens)})


def row_of_wire(kind: type[Row], shape: Mapping[str, Any]) -> Row:
    """A row whose fields are those of the table, no more; those with a default may be missing."""
    known: set[str] = set(kind._field_defaults)
    if not isinstance(shape, Mapping) or {*known, *shape} != set(kind._fields):
        raise ValueError(f"{kind.__name__}: its fields must be {', '.join(kind._fields)}")
    return kind(**shape)
