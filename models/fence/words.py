"""The sentences about a fence: where it stands, who stops first, what a person can do."""

from typing import NamedTuple

from models.alerts import Alert, Severity
from models.fence.kept import NO_SUCCESS, PLANNED, PROVEN, Cents, FenceRow
from models.fence.worth import Wanted, won_micro_of
from models.messages import Message, say
from models.operations import message_of
from sallim.ledger.money_rows import Exchange
from sallim.money import won_text

NAMES = {"openai": "OpenAI", "anthropic": "Anthropic"}
KIND = "fence"
LINK = "/budget"


class Shown(NamedTuple):
    """What pages and commands say of one fence. `holds`: it is there, and not before our cap."""

    provider: str
    holds: bool
    text: Message
    notes: tuple[Message, ...] = ()

    def as_json(self) -> dict[str, object]:
        return {
            "provider": self.provider,
            "holds": self.holds,
            "text": self.text.as_json(),
            "notes": [note.as_json() for note in self.notes],
        }


def dollars(cents: int) -> str:
    """With cents.

    >>> dollars(962), dollars(123_400)
    ('$9.62', '$1,234.00')
    """
    return f"${cents // 100:,}.{cents % 100:02}"


def limit(cents: Cents) -> Message | str:
    return say("no limit") if cents is None else dollars(cents)


def is_ours_first(cents: Cents, wanted: Wanted, exchange: Exchange) -> bool:
    """Whether Sallim refuses before the provider does.

    Both count in dollars, and we count each call before it is sent, at its worst case: so of two
    that are alike to the cent, ours comes first.
    """
    return cents is None or won_micro_of(cents + 1, exchange) > wanted.cap_micro


def which_first(
    provider: str, cents: int, wanted: Wanted, exchange: Exchange
) -> tuple[bool, Message]:
    """Whether ours does, and that as a sentence."""
    values = {
        "provider": NAMES[provider],
        "dollars": dollars(cents),
        "won": won_text(wanted.cap_micro),
        "bucket": wanted.bucket_id,
    }
    if is_ours_first(cents, wanted, exchange):
        return True, say(
            "outer fence: {provider} stops at {dollars}, Sallim at {won} won ({bucket}): Sallim "
            "trips first",
            **values,
        )
    return False, say(
        "outer fence: {provider} stops at {dollars}, which is {worth} won, Sallim at {won} won "
        "({bucket}): {provider} trips first",
        worth=won_text(won_micro_of(cents, exchange)),
        **values,
    )


def shown_of(
    provider: str,
    last: FenceRow | None,
    wanted: Wanted | None,
    exchange: Exchange | None,
    trouble: Message | None = None,
) -> Shown | None:
    """None where there is no fence and none is wanted. `trouble`: why the provider is not asked."""
    name = NAMES[provider]
    if wanted is None or exchange is None:
        if last is None or not last.is_ours:
            return None
        text = say("outer fence: the limit at {provider} is being put back", provider=name)
        return Shown(provider, False, text, _reasons(last, trouble))
    if last is None or last.state in NO_SUCCESS:
        text = say("outer fence: none at {provider}", provider=name)
        return Shown(provider, False, text, _reasons(last, trouble))
    if last.state == PLANNED:
        text = say(
            "outer fence: {provider} is being asked for {limit}, and has not shown it yet",
            provider=name,
            limit=limit(last.to_cents),
        )
        return Shown(provider, False, text, _reasons(last, trouble))
    if last.to_cents is None:
        text = say("outer fence: none at {provider} yet", provider=name)
        return Shown(provider, False, text, _reasons(last, trouble))
    is_first, text = which_first(provider, last.to_cents, wanted, exchange)
    return Shown(provider, is_first, text, (*_notes(last, wanted), *_reasons(last, trouble)))


def _notes(last: FenceRow, wanted: Wanted) -> tuple[Message, ...]:
    found = []
    if last.own_cents is not None and last.own_cents < wanted.cents:
        found.append(
            say(
                "your own limit there, {own}, is lower than the {fence} of the fence and stays; "
                "raise it at {provider} if calls are to go on",
                own=dollars(last.own_cents),
                fence=dollars(wanted.cents),
                provider=NAMES[last.provider],
            )
        )
    if wanted.is_wide:
        found.append(
            say(
                "twice as high for now: {provider} counts by months of UTC, and still counts the "
                "one that is over here",
                provider=NAMES[last.provider],
            )
        )
    return tuple(found)


def _reasons(last: FenceRow | None, trouble: Message | None) -> tuple[Message, ...]:
    found = [message_of(last.problem)] if last is not None and last.problem else []
    return (*found, trouble) if trouble is not None else tuple(found)


def is_news(last: FenceRow | None, fresh: FenceRow) -> bool:
    """Whether somebody must be told: that it does not work is said once, until it has worked."""
    return fresh.state in NO_SUCCESS and (last is None or last.state not in NO_SUCCESS)


def alert_of(row: FenceRow) -> Alert:
    """Of one that does not work."""
    title = say(
        "there is no outer fence at {provider}: its limit could not be set",
        provider=NAMES[row.provider],
    )
    lines = [
        message_of(row.problem),
        say("Sallim itself refuses calls as before; it is what goes past it that nobody stops"),
    ]
    key = f"fence:{row.provider}:{row.planned_at:.0f}:{row.state}"
    return Alert(key, KIND, Severity.WARN, title, lines, LINK)


def change_of(row: FenceRow) -> Message:
    """For the log."""
    values: dict[str, str | Message] = {
        "provider": NAMES[row.provider],
        "before": limit(row.before_cents),
        "after": limit(row.to_cents),
    }
    if row.state == PROVEN and row.before_cents == row.to_cents:
        return say("the limit at {provider} is {after}, as it should be", **values)
    if row.state == PROVEN:
        return say("the limit at {provider} was {before} and is {after} now", **values)
    if row.state == PLANNED:
        return say("the limit at {provider} is {before}, and is asked to be {after}", **values)
    return say(
        "the limit at {provider} is not kept in step: {problem}",
        problem=message_of(row.problem),
        **values,
    )
