"""The ledger asked without waiting: on the event loop, where a call costs less than a thread does.

While somebody else holds the file for long, the patient purse is asked, on a thread.
"""

from typing import NoReturn

from sallim.guard.refusing import LEDGER
from sallim.guard.spending import FilePurse, PurseClosed
from sallim.ledger.money_rows import Asked

QUICK_SECONDS = 0.02
"""A turn among others that write takes less than a millisecond."""


class QuickPurse(FilePurse):
    """Reserves at once or says that it could not; what a call did cost is written or spooled."""

    def __init__(self, path: str) -> None:
        super().__init__(path, QUICK_SECONDS)

    def _without_ledger(self, asked: Asked, why: str) -> NoReturn:  # noqa: ARG002  # as its base
        """Nothing is spent by the spool: the patient one may still find the ledger free."""
        raise PurseClosed(why, LEDGER)
