"""Rows that the ledger answers to whoever reads it; units as in `money_rows.py`."""

from __future__ import annotations

from typing import NamedTuple


class Balance(NamedTuple):
    """A bucket in one period. Spent is settled + unverified; committed is reserved as well."""

    bucket_id: str
    start_us: int
    end_us: int
    cap_micro: int
    settled_micro: int
    reserved_micro: int
    unverified_micro: int
    version: int


Row = tuple[object, ...]
"""Of any table, with whatever a column holds."""


class Rules(NamedTuple):
    """The rules as they stand in the file, whoever wrote them; each row in the order of its fields.

    The thresholds of a budget are one text.
    """

    ledger_id: str
    budgets: list[Row]
    periods: list[Row]
    quotas: list[Row]
    exchange: list[Row]


class Miscount(NamedTuple):
    """A bucket in which something else is counted than its calls say; all that is committed.

    `is_lower`: of settled, reserved or unverified less is counted.
    """

    bucket_id: str
    balance_micro: int
    calls_micro: int
    is_lower: bool


class Refusal(NamedTuple):
    """Refused calls of one bucket, provider, model and minute; `code` and `priority` of the last.

    `needed_micro` is the worst case of the dearest of them. Every change takes a new `seq`.
    """

    seq: int
    bucket_id: str
    provider: str
    model: str
    minute_us: int
    code: str
    priority: str
    calls: int
    needed_micro: int
    last_us: int


class LimitEvent(NamedTuple):
    """A line was crossed, written in the transaction that crossed it.

    `kind` threshold: `spent_micro` has reached `threshold_ppm` of the cap; once a bucket, period,
    version and threshold. `kind` overrun: a call was settled above what was kept free for it;
    once a bucket, period, version, provider and model, and `threshold_ppm` is 0.
    `start_us` and `end_us` are those of the period. The call is the one that crossed it, "" where
    another cap did.
    """

    seq: int
    kind: str
    bucket_id: str
    start_us: int
    end_us: int
    version: int
    threshold_ppm: int
    cap_micro: int
    spent_micro: int
    call_id: str
    attempt: int
    provider: str
    model: str
    at_us: int


class DayRow(NamedTuple):
    """Calls of one UTC day that are no longer kept one by one; `day` is "2026-11-20".

    `input_tokens` and `output_tokens` are of all kinds.
    """

    day: str
    provider: str
    model: str
    workflow: str
    key_label: str
    calls: int
    errors: int
    nano_usd: int
    gross_micro: int
    input_tokens: int
    output_tokens: int
