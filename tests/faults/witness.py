"""Whether admission holds, seen from outside: by plain SQL, and nothing of Sallim.

`stand_by` puts triggers into the ledger that see every change of a balance in the transaction that
makes it, whoever does. `python tests/faults/witness.py LEDGER` looks at the whole again and again,
each time within one read transaction, until its standard input is closed; then it prints how often
it looked and all that it found wrong.
"""

# ruff: noqa: S608  The SQL is put together of our own.

import json
import select
import sqlite3
import sys
from contextlib import closing

OVER = """
INSERT INTO witness_breaches
SELECT NEW.bucket_id, NEW.settled_micro, NEW.reserved_micro, NEW.unverified_micro, cap_micro
FROM budgets WHERE bucket_id = NEW.bucket_id
AND (NEW.settled_micro + NEW.reserved_micro + NEW.unverified_micro > cap_micro
     OR min(NEW.settled_micro, NEW.reserved_micro, NEW.unverified_micro) < 0)
"""
COUNT = "UPDATE witness_changes SET changes = changes + 1"
STAND_BY = f"""
BEGIN;
CREATE TABLE witness_changes (changes INTEGER NOT NULL);
INSERT INTO witness_changes VALUES (0);
CREATE TABLE witness_breaches (bucket_id, settled, reserved, unverified, cap);
CREATE TRIGGER witness_update AFTER UPDATE ON balances BEGIN {OVER}; {COUNT}; END;
CREATE TRIGGER witness_insert AFTER INSERT ON balances BEGIN {OVER}; {COUNT}; END;
COMMIT;
"""
SUMS = """
SELECT b.bucket_id, b.settled_micro, b.reserved_micro, b.unverified_micro, g.cap_micro,
       g.important_ppm, g.optional_ppm,
       coalesce(sum(gross_micro) FILTER (WHERE state = 'settled'), 0),
       coalesce(sum(worst_micro) FILTER (WHERE state = 'open'), 0),
       coalesce(sum(worst_micro) FILTER (WHERE state = 'unverified'), 0),
       coalesce(sum(iif(state = 'settled', gross_micro, worst_micro))
                FILTER (WHERE state <> 'released' AND priority <> 'essential'), 0),
       coalesce(sum(iif(state = 'settled', gross_micro, worst_micro))
                FILTER (WHERE state <> 'released' AND priority = 'optional'), 0)
FROM balances AS b JOIN budgets AS g USING (bucket_id)
LEFT JOIN calls AS c ON instr(',' || c.charged || ',', ',' || b.balance_id || ',')
GROUP BY b.balance_id
"""
ABOVE_WORST = "SELECT call_id, gross_micro, worst_micro FROM calls WHERE gross_micro > worst_micro"


def stand_by(path: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None, timeout=60)) as ledger:
        ledger.executescript(STAND_BY)


def testimony(path: str) -> tuple[int, list[tuple[object, ...]]]:
    """How many changes of balances there were, and those after which admission did not hold."""
    with closing(sqlite3.connect(path, timeout=60)) as ledger:
        (changes,) = ledger.execute("SELECT changes FROM witness_changes").fetchone()
        return changes, ledger.execute("SELECT * FROM witness_breaches").fetchall()


def wrong(ledger: sqlite3.Connection) -> list[str]:
    """What does not hold at this moment."""
    ledger.execute("BEGIN")
    rows = ledger.execute(SUMS).fetchall()
    above = ledger.execute(ABOVE_WORST).fetchall()
    ledger.execute("COMMIT")
    found = [f"above its worst case: {row}" for row in above]
    for bucket, *row in rows:
        balance, (cap, important, optional), sums = row[:3], row[3:6], row[6:9]
        if balance != sums:
            found.append(f"{bucket}: the balance is {balance}, its calls are {sums}")
        for used, limit in zip(
            (sum(sums), *row[9:]), (cap, cap * important // 10**6, cap * optional // 10**6),
            strict=True,
        ):  # fmt: skip
            if used > limit:
                found.append(f"{bucket}: {used} are committed where {limit} may be")
    return found


def watch(path: str) -> None:
    looks, found = 0, []
    with closing(sqlite3.connect(path, isolation_level=None, timeout=60)) as ledger:
        while not select.select([sys.stdin], [], [], 0.005)[0]:
            looks += 1
            found += wrong(ledger)[:10]
        found += wrong(ledger)
    sys.stdout.write(json.dumps({"looks": looks + 1, "wrong": found[:50]}))


if __name__ == "__main__":
    watch(sys.argv[1])
