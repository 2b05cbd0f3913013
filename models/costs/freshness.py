"""How fresh each provider's bill is, and how far it agrees with what was counted."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from models.monitoring import SourceState
from models.settings.bill import Bill

NOTHING = Decimal(0)
WORST_FIRST = ("outside", "restated", "ours", "unverified", "late", "rounding", "none")
"""Causes of `models/costs/reconcile.py`."""


class Compared(NamedTuple):
    """A bill beside the ledger, in net USD. `guarded` is the part of it that passed the guard.

    `cause` is one of `models/costs/reconcile.py`; moments are UTC epoch seconds.
    """

    provider: str
    model: str
    since: float
    until: float
    theirs_usd: Decimal
    ours_usd: Decimal
    cause: str
    is_alarm: bool
    guarded: Decimal | None


class Standing(NamedTuple):
    """One provider's bill. `bill` is the name in the settings, "" where nobody is asked.

    `source` is how its asking goes, None where that is not known. Without lines the span, the
    amounts and the cause are None. `outside_usd` is what was charged and did not pass the guard.
    """

    provider: str
    bill: str
    source: SourceState | None
    since: float | None = None
    until: float | None = None
    theirs_usd: Decimal | None = None
    ours_usd: Decimal | None = None
    guarded: Decimal | None = None
    cause: str | None = None
    is_alarm: bool = False
    outside_usd: Decimal = NOTHING


def standings(
    lines: Sequence[Compared], bills: Iterable[Bill], sources: Iterable[SourceState]
) -> list[Standing]:
    """One a provider that is asked or of which there are lines; alarms first, then by name."""
    known = {source.name: source for source in sources}
    names: dict[str, str] = {}
    for bill in bills:
        # Whose bills a file has is known by its lines alone.
        names.setdefault(bill.source if bill.source != "export" else f"({bill.name})", bill.name)
    by_provider: dict[str, list[Compared]] = {name: [] for name in names}
    for line in lines:
        by_provider.setdefault(line.provider, []).append(line)
    found = [
        _standing(provider, names.get(provider, ""), known, told)
        for provider, told in by_provider.items()
    ]
    return sorted(found, key=lambda one: (not one.is_alarm, one.provider))


def _standing(
    provider: str, bill: str, known: dict[str, SourceState], lines: Sequence[Compared]
) -> Standing:
    # Where there is no bill to ask for, a balance or a price list is what is asked.
    asked = (known.get(f"{kind}:{bill}") for kind in ("bill", "cash", "prices"))
    one = Standing(provider, bill, next((each for each in asked if each is not None), None))
    if not lines:
        return one
    theirs = sum((line.theirs_usd for line in lines), NOTHING)
    guarded = sum((line.theirs_usd * (line.guarded or NOTHING) for line in lines), NOTHING)
    alarms = [line for line in lines if line.is_alarm]
    return one._replace(
        since=min(line.since for line in lines),
        until=max(line.until for line in lines),
        theirs_usd=theirs,
        ours_usd=sum((line.ours_usd for line in lines), NOTHING),
        guarded=guarded / theirs if theirs > 0 else None,
        cause=min((line.cause for line in alarms or lines), key=WORST_FIRST.index),
        is_alarm=bool(alarms),
        outside_usd=sum(
            (line.theirs_usd - line.ours_usd for line in alarms if line.cause == "outside"),
            NOTHING,
        ),
    )
