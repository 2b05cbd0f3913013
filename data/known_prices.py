"""The prices that hold in a home: those of its ledger before those that came along."""

from data.home import Home
from sallim.ledger.errors import LedgerError
from sallim.prices import PriceList, shipped


def known_prices(home: Home) -> PriceList:
    """Raises LedgerError and OSError where there is a ledger that cannot be read."""
    known = list(shipped().rates)
    if home.ledger.exists():
        from sallim.ledger.accounts import Accounts

        accounts = Accounts.open(home.ledger)
        try:
            own = accounts.all_rates()
        finally:
            accounts.close()
        replaced = {(row.provider, row.model) for row in own}
        known = [*own, *(row for row in known if (row.provider, row.model) not in replaced)]
    return PriceList(known)


def readable_prices(home: Home) -> PriceList:
    """The same; where this process may not read the ledger, as a service, those that came along."""
    try:
        return known_prices(home)
    except (LedgerError, OSError):
        return PriceList(shipped().rates)
