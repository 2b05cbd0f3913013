"""Every call of a span, one after the other, however many there are: for exports.

Both raise AgentSilent and QueryRefused.
"""

from collections.abc import Iterator
from typing import Any

from data.cost_sql import LINE, Span
from data.rows import Answers, rows_of
from models.costs.shapes import CallLine
from models.focus import Charge
from sallim.ledger.money_rows import Tokens

ROWS_A_PAGE = 5_000
# DECIMAL(18) has no room for the product of anything above a dollar and a whole number.
CHARGE = """
call_id, attempt, provider, model, endpoint, kind, state, source, workflow, analysis, job_key,
key_label AS key, priority, epoch_us(opened_at) AS opened_us, input_tokens, cache_read_tokens,
cache_write_5m_tokens, cache_write_1h_tokens, output_tokens, reasoning_tokens, audio_input_tokens,
media_input_tokens, tool_calls, (usd::DECIMAL(38,9) * 1000000000)::BIGINT AS nano,
(won::DECIMAL(38,6) * 1000000)::BIGINT AS micro, vat_ppm, fee_ppm, price_id, fx_id
"""
PAGE = """
SELECT {columns}, epoch_us(opened_at) AS page_us FROM cost_facts
WHERE opened_at >= to_timestamp($1) AND opened_at < to_timestamp($2)
  AND (epoch_us(opened_at), call_id, attempt) > ($3::BIGINT, $4, $5::INTEGER)
ORDER BY opened_at, call_id, attempt LIMIT {rows}
"""
RATES = """
SELECT fx_id, any_value(won_per_usd) AS won_per_usd, any_value(rate_date) AS rate_date
FROM fx_rates GROUP BY fx_id
"""


def charges(reader: Answers, span: Span) -> Iterator[Charge]:
    """What is settled or unverified, the oldest first."""
    rates = {row["fx_id"]: row for row in rows_of(reader.columns(RATES))}
    for row in _rows(reader, span, CHARGE):
        if row["state"] not in ("settled", "unverified"):
            continue
        rate = rates.get(row["fx_id"], {})
        tokens = Tokens(*(row.pop(f"{name}_tokens") for name in Tokens._fields))
        yield Charge(
            **row,
            tokens=tokens,
            fx_rate=rate.get("won_per_usd"),
            fx_date=rate.get("rate_date"),
        )


def all_calls(reader: Answers, span: Span) -> Iterator[CallLine]:
    """In whatever state, the oldest first."""
    return (CallLine(**row) for row in _rows(reader, span, LINE))


def _rows(reader: Answers, span: Span, columns: str) -> Iterator[dict[str, Any]]:
    """Page by page, each from where the one before ended."""
    sql = PAGE.format(columns=columns, rows=ROWS_A_PAGE)
    place: tuple[int, str, int] = (-(2**62), "", 0)
    while True:
        page = rows_of(reader.columns(sql, [*span, *place]))
        for row in page:
            place = (row.pop("page_us"), row["call_id"], row["attempt"])
            yield row
        if len(page) < ROWS_A_PAGE:
            return
