"""The two tables that come with the package: what models can take at most, and dated prices."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sallim.ledger.money_rows import Exchange, RateRow

FOLDER = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 no pathlib here
LIMITS, SHIPPED = "limits.json", "shipped.json"


class ModelLimits(NamedTuple):
    """The most tokens that one call can send and get; what can be longer is never billed so."""

    max_input_tokens: int
    max_output_tokens: int
    source: str
    date: str


def limits_of(provider: str, model: str) -> ModelLimits | None:
    """None where they are not known: the owner says them, or the call is refused.

    A dated name (claude-haiku-4-5-20251001) has the limits of the name without its date.
    """
    from sallim.prices.finding import plain

    name = plain(model)
    for table in _limits()["tables"]:
        rows = table["limits"].get(provider, {})
        row = rows.get(name) or rows.get(undated(name))
        if row is not None:
            return ModelLimits(row[0], row[1], table["source"], table["date"])
    return None


def undated(model: str) -> str:
    """The name without the date at its end.

    >>> undated("claude-haiku-4-5-20251001"), undated("gpt-5-mini-2025-08-07")
    ('claude-haiku-4-5', 'gpt-5-mini')
    """
    import re

    return re.sub(r"[-@]20\d\d-?[01]\d-?[0-3]\d$", "", model)


class Shipped(NamedTuple):
    """In force until the agent has better ones.

    The exchange rate is not of today, so it has a margin in it, which its source names.
    """

    date: str
    rates: Sequence[RateRow]
    exchange: Exchange


@functools.lru_cache(maxsize=1)
def shipped() -> Shipped:
    """What the package brings along, as rows of the ledger.

    Kept, since each new tariff asks for it: the rows take less memory than what they are read from.
    """
    import json

    from sallim.ledger.money_rows import Exchange, RateRow

    table = _table(SHIPPED)
    price_id, source = f"shipped-{table['date']}", table["source"]
    rows = tuple(
        RateRow(provider, model, price_id, json.dumps(document), source, table["updated_us"])
        for provider, model, document in table["rates"]
    )
    return Shipped(table["date"], rows, Exchange(**table["exchange"]))


@functools.lru_cache(maxsize=1)
def _limits() -> Mapping[str, Any]:
    return _table(LIMITS)


def _table(name: str) -> Mapping[str, Any]:
    import json

    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:  # noqa: PTH118, PTH123
        table: Mapping[str, Any] = json.load(file)
    return table
