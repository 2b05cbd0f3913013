"""Closes of the made-up household, out of its store alone: it has no ledger, and tells nobody."""

import json

from agent.asking import Asking
from data.control import Control
from data.home import Home
from data.months import close_month, closes
from models.budget.close import BucketClose, MonthClose, month_name
from models.budget.close_json import shape_of
from models.budget.kept_months import NOBODY_SAID, KeptClose
from models.costs.periods import Period, period_at
from models.costs.shapes import NOTHING
from models.settings import Settings

MONTHS = 2
"""The household is sixty days old."""


def close_made_up(
    home: Home, stores: tuple[Control, Asking], settings: Settings, now: float
) -> None:
    """Those that are over and not closed yet. Raises StoreError."""
    control, store = stores
    known = {each.month for each in closes(control)}
    month = period_at(now, "month", settings.house.zone)
    for _ in range(MONTHS):
        month = period_at(month.since - 1, "month", settings.house.zone)
        if month_name(month) in known:
            continue
        close = _made(home, store, settings, month)
        if close is not None:
            document = json.dumps(shape_of(close), ensure_ascii=False)
            ended = float(month.until)
            said = (NOBODY_SAID, "", 0.0, document)
            row = KeptClose(close.month, 1, ended, ended, ended, *said)
            close_month(control, row, lambda connection: None)  # noqa: ARG005  told to nobody


def _made(home: Home, store: Asking, settings: Settings, month: Period) -> MonthClose | None:
    """None where the household was not there yet."""
    from data.costs import buckets
    from data.known_prices import readable_prices
    from data.month_facts import month_facts
    from data.ops.within import Within

    balances = store.read(lambda cursor: buckets(Within(cursor), month.since))
    if not any(each.spent_won for each in balances):
        return None
    prices = readable_prices(home)
    facts = store.read(lambda cursor: month_facts(Within(cursor), month, settings, prices))
    return MonthClose(
        month=month_name(month),
        since=month.since,
        until=month.until,
        buckets=tuple(
            BucketClose(
                each.bucket_id,
                each.cap_won,
                NOTHING,
                each.settled_won,
                each.unverified_won,
                each.open_won,
            )
            for each in balances
        ),
        did=(),
        doubts=(),
        doubts_more=0,
        **facts._asdict(),
    )
