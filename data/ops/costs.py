"""The money's tables: calls out of the ledger, refusals, limit events, balances, exchange rates.

What all calls of one kind share (provider, model, workflow ...) is one row of `call_labels`: a
year of calls is then small, quick to bring over and quick to add up.
"""

# ruff: noqa: S608  Names of tables and columns are constants of this file.

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import compress
from typing import NamedTuple

from data.ops.records import KEPT_SECONDS, MOMENT, TEXT, Cell, Connection, replace, table_of

WHOLE = "coalesce((r ->> {})::BIGINT, 0)"
WON = "(coalesce((r ->> {})::HUGEINT, 0)::DECIMAL(38,0) * 0.000001)"
"""Of whole micro-won: a product of decimals is exact."""

REFUSALS = table_of(
    "refusals",
    ("bucket_id", "provider", "model", "minute_at"),
    "minute_at",
    bucket_id=TEXT,
    provider=TEXT,
    model=TEXT,
    minute_at=MOMENT,
    code=TEXT,
    priority=TEXT,
    calls=WHOLE,
    needed_won=WON,
    last_at=MOMENT,
    seq=WHOLE,
)
LIMIT_EVENTS = table_of(
    "limit_events",
    ("bucket_id", "start_at", "version", "kind", "threshold_ppm", "provider", "model"),
    "happened_at",
    kind=TEXT,
    bucket_id=TEXT,
    start_at=MOMENT,
    end_at=MOMENT,
    version=WHOLE,
    threshold_ppm=WHOLE,
    cap_won=WON,
    spent_won=WON,
    call_id=TEXT,
    attempt=WHOLE,
    provider=TEXT,
    model=TEXT,
    happened_at=MOMENT,
    seq=WHOLE,
)
BALANCES = table_of(
    "balances",
    ("bucket_id", "start_at"),
    "end_at",
    bucket_id=TEXT,
    start_at=MOMENT,
    end_at=MOMENT,
    cap_won=WON,
    settled_won=WON,
    open_won=WON,
    unverified_won=WON,
    version=WHOLE,
    told_at=MOMENT,
)
FX_RATES = table_of(
    "fx_rates",
    ("provider", "fx_id"),
    "fetched_at",
    provider=TEXT,
    fx_id=TEXT,
    rate_date=TEXT,
    won_per_usd=WON,
    vat_ppm=WHOLE,
    fee_ppm=WHOLE,
    source=TEXT,
    fetched_at=MOMENT,
)
TABLES = (REFUSALS, LIMIT_EVENTS, BALANCES)


class Labels(NamedTuple):
    """What many calls share; see `CallRow` of the ledger. `buckets` are their ids, a line each."""

    provider: str
    model: str
    model_billed: str
    endpoint: str
    workflow: str
    analysis: str
    key_label: str
    priority: str
    kind: str
    is_call: bool
    source: str
    host: str
    buckets: str
    price_id: str
    fx_id: str
    vat_ppm: int
    fee_ppm: int
    streamed: bool


CALL_COLUMNS = {
    "call_id": "VARCHAR",
    "attempt": "BIGINT",
    "state": "VARCHAR",
    "job_key": "VARCHAR",
    "opened_us": "BIGINT",
    "settled_us": "BIGINT",
    "nano": "BIGINT",
    "worst_nano": "BIGINT",
    "micro": "BIGINT",
    "worst_micro": "BIGINT",
    "status": "BIGINT",
    "latency_us": "BIGINT",
    "overhead_us": "BIGINT",
    "tool_calls": "VARCHAR",
    "error": "VARCHAR",
    "seq": "BIGINT",
    "input_tokens": "BIGINT",
    "cache_read_tokens": "BIGINT",
    "cache_write_5m_tokens": "BIGINT",
    "cache_write_1h_tokens": "BIGINT",
    "output_tokens": "BIGINT",
    "reasoning_tokens": "BIGINT",
    "audio_input_tokens": "BIGINT",
    "media_input_tokens": "BIGINT",
    "prompt_hash": "VARCHAR",
    "prefix_hash": "VARCHAR",
    "output_max": "BIGINT",
}
"""A call without its labels, as it comes: `*_us` are UTC epoch microseconds (settled_us is 0 until
then), `*micro` micro-won, `*nano` nano-USD.
"""
STORED = {
    "opened_us": ("opened_at", "make_timestamptz(opened_us)"),
    "settled_us": ("settled_at", "make_timestamptz(nullif(settled_us, 0))"),
    "nano": ("usd", "(nano * 0.000000001)::DECIMAL(18,9)"),
    "worst_nano": ("worst_usd", "(worst_nano * 0.000000001)::DECIMAL(18,9)"),
    "micro": ("won", "(micro * 0.000001)::DECIMAL(18,6)"),
    "worst_micro": ("worst_won", "(worst_micro * 0.000001)::DECIMAL(18,6)"),
    "prompt_hash": ("prompt_hash", "try_cast(prompt_hash AS UUID)"),
    "prefix_hash": ("prefix_hash", "try_cast(prefix_hash AS UUID)"),
}
"""What is stored otherwise than it comes: under which name, and how."""
KINDS = {"is_call": "BOOLEAN", "streamed": "BOOLEAN", "vat_ppm": "INTEGER", "fee_ppm": "INTEGER"}


