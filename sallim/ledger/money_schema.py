"""Steps 2 to 5 of the schema: the tables of the money. Only ever additive, see `schema.py`.

They count their own seq: an older program, that knows only jobs, takes the next one of jobs.
"""

from __future__ import annotations

MONEY = (
    # Like `sequence`: no row has, or ever had, a higher seq, but for rows that are still there.
    # `rules` is another one after each change of the budgets or periods.
    """
    CREATE TABLE money_sequence (
        one_row INTEGER PRIMARY KEY CHECK (one_row = 1),
        last_call INTEGER NOT NULL,
        last_refusal INTEGER NOT NULL,
        rules INTEGER NOT NULL)
    """,
    "INSERT INTO money_sequence (one_row, last_call, last_refusal, rules) VALUES (1, 0, 0, 0)",
    """
    CREATE TABLE budgets (
        bucket_id TEXT PRIMARY KEY NOT NULL,
        cap_micro INTEGER NOT NULL,
        important_ppm INTEGER NOT NULL,
        optional_ppm INTEGER NOT NULL,
        calendar TEXT NOT NULL,
        thresholds_ppm TEXT NOT NULL,
        version INTEGER NOT NULL) WITHOUT ROWID
    """,
    """
    CREATE TABLE periods (
        calendar TEXT NOT NULL,
        start_us INTEGER NOT NULL,
        end_us INTEGER NOT NULL,
        PRIMARY KEY (calendar, start_us)) WITHOUT ROWID
    """,
    # One row a bucket and period, made by the first call that counts in it.
    """
    CREATE TABLE balances (
        balance_id INTEGER PRIMARY KEY,
        bucket_id TEXT NOT NULL,
        calendar TEXT NOT NULL,
        start_us INTEGER NOT NULL,
        end_us INTEGER NOT NULL,
        settled_micro INTEGER NOT NULL DEFAULT 0,
        reserved_micro INTEGER NOT NULL DEFAULT 0,
        unverified_micro INTEGER NOT NULL DEFAULT 0)
    """,
    "CREATE UNIQUE INDEX balances_of ON balances (bucket_id, calendar, start_us)",
    """
    CREATE TABLE exchange (
        provider TEXT PRIMARY KEY NOT NULL,
        fx_id TEXT NOT NULL,
        rate_date TEXT NOT NULL,
        micro_won_per_usd INTEGER NOT NULL,
        vat_ppm INTEGER NOT NULL,
        fee_ppm INTEGER NOT NULL,
        source TEXT NOT NULL,
        fetched_us INTEGER NOT NULL)
    """,
    """
    CREATE TABLE rates (
        provider TEXT NOT NULL,
        model TEXT NOT NULL,
        price_id TEXT NOT NULL,
        document TEXT NOT NULL,
        source TEXT NOT NULL,
        updated_us INTEGER NOT NULL,
        PRIMARY KEY (provider, model))
    """,
    # `buckets`: their ids, a line each. `charged`: the balance_ids in which it counts. No
    # index of the open ones: whatever a call changes is a page more to be written.
    """
    CREATE TABLE calls (
        call_id TEXT NOT NULL,
        attempt INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        charged TEXT NOT NULL DEFAULT '',
        provider TEXT NOT NULL,
        model TEXT NOT NULL,
        endpoint TEXT NOT NULL DEFAULT '',
        workflow TEXT NOT NULL DEFAULT '',
        analysis TEXT NOT NULL DEFAULT '',
        job_key TEXT NOT NULL DEFAULT '',
        key_label TEXT NOT NULL DEFAULT '',
        priority TEXT NOT NULL,
        buckets TEXT NOT NULL,
        worst_nano_usd INTEGER NOT NULL,
        worst_micro INTEGER NOT NULL,
        price_id TEXT NOT NULL DEFAULT '',
        fx_id TEXT NOT NULL DEFAULT '',
        vat_ppm INTEGER NOT NULL DEFAULT 0,
        fee_ppm INTEGER NOT NULL DEFAULT 0,
        stream INTEGER NOT NULL DEFAULT 0,
        host TEXT NOT NULL DEFAULT '',
        pid INTEGER NOT NULL DEFAULT 0,
        process TEXT NOT NULL DEFAULT '',
        opened_us INTEGER NOT NULL,
        expires_us INTEGER NOT NULL,
        state TEXT NOT NULL,
        nano_usd INTEGER NOT NULL DEFAULT 0,
        gross_micro INTEGER NOT NULL DEFAULT 0,
        source TEXT NOT NULL DEFAULT '',
        status INTEGER NOT NULL DEFAULT 0,
        latency_us INTEGER NOT NULL DEFAULT 0,
        model_billed TEXT NOT NULL DEFAULT '',
        input INTEGER NOT NULL DEFAULT 0,
        cache_read INTEGER NOT NULL DEFAULT 0,
        cache_write_5m INTEGER NOT NULL DEFAULT 0,
        cache_write_1h INTEGER NOT NULL DEFAULT 0,
        output INTEGER NOT NULL DEFAULT 0,
        reasoning INTEGER NOT NULL DEFAULT 0,
        audio_input INTEGER NOT NULL DEFAULT 0,
        media_input INTEGER NOT NULL DEFAULT 0,
        tool_calls TEXT NOT NULL DEFAULT '',
        overhead_us INTEGER NOT NULL DEFAULT 0,
        error TEXT NOT NULL DEFAULT '',
        settled_us INTEGER NOT NULL DEFAULT 0,
        updated_us INTEGER NOT NULL,
        PRIMARY KEY (call_id, attempt))
    """,
    "CREATE UNIQUE INDEX calls_seq ON calls (seq)",
    """
    CREATE TABLE refusals (
        bucket_id TEXT NOT NULL,
        provider TEXT NOT NULL,
        model TEXT NOT NULL,
        minute_us INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        code TEXT NOT NULL,
        priority TEXT NOT NULL,
        calls INTEGER NOT NULL,
        needed_micro INTEGER NOT NULL,
        last_us INTEGER NOT NULL,
        PRIMARY KEY (bucket_id, provider, model, minute_us))
    """,
    "CREATE UNIQUE INDEX refusals_seq ON refusals (seq)",
    # AUTOINCREMENT: no seq is given twice, also after the last event was deleted.
    """
    CREATE TABLE limit_events (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL,
        bucket_id TEXT NOT NULL,
        start_us INTEGER NOT NULL,
        end_us INTEGER NOT NULL,
        version INTEGER NOT NULL,
        threshold_ppm INTEGER NOT NULL,
        once TEXT NOT NULL,
        cap_micro INTEGER NOT NULL,
        spent_micro INTEGER NOT NULL,
        call_id TEXT NOT NULL,
        attempt INTEGER NOT NULL,
        provider TEXT NOT NULL,
        model TEXT NOT NULL,
        at_us INTEGER NOT NULL)
    """,
    """
    CREATE UNIQUE INDEX limit_events_once
    ON limit_events (bucket_id, start_us, version, kind, threshold_ppm, once)
    """,
    """
    CREATE TABLE days (
        day TEXT NOT NULL,
        provider TEXT NOT NULL,
        model TEXT NOT NULL,
        workflow TEXT NOT NULL,
        key_label TEXT NOT NULL,
        calls INTEGER NOT NULL,
        errors INTEGER NOT NULL,
        nano_usd INTEGER NOT NULL,
        gross_micro INTEGER NOT NULL,
        input_tokens INTEGER NOT NULL,
        output_tokens INTEGER NOT NULL,
        PRIMARY KEY (day, provider, model, workflow, key_label)) WITHOUT ROWID
    """,
)

