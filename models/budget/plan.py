"""The next month's plan: each bucket's amount by what it will need, within what there is.

A plan never allows more than the settings do, and all of it together never more than the total.
Amounts are whole won.
"""

from collections.abc import Iterable, Sequence
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from models.budget.tree import API, SERVERS, TOTAL
from models.budget.words import won
from models.costs.shapes import NOTHING
from models.messages import Message, say

MARGIN_PERCENT = 10
"""Above what nine of ten drawn months need."""
LEAST_PERCENT = 20
"""Of its cap a bucket keeps in any case, where it fits: little was spent, and more may be."""
STEP_KRW = 100
KINDS = ("provider", "workflow", "key")


class Need(NamedTuple):
    """A bucket of calls: its cap, and what the month ahead may cost by the days before.

    `high_won` None: too little is known. `learning`: of fewer than two months.
    """

    bucket_id: str
    cap_krw: int
    middle_won: Decimal | None = None
    high_won: Decimal | None = None
    learning: bool = True


class Due(NamedTuple):
    """A fixed item, or what a rented machine, traffic or space did cost in the last 30 days."""

    name: str
    won: Decimal


class Chosen(NamedTuple):
    """Advice that its owner means to follow; `bucket_id` is api or servers."""

    bucket_id: str
    sentence: Message
    saving_won: Decimal


class PaidAhead(NamedTuple):
    """What was paid ahead is used up on that day, such as "2026-12-09"."""

    provider: str
    day: str


class Wants(NamedTuple):
    """`month` as in "2026-12"; `servers_krw` None: machines have no cap of their own."""

    month: str
    total_krw: int
    api: Need
    servers_krw: int | None
    below: Sequence[Need] = ()
    fixed: Sequence[Due] = ()
    rented: Sequence[Due] = ()
    chosen: Sequence[Chosen] = ()
    paid_ahead: Sequence[PaidAhead] = ()


class Share(NamedTuple):
    """`missing_krw` is what does not fit. One that is not `capped` is told and not applied."""

    bucket_id: str
    cap_krw: int
    amount_krw: int
    missing_krw: int
    capped: bool
    why: Message


class Plan(NamedTuple):
    """`left_krw` is planned for nothing. `notes` are what else a person must know of it."""

    month: str
    total_krw: int
    shares: tuple[Share, ...]
    left_krw: int
    misfits: tuple[Message, ...]
    notes: tuple[Message, ...]

    @property
    def amounts_krw(self) -> dict[str, int]:
        """What is asked for when it is applied."""
        capped = {each.bucket_id: each.amount_krw for each in self.shares if each.capped}
        return {TOTAL: self.total_krw, **capped}


def split(wants: Wants) -> Plan:
    """What must be paid in any case comes first, then calls; below these, each its part.

    >>> api = Need("api", 15_000, Decimal(6_000), Decimal(8_000), False)
    >>> plan = split(Wants("2026-12", 24_900, api, None, fixed=[Due("vps", Decimal(7_000))]))
    >>> plan.amounts_krw, plan.left_krw
    ({'total': 24900, 'api': 8800}, 9100)
    """
    servers = _servers(wants)
    api = _api(wants, wants.total_krw - servers.amount_krw)
    below = [share for kind in KINDS for share in _below(kind, wants.below, api.amount_krw)]
    shares = (servers, api, *below)
    left = wants.total_krw - servers.amount_krw - api.amount_krw
    misfits = tuple(_misfit(each, wants) for each in shares if each.missing_krw)
    notes = tuple(
        say(
            "what was paid ahead to {provider} is used up on {day}: the card is charged for more",
            provider=each.provider,
            day=each.day,
        )
        for each in wants.paid_ahead
    )
    return Plan(wants.month, wants.total_krw, shares, left, misfits, notes)


