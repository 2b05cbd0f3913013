"""What is wrong with the messages themselves, as problems of the agent: its page shows them red."""

from collections.abc import Mapping, Sequence

from models.alerts.kept import KeptAlert, KeptMessage
from models.alerts.outlook import Rules
from models.alerts.trying import BREAKER_FAILURES, Breaker, why
from models.messages import Message, say

DeadLetter = tuple[KeptMessage, Sequence[KeptAlert]]
SHOWN_MAX = 3


def problems_of(
    breakers: Mapping[str, Breaker], dead: Sequence[DeadLetter], rules: Rules, now: float
) -> list[Message]:
    """`now` is UTC epoch seconds."""
    names = {channel.name for channel in rules.channels}
    found = [
        _silent(name, breaker, now)
        for name, breaker in breakers.items()
        if name in names and (breaker.failures >= BREAKER_FAILURES or breaker.needs_a_person)
    ]
    return found + [_dead(*letter) for letter in dead[:SHOWN_MAX]] + _further(dead)


def _silent(name: str, breaker: Breaker, now: float) -> Message:
    minutes = max(round((now - breaker.since_at) / 60), 0)
    reason = str(why(breaker.last)) if breaker.last is not None else ""
    if breaker.needs_a_person:
        return say(
            "the channel {name} takes no message ({reason}): correct the address that its url "
            "names, then `{command}`",
            name=name,
            reason=reason,
            command="python -m agent notify test",
        )
    return say(
        "the channel {name} has taken no message for {minutes} min ({reason})",
        name=name,
        minutes=minutes,
        reason=reason,
    )


def _dead(message: KeptMessage, alerts: Sequence[KeptAlert]) -> Message:
    first = alerts[0].told("")
    return say(
        "a message was given up, nobody was told: {title} ({mark}, by {channel}: {reason})",
        title=str(first.title),
        mark=first.mark,
        channel=message.channel,
        reason=str(message.reason or ""),
    )


def _further(dead: Sequence[DeadLetter]) -> list[Message]:
    count = len(dead) - SHOWN_MAX
    return [say("{count} more messages were given up", count=count)] if count > 0 else []
