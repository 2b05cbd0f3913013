"""What the close of a month is made of, out of the store; its buckets stand in the ledger.

The agent asks its own store, through `data/ops/within.py`. Everything raises what `reader` raises.
"""

# ruff: noqa: S608  Put together out of constants.

from collections.abc import Mapping
from typing import NamedTuple

from data.advice import facts
from data.analysis_costs import analysis_costs
from data.bill_answers import compared
from data.cost_sql import IN_SPAN, Span
from data.costs import spending
from data.rows import Answers, rows_of
from models.budget.close import (
    Billed,
    Dollars,
    PerAnalysis,
    Refusals,
    Saving,
    Thing,
    billed_of,
    split_gross,
)
from models.costs.advice import Advice, advise
from models.costs.advice.shapes import Market
from models.costs.periods import Period
from models.costs.shapes import NOTHING, By
from models.settings import Settings
from sallim.prices import PriceList

SAVINGS_MAX, THINGS_MAX = 3, 20
CALLS: Mapping[By, str] = {"kind": "api"}
WAYS: tuple[tuple[By, Mapping[By, str] | None], ...] = (
    ("kind", None),
    ("provider", CALLS),
    ("server", None),
    ("workflow", CALLS),
)
"""By what spending is told apart, and of which."""
DOLLARS = f"""
SELECT vat_ppm, fee_ppm, sum(usd) AS usd, sum(won) AS won FROM cost_facts
WHERE {IN_SPAN} AND is_call AND won <> 0 GROUP BY ALL ORDER BY ALL
"""
REFUSED = """
SELECT coalesce(sum(calls), 0)::BIGINT AS calls,
       coalesce(sum(calls * needed_won::DECIMAL(18,6)), 0) AS won
FROM refusals WHERE minute_at >= to_timestamp($1) AND minute_at < to_timestamp($2)
"""


class MonthFacts(NamedTuple):
    """Of a month; the buckets stand in the ledger."""

    things: tuple[Thing, ...]
    billed: tuple[Billed, ...]
    refused: Refusals
    analyses: tuple[PerAnalysis, ...]
    savings: tuple[Saving, ...]
    dollars: Dollars


def month_facts(
    reader: Answers, month: Period, settings: Settings, prices: PriceList
) -> MonthFacts:
    span = (month.since, month.until)
    [refused] = rows_of(reader.columns(REFUSED, span))
    return MonthFacts(
        _things(reader, span),
        billed_of(compared(reader, span)),
        Refusals(**refused),
        tuple(
            PerAnalysis(each.analysis, each.won, each.succeeded, each.won_a_success)
            for each in analysis_costs(reader, *span, settings.analysis)
        ),
        _savings(advice_at(reader, month.until, settings, prices)),
        _dollars(reader, span),
    )


def advice_at(reader: Answers, now: float, settings: Settings, prices: PriceList) -> list[Advice]:
    """What of the 30 days before saves something, the dearest first."""
    known = facts(reader, now, settings.house.zone, settings.rented)
    found = advise(known, Market(prices, int(now * 1_000_000)))
    return [each for each in found if each.saving_krw_month]


def _things(reader: Answers, span: Span) -> tuple[Thing, ...]:
    """By kind, and the dearest of each other way to tell them apart."""
    found = []
    for by, only in WAYS:
        lines = spending(reader, span, by, only)
        named = [Thing(by, each.name, each.won) for each in lines if each.won and each.name]
        found += named[:THINGS_MAX]
    return tuple(found)


def _dollars(reader: Answers, span: Span) -> Dollars:
    rows = rows_of(reader.columns(DOLLARS, span))
    parts = [split_gross(row["won"], row["usd"], row["vat_ppm"], row["fee_ppm"]) for row in rows]
    return Dollars(*(sum(each, NOTHING) for each in zip(*parts, strict=True)))


def _savings(found: list[Advice]) -> tuple[Saving, ...]:
    return tuple(
        Saving(subject_of(each), each.sentence, each.saving_krw_month or NOTHING)
        for each in found[:SAVINGS_MAX]
    )


def subject_of(advice: Advice) -> str:
    """Workflow and model, a machine, or a provider."""
    workflow, provider, model, machine = advice.subject
    return " ".join(name for name in (workflow, model) if name) or machine or provider
