"""What providers count by the minute and no guard has seen, as the agent told it of each hour.

Raises AgentSilent and QueryRefused.
"""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from data.exchange_rates import exchange_of, newest_rates
from data.rows import Answers, rows_of
from models.costs.advice.shapes import UsedOutside
from sallim.money import MICRO, NANO, gross_micro

OUTSIDE = """
SELECT source AS provider, detail FROM things
WHERE kind = 'outside' AND (detail ->> 'since')::DOUBLE >= $1 AND (detail ->> 'since')::DOUBLE < $2
ORDER BY source, id
"""


def used_outside(reader: Answers, span: tuple[float, float]) -> Sequence[UsedOutside]:
    """By provider; in won at the newest rate that its calls were reserved by."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows_of(reader.columns(OUTSIDE, list(span))):
        found.setdefault(row["provider"], []).append(json.loads(row["detail"]))
    if not found:
        return ()
    rates = newest_rates(reader)
    return tuple(_summed(provider, hours, rates) for provider, hours in found.items())


def _summed(
    provider: str, hours: Sequence[Mapping[str, Any]], rates: Mapping[str, Mapping[str, Any]]
) -> UsedOutside:
    nano = sum(each["nano_usd"] or 0 for each in hours)
    exchange = exchange_of(rates, provider)
    return UsedOutside(
        provider,
        len({each["since"] for each in hours}),
        sum(each["sent"] + each["made"] for each in hours),
        Decimal(nano) / NANO,
        Decimal(gross_micro(nano, exchange)) / MICRO,
        sum(each["nano_usd"] is None for each in hours),
    )
