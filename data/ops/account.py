"""The account: what control acknowledged, held against what the file holds."""

# ruff: noqa: S608  Names of tables are made by periods.py out of a tier and a date.

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from data.control import Control, Flush, Loss, PeriodRows
from data.ops.books import Books
from data.ops.database import Database
from data.ops.periods import period_of
from data.ops.rollups import ROLLED_TIERS, due, roll
from data.ops.samples import all_series, insert_series
from data.ops.upkeep import count_rows
from data.ops.verify import Findings
from models.tiers import RAW


@dataclass(frozen=True, slots=True)
class Cause:
    """Why rows are missing, and where the damaged files are; "" when there are none."""

    text: str
    quarantine: str


@dataclass(frozen=True, slots=True)
class Balance:
    """`short`: flushes with `rows_lost` brought up to date, and how many went since last time.
    `fresh`: flushes in the file of which control knows nothing.
    """

    short: list[tuple[Flush, int]]
    fresh: list[Flush]
    dropped_days: list[int]


def balance_of(
    acknowledged: Iterable[Flush], findings: Findings, last_seq: int, *, is_rebuilt: bool
) -> Balance:
    """Compare the two accounts, flush by flush."""
    known = {flush.seq: flush for flush in acknowledged}
    days = {flush.first_at // 86_400 * 86_400 for flush in known.values()}
    dropped = [day for day in days if period_of(RAW, day).table in findings.dropped]
    # Committed to DuckDB, and the process ended before control could say so. Of a control that
    # had to be rebuilt, nothing that DuckDB knows may be missing.
    fresh = [
        flush
        for seq, flush in findings.flushes.items()
        if seq not in known and (is_rebuilt or seq > last_seq)
    ]
    short = []
    for flush in [*known.values(), *fresh]:
        missing = flush.row_count - flush.rows_lost - findings.counts.get(flush.seq, 0)
        if missing > 0 and flush.first_at // 86_400 * 86_400 not in dropped:
            short.append((flush._replace(rows_lost=flush.rows_lost + missing), missing))
    return Balance(sorted(short), sorted(fresh), sorted(dropped))


def losses_of(short: list[tuple[Flush, int]], cause: Cause, found_at: int) -> list[Loss]:
    """One loss for each unbroken run of flushes of one raw table."""
    losses: list[Loss] = []
    for flush, missing in short:
        table = period_of(RAW, flush.first_at).table
        loss = Loss(
            found_at, table, flush.seq, flush.seq, missing, flush.first_at, flush.last_at,
            cause.text, cause.quarantine,
        )  # fmt: skip
        last = losses[-1] if losses else None
        if last is not None and last.last_seq == flush.seq - 1 and last.table_name == table:
            losses[-1] = last._replace(
                last_seq=flush.seq,
                rows_lost=last.rows_lost + missing,
                first_at=min(last.first_at, loss.first_at),
                last_at=max(last.last_at, loss.last_at),
            )
        else:
            losses.append(loss)
    return losses


def settle(control: Control, balance: Balance, losses: list[Loss]) -> None:
    """Bring control up to date with what is there and what is gone."""
    for day in balance.dropped_days:
        control.retire(period_of(RAW, day).table, day)
    if balance.fresh:
        control.acknowledge(balance.fresh)
    if losses:
        control.record_losses(losses, [flush for flush, _ in balance.short])


def settle_flushes(database: Database, books: Books) -> None:
    """After a loss, make DuckDB's own account of flushes what its raw tables hold."""
    with database.transaction() as connection:
        connection.execute("DELETE FROM flushes")
        for period in books.periods.of(RAW):
            connection.execute(f"""
                INSERT INTO flushes
                SELECT seq, count(*), min(taken_at), max(taken_at) FROM {period.table} GROUP BY seq
            """)


def settle_series(database: Database, control: Control) -> None:
    """Each file keeps the series; whatever one of them lost comes back from the other."""
    mine = {row.id: row for row in all_series(database.connection)}
    theirs = {row.id: row for row in control.series()}
    keys = {row[1:5] for row in mine.values()}
    back = [row for number, row in theirs.items() if number not in mine and row[1:5] not in keys]
    if back:
        with database.transaction() as connection:
            insert_series(connection, back)
    control.acknowledge([], [row for number, row in mine.items() if theirs.get(number) != row])


def settle_rollups(
    database: Database, control: Control, books: Books, cause: Cause, now: float
) -> list[Loss]:
    """Fold again what raw rows allow, then account for rollups that stay short."""
    for tier in ROLLED_TIERS:
        until = due(books.marks, tier, now)
        more = until is not None
        while more and until is not None:
            with database.transaction() as connection:
                more = roll(connection, books.periods, books.marks, tier, until)
    periods = [period for tier in ROLLED_TIERS for period in books.periods.of(tier)]
    found = count_rows(database.connection, periods)
    held = {rows.table_name: rows.row_count for rows in found}
    dropped = {table for (table,) in _dropped_tables(database.connection)}
    losses = []
    for expected in control.period_rows():
        missing = expected.row_count - held.get(expected.table_name, 0)
        if missing > 0 and expected.table_name not in dropped:
            losses.append(_rollup_loss(expected, missing, cause, int(now)))
    if losses:
        control.record_losses(losses, [])
    for expected in control.period_rows():
        if expected.table_name not in held:
            control.retire(expected.table_name, None)
    control.note_period_rows(found)
    return losses


def _rollup_loss(expected: PeriodRows, missing: int, cause: Cause, found_at: int) -> Loss:
    return Loss(
        found_at, expected.table_name, None, None, missing, expected.first_at, expected.end_at,
        cause.text, cause.quarantine,
    )  # fmt: skip


def _dropped_tables(connection: duckdb.DuckDBPyConnection) -> list[tuple[str]]:
    return connection.execute("SELECT table_name FROM drops").fetchall()
