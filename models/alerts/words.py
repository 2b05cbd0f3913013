"""The text of a message: plain, one thought a line, and nothing in a name can break it.

What is put into a sentence may come from outside, so it is one line of limited length there;
what a channel would take for its own markup is escaped in the worker, which knows the channel.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from models.messages import Message, say

TEXT_LENGTH_MAX = 1500
"""Telegram takes 4,096 characters, Discord 2,000; a text message is cut by its own plugin."""
VALUE_LENGTH_MAX = 200
LATE_SECONDS = 60.0

_LINE_ENDS = re.compile(r"\s*[\r\n\x0b\x0c\x85\u2028\u2029]\s*")
_MENTION = re.compile(r"@(?=\w)")
_GAP = "\u200b"
"""Seen by nobody; behind an @, it calls nobody either."""


class Told(NamedTuple):
    """One alert of a message. `link` is whole."""

    number: int
    times: int
    title: Message
    lines: Sequence[Message] = ()
    link: str = ""

    @property
    def mark(self) -> str:
        """By which a message that comes twice is known.

        >>> Told(1042, 2, say("")).mark
        '#1042/2'
        """
        return f"#{self.number}/{self.times}"

    def as_json(self) -> dict[str, object]:
        return {
            "number": self.number,
            "times": self.times,
            "title": self.title.as_json(),
            "lines": [line.as_json() for line in self.lines],
            "link": self.link,
        }

    @classmethod
    def from_json(cls, shape: Mapping[str, object]) -> "Told":
        title, lines = shape["title"], shape["lines"]
        if not isinstance(title, dict) or not isinstance(lines, list):
            raise TypeError("no alert")
        number, times = int(str(shape["number"])), int(str(shape["times"]))
        told = [Message.from_json(line) for line in lines]
        return cls(number, times, Message.from_json(title), told, str(shape["link"]))


class Late(NamedTuple):
    """That a message comes later than it was meant to."""

    seconds: float
    reason: Message


class Text(NamedTuple):
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Speech:
    """How templates are said: in which language, and what makes a value harmless there."""

    translate: Callable[[str], str] = str
    escape: Callable[[str], str] = str

    def say(self, message: Message) -> str:
        """With values that stay within their line."""
        values = {
            name: self.escape(harmless(value)) if isinstance(value, str) else value
            for name, value in message.values.items()
        }
        return self.translate(message.template).format(**values)


def text_of(alerts: Sequence[Told], late: Late | None, speech: Speech) -> Text:
    """`alerts` is not empty; what does not fit is counted, and stands on the page."""
    notes = [_delay(late, speech)] if late and late.seconds >= LATE_SECONDS else []
    if len(alerts) > 1:
        return _together(alerts, notes, speech)
    one = alerts[0]
    lines = [speech.say(line) for line in one.lines]
    link = [one.link] if one.link else []
    return Text(_headline(one, speech), _cut([*lines, *notes], link))


def harmless(value: str) -> str:
    r"""Text from outside, so that it makes no line of its own, calls nobody and hides nothing.

    >>> harmless("ocr\n\nAll is well")
    'ocr All is well'
    >>> harmless("@everyone") == "@\u200beveryone"
    True
    """
    line = _LINE_ENDS.sub(" ", value)
    shown = "".join(sign for sign in line if sign.isprintable())
    short = shown if len(shown) <= VALUE_LENGTH_MAX else shown[: VALUE_LENGTH_MAX - 1] + "…"
    return _MENTION.sub("@" + _GAP, short)


def _together(alerts: Sequence[Told], notes: Sequence[str], speech: Speech) -> Text:
    link = [one.link for one in alerts if one.link][:1]
    heads = [f"- {_headline(one, speech)}" for one in alerts]
    room = TEXT_LENGTH_MAX - sum(len(line) + 1 for line in [*notes, *link])
    shown = _fitting(heads, room)
    left = alerts[shown:]
    if left:
        more = say(
            "and {count} more, {first} to {last}",
            count=len(left),
            first=left[0].mark,
            last=left[-1].mark,
        )
        notes = [speech.say(more), *notes]
    title = speech.say(say("{count} messages", count=len(alerts)))
    return Text(title, "\n".join([*heads[:shown], *notes, *link]))


def _headline(one: Told, speech: Speech) -> str:
    return f"{speech.say(one.title)} ({one.mark})"


def _delay(late: Late, speech: Speech) -> str:
    minutes = round(late.seconds / 60)
    reason = speech.say(late.reason)
    if minutes < 120:
        return speech.say(say("delayed {minutes} min ({reason})", minutes=minutes, reason=reason))
    hours = round(minutes / 60)
    return speech.say(say("delayed {hours} h ({reason})", hours=hours, reason=reason))


def _cut(lines: Sequence[str], link: Sequence[str]) -> str:
    text = "\n".join(lines)
    room = TEXT_LENGTH_MAX - sum(map(len, link))
    short = text if len(text) <= room else text[: room - 1] + "…"
    return "\n".join(part for part in (short, *link) if part)


def _fitting(lines: Sequence[str], room: int) -> int:
    """How many; where some are left over, a line that counts them must fit too."""
    used = 0
    for count, line in enumerate(lines):
        used += len(line) + 1
        if used > room - 100:
            return count
    return len(lines)
