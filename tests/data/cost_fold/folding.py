"""A ledger with money, and what the store has of it."""

from data.cost_fold import (
    fold_step,
)
from data.ops.records import forget_watermarks
from sallim.ledger import Ledger
from tests.sallim.money import EXCHANGE, MONTHS, NOW_US, WON, asked, budget

NOW = NOW_US / 1_000_000
FAR_US = 10**15


def made(home):
    ledger = Ledger.open(home.ledger)
    ledger.accounts.put_exchange([EXCHANGE])
    ledger.accounts.put_budgets([budget(cap_micro=10**9 * WON)], MONTHS)
    return ledger


def fold(ledger, store):
    return fold_step(ledger.accounts, ledger.ledger_id, store, NOW)


def rows(store, sql="SELECT call_id, attempt, state, won FROM calls ORDER BY call_id, attempt"):
    with store._database.reading() as cursor:  # noqa: SLF001 (what is in the file)
        return cursor.execute(sql).fetchall()


def spent(store):
    return rows(store, "SELECT coalesce(sum(won), 0) FROM cost_facts")[0][0]


def reserved(ledger, *call_ids, **changed):
    for call_id in call_ids:
        ledger.accounts.reserve(asked(call_id, **changed))


def lost(store):
    with store._database.transaction() as connection:  # noqa: SLF001
        connection.execute("DELETE FROM calls")
        forget_watermarks(connection)
