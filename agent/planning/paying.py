"""What the ledger lets a pool spend, and what an hour of one of its machines costs now."""

from collections.abc import Sequence
from contextlib import closing

from agent.asking import Asking
from agent.desk import desk_of
from data.bills.openings import unanswered
from data.home import Home
from models.budget.tree import parent_of
from models.costs.charges import Price, price_of
from models.messages import say
from models.scaling.allowed import TOTAL, Allowed, Purse
from models.settings import Settings
from models.settings.pool import Pool
from sallim.ledger.accounts import Accounts
from sallim.ledger.statement_rows import Balance
from sallim.money import MICRO

PROVIDER = "other"
"""Whose VAT is added to a price that is not in won."""


def hour_micro(home: Home, settings: Settings, pool: Pool, now: float) -> int | None:
    """Gross, in micro-won; None where no exchange rate is known.

    Raises LedgerError, StoreError.
    """
    price = price_of(pool.hour_price)
    if not price.amount:
        return 0
    if not home.ledger.exists():
        return _in_won(price)
    with closing(Accounts.open(home.ledger)) as accounts:
        try:
            desk = desk_of(home, accounts, settings, now)
            return desk.cost(PROVIDER, price, now, is_due=False).gross_micro
        except ValueError:
            return None


def purses(home: Home, pool: Pool, now: float) -> Sequence[Purse]:
    """The budget of the pool and those above it, up to the month's total. Raises LedgerError."""
    if not home.ledger.exists():
        return ()
    with closing(Accounts.open(home.ledger)) as accounts:
        balances = accounts.balances(int(now * MICRO))
    names = _payers(pool)
    return [_purse(each) for each in balances if each.bucket_id in names]


def purses_told(store: Asking, pool: Pool, now: float) -> Sequence[Purse]:
    """The same out of the store: the made-up household has no ledger. Raises StoreError."""
    from data.costs import buckets
    from data.ops.within import Within

    known = store.read(lambda cursor: buckets(Within(cursor), now))
    names = _payers(pool)
    return [
        Purse(
            each.bucket_id,
            int(each.cap_won * MICRO),
            int(each.spent_won * MICRO),
            int(each.committed_won * MICRO),
        )
        for each in known
        if each.bucket_id in names
    ]


def unsaid(home: Home) -> Allowed | None:
    """Of a month of which nobody has said what it had cost before, nothing may be spent.

    Raises StoreError.
    """
    missing = unanswered(home)
    if not missing:
        return None
    return Allowed(
        0,
        say(
            "nobody has said what {budgets} had cost this month before Sallim watched: "
            "`python -m agent openings` asks for it",
            budgets=", ".join(missing),
        ),
    )


def _payers(pool: Pool) -> set[str]:
    names, name = {TOTAL}, pool.budget or None
    while name is not None:
        names.add(name)
        name = parent_of(name)
    return names


def _in_won(price: Price) -> int | None:
    """Won are what they are; for others a rate is asked of the ledger."""
    return int(price.amount * MICRO) if price.currency == "KRW" else None


def _purse(balance: Balance) -> Purse:
    spent = balance.settled_micro + balance.unverified_micro
    return Purse(balance.bucket_id, balance.cap_micro, spent, spent + balance.reserved_micro)
