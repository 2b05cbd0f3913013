"""What a dollar costs, by the newest rates that the ledger has told the store of."""

from collections.abc import Mapping
from typing import Any

from data.rows import Answers, rows_of
from sallim.ledger.money_rows import Exchange
from sallim.money import MICRO
from sallim.prices import shipped

RATES = """
SELECT provider, arg_max(won_per_usd, rate_date) AS won_per_usd,
       arg_max(vat_ppm, rate_date) AS vat_ppm, arg_max(fee_ppm, rate_date) AS fee_ppm
FROM fx_rates GROUP BY provider
"""


def newest_rates(reader: Answers) -> Mapping[str, Mapping[str, Any]]:
    """By provider; "" is for all that have none of their own. Raises AgentSilent, QueryRefused."""
    return {row["provider"]: row for row in rows_of(reader.columns(RATES, []))}


def exchange_of(rates: Mapping[str, Mapping[str, Any]], provider: str) -> Exchange:
    """That of all providers where it has none of its own, else the one that comes along."""
    row = rates.get(provider) or rates.get("")
    if row is None:
        return shipped().exchange
    micro = int(row["won_per_usd"] * MICRO)
    return shipped().exchange._replace(
        micro_won_per_usd=micro, vat_ppm=row["vat_ppm"], fee_ppm=row["fee_ppm"]
    )
