"""Whether admission holds, and when: by plain SQL in the ledger, in the transactions themselves.

`stand_by` puts triggers into the file. They see every call that is let through, and every amount
that is moved, whoever does it, and judge by the moment of the month that `look_at` tells them.
"""

# ruff: noqa: S608  The SQL is put together of our own.

import sqlite3
from contextlib import closing
from typing import NamedTuple

NOW = "(SELECT now_us FROM month_now)"
CAP = f"iif(until_us AND {NOW} >= until_us, after_cap_micro, cap_micro)"
PART = f"""
CASE NEW.priority
WHEN 'important' THEN iif(until_us AND {NOW} >= until_us, after_important_ppm, important_ppm)
WHEN 'optional' THEN iif(until_us AND {NOW} >= until_us, after_optional_ppm, optional_ppm)
ELSE 1000000 END
"""
COMMITTED = "settled_micro + reserved_micro + unverified_micro"
STAND_BY = f"""
BEGIN;
CREATE TABLE month_now (now_us INTEGER NOT NULL);
INSERT INTO month_now VALUES (0);
CREATE TABLE month_peaks (bucket_id PRIMARY KEY, committed);
CREATE TABLE month_admitted (calls INTEGER NOT NULL);
INSERT INTO month_admitted VALUES (0);
CREATE TABLE month_wrongly (call_id, priority, bucket_id, committed, worst, most, now_us);
CREATE TABLE month_above (bucket_id, committed, cap, now_us, call_id, state);
CREATE TRIGGER month_admits AFTER INSERT ON calls
WHEN NEW.state = 'open' AND NEW.worst_micro > 0 BEGIN
    UPDATE month_admitted SET calls = calls + 1;
    INSERT INTO month_wrongly
    SELECT NEW.call_id, NEW.priority, b.bucket_id, {COMMITTED}, NEW.worst_micro,
           {CAP} * ({PART}) / 1000000, {NOW}
    FROM balances AS b JOIN budgets USING (bucket_id)
    WHERE instr(',' || NEW.charged || ',', ',' || b.balance_id || ',')
    AND {COMMITTED} + NEW.worst_micro > {CAP} * ({PART}) / 1000000;
END;
CREATE TRIGGER month_moves AFTER UPDATE ON balances
WHEN NEW.settled_micro + NEW.reserved_micro + NEW.unverified_micro
   > OLD.settled_micro + OLD.reserved_micro + OLD.unverified_micro BEGIN
    INSERT INTO month_peaks
    VALUES (NEW.bucket_id, NEW.settled_micro + NEW.reserved_micro + NEW.unverified_micro)
    ON CONFLICT DO UPDATE SET committed = max(committed, excluded.committed);
    INSERT INTO month_above
    SELECT NEW.bucket_id, NEW.settled_micro + NEW.reserved_micro + NEW.unverified_micro, {CAP},
           {NOW}, call_id, state
    FROM budgets JOIN (SELECT call_id, state FROM calls ORDER BY seq DESC LIMIT 1)
    WHERE bucket_id = NEW.bucket_id
    AND NEW.settled_micro + NEW.reserved_micro + NEW.unverified_micro > {CAP};
END;
COMMIT;
"""
SUMS = """
SELECT b.bucket_id, b.start_us, b.settled_micro, b.reserved_micro, b.unverified_micro,
       coalesce(sum(gross_micro) FILTER (WHERE state = 'settled'), 0),
       coalesce(sum(worst_micro) FILTER (WHERE state = 'open'), 0),
       coalesce(sum(worst_micro) FILTER (WHERE state = 'unverified'), 0)
FROM balances AS b
LEFT JOIN calls AS c ON instr(',' || c.charged || ',', ',' || b.balance_id || ',')
GROUP BY b.balance_id
"""


class Testimony(NamedTuple):
    """`admitted`: how many calls were let through; of those `wrongly` which should not have been.

    `above`: what was moved though it went above a cap: what is owed is booked all the same.
    """

    admitted: int
    wrongly: list[tuple]
    above: list[tuple]
    sums: list[str]


def stand_by(path: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None, timeout=60)) as ledger:
        ledger.executescript(STAND_BY)


class Witness:
    def __init__(self, path: str) -> None:
        self._ledger = sqlite3.connect(path, isolation_level=None, timeout=60)

    def look_at(self, now_us: int) -> None:
        self._ledger.execute("UPDATE month_now SET now_us = ?", [now_us])

    def begin_step(self) -> None:
        self._ledger.execute("DELETE FROM month_peaks")

    def most_micro(self, bucket_id: str) -> int:
        """That was committed of a bucket at any moment of this step, with all calls under way."""
        sql = "SELECT committed FROM month_peaks WHERE bucket_id = ?"
        found = self._ledger.execute(sql, [bucket_id]).fetchone()
        return 0 if found is None else int(found[0])

    def testimony(self) -> Testimony:
        [admitted] = self._ledger.execute("SELECT calls FROM month_admitted").fetchone()
        wrongly = self._ledger.execute("SELECT * FROM month_wrongly").fetchall()
        above = self._ledger.execute("SELECT * FROM month_above").fetchall()
        return Testimony(admitted, wrongly, above, self._sums())

    def rows(self, sql: str) -> list[tuple]:
        return self._ledger.execute(sql).fetchall()

    def _sums(self) -> list[str]:
        """Balances that are not the sum of their calls."""
        found = self._ledger.execute(SUMS).fetchall()
        return [f"{row[0]}: {row[2:5]} is not {row[5:]}" for row in found if row[2:5] != row[5:]]

    def close(self) -> None:
        self._ledger.close()
