"""The statements of data/advice.py. $1 and $2 are a span in UTC epoch seconds, the end not in it.

What is added up is added up by labels first, as in data/cost_sql.py.
"""

# ruff: noqa: S608  Put together out of constants.

from data.cost_sql import IN_SPAN, INPUT
from sallim.ledger.money_rows import Tokens

NAMES = "workflow, provider, model"
ANSWERED = f"{IN_SPAN} AND state = 'settled' AND status < 400"
COUNTED = "is_call AND source IN ('usage', 'provider_cost')"
TOKEN_SUMS = ", ".join(f"sum({name}_tokens) AS {name}" for name in Tokens._fields)
TOKENS_TOLD = ", ".join(f"sum({name})::BIGINT AS {name}" for name in Tokens._fields)
NIGHT_HOURS = 6
HOUR_US = 3_600_000_000
CACHED_US = 300_000_000
"""So long a provider keeps a beginning at least. Whole numbers: what DuckDB takes of one moment
from another with its zone is seven times as slow."""
SEEN = f"""
SELECT epoch(min(opened_at)) AS since, count(*) AS calls
FROM calls JOIN call_labels ON id = labels_id WHERE {IN_SPAN} AND is_call
"""
USES = f"""
WITH sums AS MATERIALIZED (
    SELECT labels_id, {{local_us}} % {24 * HOUR_US} < {NIGHT_HOURS * HOUR_US} AS is_night,
           count(*) AS n, sum(won) AS won, sum(usd) AS usd, {TOKEN_SUMS}
    FROM calls WHERE {ANSWERED} GROUP BY ALL),
of_n8n AS (SELECT name FROM things WHERE kind = 'workflow'
           UNION SELECT id FROM things WHERE kind = 'workflow')
SELECT {NAMES},
       NOT streamed AND (priority = 'optional'
                         OR (is_night AND workflow IN (SELECT name FROM of_n8n))) AS is_patient,
       sum(n)::BIGINT AS calls, sum(won) AS won, sum(usd) AS usd, {TOKENS_TOLD}
FROM sums JOIN call_labels ON id = labels_id WHERE {COUNTED}
GROUP BY ALL HAVING sum(won) > 0 ORDER BY ALL
"""
REPEATS = f"""
WITH asked AS (
    SELECT labels_id, won,
           epoch_us(opened_at) - lag(epoch_us(opened_at)) OVER (
               PARTITION BY prompt_hash ORDER BY opened_at, seq) < {24 * HOUR_US} AS repeats
    FROM calls WHERE {ANSWERED} AND prompt_hash IS NOT NULL),
sums AS (
    SELECT labels_id, count(*) AS n, count(*) FILTER (repeats) AS repeated,
           coalesce(sum(won) FILTER (repeats), 0) AS repeated_won
    FROM asked GROUP BY labels_id)
SELECT {NAMES}, sum(n)::BIGINT AS calls, sum(repeated)::BIGINT AS repeated,
       sum(repeated_won) AS repeated_won
FROM sums JOIN call_labels ON id = labels_id WHERE is_call
GROUP BY ALL HAVING sum(repeated_won) > 0 ORDER BY ALL
"""
BEGINNINGS = f"""
WITH begun AS (
    SELECT labels_id, won, usd, {INPUT} AS input_tokens,
           cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens = 0 AS uncached,
           coalesce(epoch_us(opened_at) - lag(epoch_us(opened_at)) OVER alike < {CACHED_US}, false)
               AS follows,
           coalesce(lead(epoch_us(opened_at)) OVER alike - epoch_us(opened_at) < {CACHED_US}, false)
               AS leads
    FROM calls WHERE {ANSWERED} AND prefix_hash IS NOT NULL
    WINDOW alike AS (PARTITION BY prefix_hash ORDER BY opened_at, seq)),
sums AS (
    SELECT labels_id, count(*) AS n, count(*) FILTER (uncached AND follows) AS reads,
           count(*) FILTER (uncached AND leads AND NOT follows) AS writes,
           sum(input_tokens) AS input_tokens, sum(won) AS won, sum(usd) AS usd
    FROM begun GROUP BY labels_id)
SELECT {NAMES}, sum(n)::BIGINT AS calls, sum(reads)::BIGINT AS reads,
       sum(writes)::BIGINT AS writes, sum(input_tokens)::BIGINT AS input_tokens,
       sum(won) AS won, sum(usd) AS usd
FROM sums JOIN call_labels ON id = labels_id WHERE {COUNTED}
GROUP BY ALL HAVING sum(reads) > 0 ORDER BY ALL
"""
LIMITS = f"""
SELECT {NAMES}, count(*) AS calls,
       quantile_disc(output_tokens + reasoning_tokens, 0.99)::BIGINT AS p99_output,
       quantile_disc(output_max, 0.5)::BIGINT AS output_max,
       sum(worst_won) AS worst_won, sum(won) AS won, sum(usd) AS usd
FROM calls JOIN call_labels ON id = labels_id
WHERE {ANSWERED} AND output_max > 0 AND {COUNTED}
GROUP BY {NAMES} HAVING sum(usd) > 0 ORDER BY {NAMES}
"""
LATE_DAYS = 2
LOSSES = f"""
WITH sums AS MATERIALIZED (
    SELECT labels_id, state, status >= 400 AND won > 0 AS failed,
           error NOT IN ('', 'without usage') AS ended_early,
           opened_at < to_timestamp($2) - INTERVAL {LATE_DAYS} DAY AS is_old,
           attempt > 1 AS is_retry, count(*) AS n, sum(won) AS won
    FROM calls WHERE {IN_SPAN} AND state IN ('settled', 'unverified') GROUP BY ALL),
told AS (
    SELECT {NAMES}, n, won, is_retry, state = 'settled' AND failed AS is_failed,
           state = 'settled' AND NOT failed AND ended_early AND source = 'estimated' AS is_cut,
           state = 'unverified' AND is_old AS is_unverified
    FROM sums JOIN call_labels ON id = labels_id WHERE is_call)
SELECT {NAMES}, sum(n)::BIGINT AS calls,
       coalesce(sum(n) FILTER (is_retry), 0)::BIGINT AS retried,
       coalesce(sum(n) FILTER (is_failed), 0)::BIGINT AS failed,
       coalesce(sum(won) FILTER (is_failed), 0) AS failed_won,
       coalesce(sum(n) FILTER (is_cut), 0)::BIGINT AS cut,
       coalesce(sum(won) FILTER (is_cut), 0) AS cut_won,
       coalesce(sum(n) FILTER (is_unverified), 0)::BIGINT AS unverified,
       coalesce(sum(won) FILTER (is_unverified), 0) AS unverified_won
FROM told GROUP BY {NAMES} HAVING bool_or(is_failed OR is_cut OR is_unverified) ORDER BY {NAMES}
"""
RENTED = f"""
SELECT endpoint[8:] AS name, sum(won) AS won FROM calls JOIN call_labels ON id = labels_id
WHERE {IN_SPAN} AND state = 'settled' AND starts_with(endpoint, 'server:')
GROUP BY name HAVING sum(won) > 0 ORDER BY name
"""
CPU, GPU = "machine.cpu.utilization", "hw.gpu.utilization"
IDLE_SHARE = 0.05
BUCKET_SECONDS = 600
IDLE_BUCKETS = 3
"""Half an hour of them, one after the other."""
IDLE = f"""
WITH wanted AS (
    SELECT id, machine, name FROM series
    WHERE list_contains($3::VARCHAR[], machine) AND name IN ('{CPU}', '{GPU}')),
looked AS (
    SELECT machine, epoch(taken_at)::BIGINT // {BUCKET_SECONDS} AS place,
           max(mean) < {IDLE_SHARE} AS idle, bool_or(name = '{GPU}') AS has_gpu
    FROM samples_10m JOIN wanted ON id = series_id
    WHERE taken_at >= to_timestamp($1) AND taken_at < to_timestamp($2) GROUP BY machine, place),
placed AS (
    SELECT *, place - row_number() OVER (PARTITION BY machine, idle ORDER BY place) AS island
    FROM looked),
islands AS (
    SELECT machine, idle, count(*) AS buckets, bool_or(has_gpu) AS has_gpu
    FROM placed GROUP BY machine, idle, island)
SELECT machine, sum(buckets)::BIGINT AS on_buckets, bool_or(has_gpu) AS has_gpu,
       coalesce(sum(buckets) FILTER (idle AND buckets >= {IDLE_BUCKETS}), 0)::BIGINT AS idle_buckets
FROM islands GROUP BY machine ORDER BY machine
"""
