"""What the ledger lets a pool spend, and what an hour of one of its machines costs now."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import NamedTuple

from agent.asking import Asking
from agent.desk import desk_of
from data.bills.openings import unanswered
from data.home import Home
from models.budget.tree import TOTAL, parent_of
from models.costs.charges import Price, price_of
from models.messages import say
from models.scaling.allowed import Allowed, Purse, allowed, cost_micro
from models.scaling.rules import Rules
from models.settings import Settings
from models.settings.pool import Pool
from sallim.ledger.accounts import Accounts
from sallim.ledger.statement_rows import Balance
from sallim.money import MICRO

PROVIDER = "other"
"""Whose VAT is added to a price that is not in won."""


class Fleet(NamedTuple):
    """Machines that a plan imagines. No ledger knows of them, so what they cost is held back here:
    an hour of each, or a whole step of its charges.
    """

    pool: Pool
    there: int
    rules: Rules

    @property
    def held_micro(self) -> int:
        return self.there * cost_micro(self.rules)


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


def allowed_by(purses: Sequence[Purse], fleet: Fleet, others: Iterable[Fleet]) -> Allowed:
    """What the budgets of a pool let it have, `others` being the fleets of all other pools.

    `purses` are what pays it; a budget that is not among them lets none be added.
    """
    pool, fleets = fleet.pool, [fleet, *others]
    lets = allowed(fleet.rules, [_held_back(each, fleets) for each in purses], fleet.there)
    is_paid = not pool.budget or pool.budget in {purse.name for purse in purses}
    if is_paid or lets.machines <= fleet.there or not cost_micro(fleet.rules):
        return lets
    return Allowed(
        fleet.there,
        say(
            "{budget} is no budget that is known, so none is added: name another one in the "
            "settings of the pool",
            budget=pool.budget,
        ),
    )


def _held_back(purse: Purse, fleets: Iterable[Fleet]) -> Purse:
    held = sum(each.held_micro for each in fleets if purse.name in _payers(each.pool))
    return purse._replace(committed_micro=purse.committed_micro + held)


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
