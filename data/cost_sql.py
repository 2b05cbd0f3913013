"""The statements of data/costs.py. $1 and $2 are a span in UTC epoch seconds, the end not in it."""

# ruff: noqa: S608  Put together out of constants.

from zoneinfo import ZoneInfo

from models.costs.periods import DAY_SECONDS, Unit, shifts
from models.costs.shapes import By

Span = tuple[float, float]

COLUMNS: dict[By, str] = {
    "provider": "provider",
    "model": "model",
    "workflow": "workflow",
    "analysis": "analysis",
    # "server:gpu" is the server gpu; an opening or a correction among the servers has no name.
    "server": "CASE WHEN kind <> 'api' THEN regexp_extract(endpoint, '^[^:]*:?(.*)$', 1) END",
    "key": "key_label",
    "kind": "kind",
    "priority": "priority",
    "host": "host",
    "source": "source",
}
IN_SPAN = "opened_at >= to_timestamp($1) AND opened_at < to_timestamp($2)"
INPUT = """
input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens
    + audio_input_tokens + media_input_tokens
"""
OUTPUT = "output_tokens + reasoning_tokens"
# Sums by labels first: adding up by a small number is a quarter of the work. How long calls took
# cannot be put together out of parts, so it is asked for beside.
SPENDING = f"""
WITH sums AS MATERIALIZED (
    SELECT labels_id, state, status >= 400 AS failed, count(*) AS n, sum(won) AS won,
           sum(usd) AS usd, sum(worst_won) AS worst_won, sum({INPUT}) AS input_tokens,
           sum(cache_read_tokens) AS cached_tokens, sum({OUTPUT}) AS output_tokens
    FROM calls WHERE {IN_SPAN} GROUP BY ALL),
told AS (
    SELECT {{provider}} AS provider, {{name}} AS name, sum(won) AS won, sum(usd) AS usd,
           coalesce(sum(won) FILTER (state = 'unverified'), 0) AS unverified_won,
           coalesce(sum(worst_won) FILTER (state = 'open'), 0) AS open_won,
           coalesce(sum(n) FILTER (coalesce(is_call, true)), 0)::BIGINT AS calls,
           coalesce(sum(n) FILTER (coalesce(is_call, true) AND (failed OR state = 'released')),
                    0)::BIGINT AS errors,
           sum(input_tokens)::BIGINT AS input_tokens, sum(cached_tokens)::BIGINT AS cached_tokens,
           sum(output_tokens)::BIGINT AS output_tokens
    FROM sums LEFT JOIN call_labels ON id = labels_id WHERE {{only}} GROUP BY 1, 2),
times AS (
    SELECT {{provider}} AS provider, {{name}} AS name,
           quantile_cont(latency_us, 0.5) / 1e6 AS latency_p50_seconds,
           quantile_cont(latency_us, 0.95) / 1e6 AS latency_p95_seconds
    FROM calls LEFT JOIN call_labels ON id = labels_id
    WHERE {IN_SPAN} AND state = 'settled' AND status < 400 AND latency_us > 0
      AND coalesce(is_call, true) AND {{only}}
    GROUP BY 1, 2)
SELECT told.*, latency_p50_seconds, latency_p95_seconds
FROM told LEFT JOIN times USING (provider, name) ORDER BY won DESC, provider, name
"""
LINE = f"""
epoch_us(opened_at) / 1e6 AS opened_at, call_id, attempt, provider, model, model_billed, endpoint,
workflow, analysis, job_key, key_label AS key, priority, kind, state, source, won, usd, worst_won,
{INPUT} AS input_tokens, cache_read_tokens AS cached_tokens, {OUTPUT} AS output_tokens, status,
CASE WHEN latency_us > 0 THEN latency_us / 1e6 END AS latency_seconds, error
"""
IS_PATH = "regexp_matches(model, '^(/|https?://)')"
"""What a refused call has in the place of a model that it did not name."""
REFUSED = """
SELECT provider, {name} AS name, sum(calls)::BIGINT AS refused FROM refusals
WHERE minute_at >= to_timestamp($1) AND minute_at < to_timestamp($2) AND {named}
GROUP BY ALL ORDER BY ALL
"""
REFUSED_LINES = f"""
SELECT bucket_id, provider, CASE WHEN {IS_PATH} THEN '' ELSE model END AS model,
       CASE WHEN {IS_PATH} THEN model ELSE '' END AS path,
       code, sum(calls)::BIGINT AS calls,
       max(needed_won) AS needed_won, epoch(max(last_at)) AS last_at
FROM refusals WHERE minute_at >= to_timestamp($1) AND minute_at < to_timestamp($2)
GROUP BY bucket_id, provider, model, path, code
ORDER BY last_at DESC, bucket_id, provider, model, path, code LIMIT $3
"""
HEADROOM = f"""
SELECT provider, model, count(*) AS calls, sum(worst_won) AS reserved_won, sum(won) AS used_won
FROM cost_facts WHERE {IN_SPAN} AND is_call AND state = 'settled' AND worst_won > 0
GROUP BY ALL ORDER BY reserved_won DESC, provider, model
"""
BUCKETS = """
SELECT bucket_id, epoch(start_at) AS start, epoch(end_at) AS end, cap_won, settled_won,
       unverified_won, open_won, version, epoch(told_at) AS told_at
FROM balances WHERE start_at <= to_timestamp($1) AND end_at > to_timestamp($1) ORDER BY bucket_id
"""
BUCKET_DAYS = f"""
WITH days AS (
    SELECT labels_id, {{day}} AS day, sum(won) AS won,
           coalesce(sum(won) FILTER (state = 'unverified'), 0) AS unverified
    FROM calls WHERE {IN_SPAN} GROUP BY ALL)
SELECT day, sum(won) AS won, sum(unverified) AS unverified,
       coalesce(sum(won) FILTER (is_call), 0) AS varying
FROM days JOIN call_labels ON id = labels_id
WHERE list_contains(string_split(buckets, chr(10)), $3) GROUP BY day ORDER BY day
"""
OVER_TIME = f"""
WITH days AS (
    SELECT labels_id, {{day}} AS day, sum(won) AS won, count(*) AS n
    FROM calls WHERE {IN_SPAN} GROUP BY ALL)
SELECT ({{first_day}})::BIGINT AS first_day, {{name}} AS name, sum(won) AS won,
       coalesce(sum(n) FILTER (coalesce(is_call, true)), 0)::BIGINT AS calls
FROM days LEFT JOIN call_labels ON id = labels_id WHERE {{only}}
GROUP BY ALL ORDER BY first_day, name
"""
FIRST_DAYS: dict[Unit, str] = {
    "day": "day",
    "week": "day - (day + 3) % 7",
    "month": "date_trunc('month', DATE '1970-01-01' + day)::DATE - DATE '1970-01-01'",
    "year": "date_trunc('year', DATE '1970-01-01' + day)::DATE - DATE '1970-01-01'",
}


def local_day(span: Span, zone: ZoneInfo) -> str:
    """SQL of the number of the local day."""
    return f"({local_us(span, zone)} // {DAY_SECONDS * 1_000_000})::INTEGER"


def local_us(span: Span, zone: ZoneInfo) -> str:
    """SQL of when a call was opened by the clock on the wall, in microseconds since 1970.

    The zone's rules are Python's, not DuckDB's.
    """
    known = shifts(*span, zone)
    offset = str(known[0].offset_seconds * 1_000_000)
    for shift in known[1:]:
        offset = (
            f"CASE WHEN epoch_us(opened_at) < {shift.since * 1_000_000} THEN {offset} "
            f"ELSE {shift.offset_seconds * 1_000_000} END"
        )
    return f"(epoch_us(opened_at) + {offset})"