def _servers(wants: Wants) -> Share:
    fixed = sum((each.won for each in wants.fixed), NOTHING)
    rented = sum((each.won for each in wants.rented), NOTHING)
    saved = min(_saved(wants, SERVERS), rented)
    need = _stepped(fixed + (rented - saved) * (100 + MARGIN_PERCENT) / 100)
    capped = wants.servers_krw is not None
    cap = wants.total_krw if wants.servers_krw is None else wants.servers_krw
    amount = min(need, cap, wants.total_krw)
    if capped and not need:
        amount = min(cap, wants.total_krw, _least(cap))
    why = say(
        "{fixed} won of fixed items, and {rented} won of machines, traffic and space as in the "
        "last 30 days, with {margin} % more",
        fixed=won(fixed),
        rented=won(rented),
        margin=MARGIN_PERCENT,
    )
    if saved:
        why = _less(why, saved)
    return Share(SERVERS, cap, amount, need - min(need, amount), capped, why)


def _api(wants: Wants, left_krw: int) -> Share:
    saved = _saved(wants, API)
    need, why = _need_of(wants.api, saved)
    amount = max(0, min(need, wants.api.cap_krw, left_krw))
    return Share(API, wants.api.cap_krw, amount, need - amount, True, why)


def _below(kind: str, needs: Iterable[Need], api_krw: int) -> list[Share]:
    """Of one kind they share what calls may cost; each kind counts the same calls once more."""
    mine = [each for each in needs if each.bucket_id.partition(":")[0] == kind]
    wanted = {each.bucket_id: _need_of(each, NOTHING) for each in mine}
    capped = {
        each.bucket_id: min(wanted[each.bucket_id][0], each.cap_krw, api_krw) for each in mine
    }
    together = sum(capped.values())
    shares = []
    for each in mine:
        need, why = wanted[each.bucket_id]
        amount = capped[each.bucket_id]
        if together > api_krw:
            amount = amount * api_krw // together
        shares.append(Share(each.bucket_id, each.cap_krw, amount, need - amount, True, why))
    return shares


def _need_of(need: Need, saved: Decimal) -> tuple[int, Message]:
    """Whole won, and a sentence."""
    least = _least(need.cap_krw)
    if need.high_won is None:
        return need.cap_krw, say("too little is known of its days, so its cap stays")
    wanted = _stepped(max(NOTHING, need.high_won - saved) * (100 + MARGIN_PERCENT) / 100)
    if wanted < least:
        return least, say(
            "{high} won or less are expected; it keeps {percent} % of its cap",
            high=won(need.high_won),
            percent=LEAST_PERCENT,
        )
    text = say(
        "about {middle} won are expected, and in nine months of ten at most {high} won; {margin} % "
        "more is planned",
        middle=won(need.middle_won or NOTHING),
        high=won(need.high_won),
        margin=MARGIN_PERCENT,
    )
    if saved:
        text = _less(text, saved)
    if need.learning:
        text = say("{text}, by fewer than two months of days", text=text)
    return wanted, text


def _less(text: Message, saved: Decimal) -> Message:
    return say("{text}, less {saved} won of advice", text=text, saved=won(saved))


def _saved(wants: Wants, bucket_id: str) -> Decimal:
    return sum((each.saving_won for each in wants.chosen if each.bucket_id == bucket_id), NOTHING)


def _misfit(share: Share, wants: Wants) -> Message:
    missing = f"{share.missing_krw:,}"
    if share.bucket_id == SERVERS:
        names = ", ".join(each.name for each in (*wants.fixed, *wants.rented))
        return say("{missing} won do not fit of {names}", missing=missing, names=names)
    return say(
        "{missing} won of what {bucket} may need do not fit",
        missing=missing,
        bucket=share.bucket_id,
    )


def _least(cap_krw: int) -> int:
    return cap_krw * LEAST_PERCENT // 100


def _stepped(amount: Decimal) -> int:
    """Up to the next hundred.

    >>> _stepped(Decimal("8800.000001")), _stepped(Decimal(0))
    (8900, 0)
    """
    return int((amount / STEP_KRW).to_integral_value(ROUND_CEILING)) * STEP_KRW