PROMPTS = (
    "ALTER TABLE calls ADD COLUMN prompt_hash TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE calls ADD COLUMN prefix_hash TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE calls ADD COLUMN output_max INTEGER NOT NULL DEFAULT 0",
    # What the hashes are keyed with; it never leaves the file but for those who hash.
    """
    CREATE TABLE prompt_salt (
        one_row INTEGER PRIMARY KEY CHECK (one_row = 1),
        salt BLOB NOT NULL)
    """,
    "INSERT INTO prompt_salt (one_row, salt) VALUES (1, randomblob(32))",
)
"""Which calls asked the same, by keyed hashes of what was sent, and how much they could make."""

GUARDS = (
    *(
        f"ALTER TABLE budgets ADD COLUMN {name} INTEGER NOT NULL DEFAULT {default}"
        for name, default in (
            ("blocks", 1),
            ("pace_micro", 0),
            ("burst_micro", 0),
            ("until_us", 0),
            ("after_cap_micro", 0),
            ("after_important_ppm", 0),
            ("after_optional_ppm", 0),
        )
    ),
    # In the row that a call changes anyway: the pacing guard costs no page and no statement.
    "ALTER TABLE balances ADD COLUMN paced_micro INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE balances ADD COLUMN paced_us INTEGER NOT NULL DEFAULT 0",
    """
    CREATE TABLE quotas (
        quota_id TEXT PRIMARY KEY NOT NULL,
        provider TEXT NOT NULL,
        model TEXT NOT NULL,
        workflow TEXT NOT NULL,
        key_label TEXT NOT NULL,
        calls_max INTEGER NOT NULL,
        window_us INTEGER NOT NULL,
        calendar TEXT NOT NULL) WITHOUT ROWID
    """,
    """
    CREATE TABLE quota_counts (
        quota_id TEXT NOT NULL,
        start_us INTEGER NOT NULL,
        calls INTEGER NOT NULL,
        PRIMARY KEY (quota_id, start_us)) WITHOUT ROWID
    """,
)
"""Budgets that only count, raises that end, how fast and how often calls may be made."""

HOLD = ("ALTER TABLE money_sequence ADD COLUMN held_us INTEGER NOT NULL DEFAULT 0",)
"""Since when a person has all calls stopped that cost something; 0: they are not."""
