"""Both sides of each bill: what a provider charges for a span, and what the ledger says of it."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from data.bills.bills import Known
from models.costs.bills import Bill, model_key
from models.costs.charges import Price
from models.costs.kinds import SERVERS_BUCKET
from models.costs.leases import PREFIX as LEASE
from models.costs.reconcile import Doubt, Group
from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import OPEN, SETTLED, UNVERIFIED, CallRow
from sallim.money import MICRO

SINCE_SECONDS = 85 * 86_400
"""The ledger keeps calls for 90 days: what it has begun to forget cannot be compared."""
ROWS = 5_000

Key = tuple[str, float, float, str]
"""Provider, span and model; the model "" takes the calls of all that have no group of theirs."""
Net = Callable[[Price, str, float], int]


class Ours:
    """What the ledger has of one group."""

    def __init__(self, key: Key) -> None:
        provider, since, until, model = key
        self.prefix = f"correction:{provider}:{since:.0f}:{until:.0f}:{model}:"
        self.known_nano = self.corrected_nano = self.corrections = 0
        self.doubts: dict[tuple[str, int], CallRow] = {}
        self.bucket = ""
        """In which a correction counts: api, unless all that there is counts as servers."""

    def add(self, call: CallRow) -> None:
        is_server = SERVERS_BUCKET in call.buckets and "api" not in call.buckets
        self.bucket = SERVERS_BUCKET if is_server and self.bucket != "api" else "api"
        # One that is open now may be on the bill already.
        if call.state in (UNVERIFIED, OPEN):
            self.doubts[call.call_id, call.attempt] = call
        elif call.state == SETTLED and call.endpoint == "correction":
            self.corrected_nano += call.nano_usd
            self.corrections += call.call_id.startswith(self.prefix)
        elif call.state == SETTLED:
            self.known_nano += call.nano_usd


class _Told(NamedTuple):
    theirs_nano: int
    former_nano: int | None


def length_of(bill: Bill) -> int:
    return round(bill.period_end - bill.period_start)


def sides(accounts: Accounts, told: Sequence[Known], net_nano: Net) -> Iterator[tuple[Group, Ours]]:
    """Of bills whose spans are all equally long. Raises LedgerError, ValueError."""
    theirs = _theirs(told, net_nano)
    ours = {key: Ours(key) for key in theirs}
    spans: dict[str, list[tuple[float, float]]] = {}
    for provider, since, until in sorted({key[:3] for key in theirs}):
        spans.setdefault(provider, []).append((since, until))
    for call in _calls(accounts):
        # Days of two zones may overlap, so the one before is looked at as well.
        known = spans.get(call.provider, ())
        place = bisect_right(known, (call.opened_us / MICRO, float("inf")))
        for span in known[max(place - 2, 0) : place]:
            key = _key_of(call, span, ours)
            if key is not None:
                ours[key].add(call)
    for key, (theirs_nano, former_nano) in theirs.items():
        provider, since, until, model = key
        mine = ours[key]
        yield (
            Group(
                provider,
                model,
                since,
                until,
                theirs_nano,
                mine.known_nano,
                mine.corrected_nano,
                mine.corrections,
                [Doubt(*name, call.worst_nano_usd) for name, call in mine.doubts.items()],
                former_nano,
            ),
            mine,
        )


def _theirs(told: Sequence[Known], net_nano: Net) -> dict[Key, _Told]:
    found: dict[Key, _Told] = {}
    for bill, former in told:
        key = (bill.provider, bill.period_start, bill.period_end, model_key(bill.model))
        at = bill.period_end - 1
        nano = net_nano(bill.price, bill.provider, at)
        was = nano if former is None else net_nano(former, bill.provider, at)
        before = found.get(key, _Told(0, None))
        is_restated = former is not None or before.former_nano is not None
        earlier = before.theirs_nano if before.former_nano is None else before.former_nano
        found[key] = _Told(before.theirs_nano + nano, earlier + was if is_restated else None)
    return found


def _key_of(call: CallRow, span: tuple[float, float], ours: dict[Key, Ours]) -> Key | None:
    since, until = span
    if not since <= call.opened_us / MICRO < until:
        return None
    if call.endpoint == "correction":
        # One for a month is no part of any of its days.
        made_for = _span_of(call.call_id)
        if made_for is None or not (since <= made_for[0] and made_for[1] <= until):
            return None
    elif call.endpoint == "opening" or call.call_id.startswith(LEASE):
        return None  # What is kept free for hours ahead is no call that anybody charges.
    models = (model_key(call.model_billed), model_key(call.model), "")
    keys = ((call.provider, since, until, model) for model in models)
    return next((key for key in keys if key in ours), None)


def _span_of(call_id: str) -> tuple[float, float] | None:
    """Of a correction; None for one that was not written here."""
    parts = call_id.split(":")
    try:
        return float(parts[2]), float(parts[3])
    except (IndexError, ValueError):
        return None


def _calls(accounts: Accounts) -> Iterator[CallRow]:
    """All of them as they are now; one that changes while it is read comes once more, anew."""
    seq = 0
    while rows := accounts.calls_since(seq, ROWS):
        yield from rows
        seq = rows[-1].seq
