"""What the ledger lets a pool spend, and what an hour of one of its machines costs now."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import NamedTuple

from agent.desk import desk_of
from data.bills.openings import unanswered
from data.home import Home
from models.budget.tree import TOTAL, parent_of
from models.costs.charges import price_of
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
        return None
    with closing(Accounts.open(home.ledger)) as accounts:
        try:
            desk = desk_of(home, accounts, settings, now)
            return desk.cost(PROVIDER, price, now, is_due=False).gross_micro
        except ValueError:
            return None


def allowed_by(home: Home, fleet: Fleet, others: Iterable[Fleet], now: float) -> Allowed:
    """What the budgets of a pool let it have, `others` being the fleets of all other pools.

    A budget that the ledger does not know lets none be added. Raises LedgerError.
    """
    pool = fleet.pool
    found = purses(home, pool, [fleet, *others], now)
    lets = allowed(fleet.rules, found, fleet.there)
    is_paid = not pool.budget or pool.budget in {purse.name for purse in found}
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


def purses(home: Home, pool: Pool, fleets: Iterable[Fleet], now: float) -> Sequence[Purse]:
    """The budget of the pool and those above it, up to the month's total. Raises LedgerError."""
    if not home.ledger.exists():
        return ()
    with closing(Accounts.open(home.ledger)) as accounts:
        balances = accounts.balances(int(now * MICRO))
    names = _payers(pool)
    held = [(_payers(each.pool), each.held_micro) for each in fleets]
    return [
        _purse(each, sum(micro for payers, micro in held if each.bucket_id in payers))
        for each in balances
        if each.bucket_id in names
    ]


def _payers(pool: Pool) -> set[str]:
    names, name = {TOTAL}, pool.budget or None
    while name is not None:
        names.add(name)
        name = parent_of(name)
    return names


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


def _purse(balance: Balance, held_micro: int) -> Purse:
    spent = balance.settled_micro + balance.unverified_micro
    committed = spent + balance.reserved_micro + held_micro
    return Purse(balance.bucket_id, balance.cap_micro, spent, committed)
