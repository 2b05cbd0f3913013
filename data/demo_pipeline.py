"""The work and the money of the demo, as the agent's own tables have them."""

from contextlib import closing

from data.cost_cells import (
    balance_cells,
    columns_of,
    event_cells,
    exchange_cells,
    refusal_cells,
)
from data.home import Home
from data.ops.connection import open_for_writing
from data.ops.costs import FX_RATES, LIMIT_EVENTS, REFUSALS, put_balances, put_calls
from data.ops.records import JOBS, Connection, replace, store_records
from models.demo.accounts import money_things
from models.demo.costs import money
from models.demo.household_budget import Money
from models.demo.pipeline import executions, jobs, workflow_things
from models.demo.postgres_details import postgres_things
from models.monitoring import Record
from models.tiers import DAY_SECONDS
from sallim.ledger.calls import flat
from sallim.prices import shipped

ROWS_A_BATCH = 5_000


def write_pipeline(home: Home, days: int, now: float) -> None:
    """Runs, analyses and what they are called; the agent's own tables take them as they are."""
    since = now - days * DAY_SECONDS
    rows = [(*row, seq) for seq, row in enumerate(jobs(since, now, now), start=1)]
    runs: list[Record] = [
        *workflow_things(now),
        *postgres_things(now),
        *executions(since, now, now),
    ]
    with closing(open_for_writing(home.ops)) as connection:
        for first in range(0, len(runs), ROWS_A_BATCH):
            store_records(connection, runs[first : first + ROWS_A_BATCH])
        for first in range(0, len(rows), ROWS_A_BATCH):
            replace(connection, JOBS, rows[first : first + ROWS_A_BATCH])
        _write_money(connection, money(since, now), now)
        connection.execute("CHECKPOINT")


def _write_money(connection: Connection, told: Money, now: float) -> None:
    """As the agent folds it out of a ledger, which this home has none of."""
    for first in range(0, len(told.calls), ROWS_A_BATCH):
        part = told.calls[first : first + ROWS_A_BATCH]
        put_calls(connection, columns_of([flat(call) for call in part]))
    replace(connection, REFUSALS, [refusal_cells(row) for row in told.refusals])
    replace(connection, LIMIT_EVENTS, [event_cells(row) for row in told.limit_events])
    replace(connection, FX_RATES, [exchange_cells(shipped().exchange)])
    put_balances(connection, [balance_cells(row, now) for row in told.balances], now)
    store_records(connection, money_things(told.calls, now))