def _unnested(kinds: dict[str, str]) -> str:
    """Rows out of one JSON parameter a column: a third of the time that one a row takes."""
    columns = (
        f"unnest(from_json(?::JSON, '[\"{kind}\"]')) AS {name}" for name, kind in kinds.items()
    )
    return f"(SELECT {', '.join(columns)})"


LABELS_TOLD = _unnested(
    {"place": "INTEGER", **{name: KINDS.get(name, "VARCHAR") for name in Labels._fields}}
)
CALLS_TOLD = _unnested({"labels_id": "INTEGER", **CALL_COLUMNS})
SAME_LABELS = ", ".join(Labels._fields)
ADD_LABELS = f"""
INSERT INTO call_labels
SELECT row_number() OVER (ORDER BY place)
           + greatest((SELECT coalesce(max(id), 0) FROM call_labels),
                      (SELECT coalesce(max(labels_id), 0) FROM calls)), {SAME_LABELS}
FROM {LABELS_TOLD} AS told ANTI JOIN call_labels USING ({SAME_LABELS})
"""
FIND_LABELS = f"""
SELECT place, min(id) FROM {LABELS_TOLD} AS told JOIN call_labels USING ({SAME_LABELS})
GROUP BY place
"""
REMOVE_CALLS = f"""
DELETE FROM calls USING {_unnested({"call_id": "VARCHAR", "attempt": "BIGINT"})} AS told
WHERE calls.call_id = told.call_id AND calls.attempt = told.attempt
"""
THERE = f"""
SELECT call_id, attempt FROM calls
JOIN {_unnested({"call_id": "VARCHAR", "attempt": "BIGINT"})} AS told USING (call_id, attempt)
"""
ADD_CALLS = f"""
INSERT INTO calls (labels_id, {", ".join(STORED.get(name, (name,))[0] for name in CALL_COLUMNS)})
SELECT labels_id, {", ".join(STORED.get(name, (name, name))[1] for name in CALL_COLUMNS)}
FROM {CALLS_TOLD} AS told
"""

Column = Sequence[str | int]


class Calls(NamedTuple):
    """Labels, and the columns of CALL_COLUMNS, all of one length; no call stands there twice."""

    labels: Sequence[Labels] = ()
    columns: Sequence[Column] = ()


def put_calls(connection: Connection, calls: Calls) -> None:
    """Instead of what stood there of the same calls and attempts. In a transaction."""
    if not calls.labels:
        return
    ids = _ids_of(connection, list(dict.fromkeys(calls.labels)))
    columns = [[ids[labels] for labels in calls.labels], *calls.columns]
    texts = [json.dumps(column, ensure_ascii=False) for column in columns]
    connection.execute(REMOVE_CALLS, texts[1:3])
    connection.execute(ADD_CALLS, texts)


def missing(connection: Connection, calls: Calls) -> Calls:
    """Those that do not stand there in any state."""
    if not calls.labels:
        return calls
    keys = list(zip(*calls.columns[:2], strict=True))
    texts = [json.dumps(column, ensure_ascii=False) for column in calls.columns[:2]]
    there = set(connection.execute(THERE, texts).fetchall())
    wanted = [key not in there for key in keys]
    return Calls(
        list(compress(calls.labels, wanted)),
        [list(compress(column, wanted)) for column in calls.columns],
    )


def _ids_of(connection: Connection, known: list[Labels]) -> dict[Labels, int]:
    columns = [list(range(len(known))), *zip(*known, strict=True)]
    texts = [json.dumps(column, ensure_ascii=False) for column in columns]
    found = connection.execute(FIND_LABELS, texts).fetchall()
    if len(found) < len(known):
        connection.execute(ADD_LABELS, texts)
        found = connection.execute(FIND_LABELS, texts).fetchall()
    return {known[place]: id_ for place, id_ in found}


def put_balances(connection: Connection, rows: Sequence[Sequence[Cell]], now: float) -> None:
    """All that there are at the moment, and some of before: a budget that is gone has none."""
    moment = datetime.fromtimestamp(now, UTC)
    connection.execute("DELETE FROM balances WHERE end_at > ?", [moment])
    replace(connection, BALANCES, rows)


def forget_old_costs(connection: Connection, now: float) -> None:
    """Drop what is past its time. In a transaction."""
    before = datetime.fromtimestamp(now - KEPT_SECONDS, UTC)
    connection.execute("DELETE FROM calls WHERE opened_at < ?", [before])
    for kept in TABLES:
        connection.execute(f"DELETE FROM {kept.name} WHERE {kept.aged_by} < ?", [before])
    connection.execute("DELETE FROM call_labels WHERE id NOT IN (SELECT labels_id FROM calls)")
