"""`costs open`: what the first month had cost before; kept first, then booked."""

from agent.commands import OK, PROBLEM
from agent.reconciling import Books, book_openings
from data.bills.openings import ASKED, answer, unanswered
from data.home import Home
from models.costs.bills import NoBill
from models.typed import typed
from sallim.ledger import LedgerError
from sallim.money import won_text


def opened(home: Home, books: Books, bucket: str | None, spent_micro: int) -> int:
    """Raises NoBill, StoreError, ValueError."""
    _answer(home, bucket, spent_micro)
    try:
        book_openings(home, books)
    except LedgerError as trouble:
        print(_kept(trouble))
        return PROBLEM
    print(_told_openings(home, bucket, spent_micro))
    return OK


def _answer(home: Home, bucket: str | None, spent_micro: int) -> None:
    if bucket is None and spent_micro:
        raise NoBill("--spent needs --bucket api or --bucket servers")
    for each in ASKED if bucket is None else (bucket,):
        answer(home, each, spent_micro)


def _kept(trouble: LedgerError) -> str:
    return (
        f"{trouble}\nYour answer is kept, and not booked yet: until then more seems to be left "
        "this month than there is. A running agent books it within a minute once the ledger can be "
        "written; else type this command again."
    )


def _told_openings(home: Home, bucket: str | None, spent_micro: int) -> str:
    names = " and ".join(ASKED) if bucket is None else bucket
    booked = f"Booked: {won_text(spent_micro)} won of {names} before Sallim began."
    missing = unanswered(home)
    if missing:
        command = typed(f"costs open --bucket {missing[0]} --spent WON")
        return (
            f"{booked} Of {', '.join(missing)} nobody has said yet, so the month is incomplete: "
            f"`{command}`, or --none."
        )
    return f"{booked} The month is complete from its first day."
