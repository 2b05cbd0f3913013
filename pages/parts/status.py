"""State as icon, word and colour: never by colour alone."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Literal

from models.messages import Message, say
from models.monitoring import SourceState, State
from pages.parts.formats import age
from pages.parts.texts import plain, told

WORDS: dict[State, Message] = {
    State.PRESENT: say("works"),
    State.STALE: say("stale"),
    State.ERROR: say("error"),
    State.ABSENT: say("absent"),
}
DOWN, IN_PART = say("down"), say("needs a look")
ICONS = {State.PRESENT: "✓", State.STALE: "◷", State.ERROR: "■", State.ABSENT: "○"}
Colour = Literal["green", "orange", "red", "gray"]

COLOURS: dict[State, Colour] = {
    State.PRESENT: "green",
    State.STALE: "orange",
    State.ERROR: "red",
    State.ABSENT: "gray",
}
NOTHING: Mapping[str, Any] = MappingProxyType({})
FINE, WATCH, HIGH, UNKNOWN = ("green", "✓"), ("orange", "▲"), ("red", "■"), ("gray", "○")

SOURCES: dict[str, Message] = {
    "host": say("Host"),
    "gpu": say("GPU"),
    "processes": say("Processes"),
    "itself": say("The agent itself"),
    "fx": say("Exchange rates"),
    "reconcile": say("Bills against the ledger"),
    "beats": say("Heartbeats"),
    "pools": say("Plans of machines"),
}

KINDS: dict[str, Message] = {
    "bill": say("Bill: {name}"),
    "usage": say("Usage by the minute: {name}"),
    "cash": say("Balance: {name}"),
    "prices": say("Price list: {name}"),
}
"""Of what the settings give a name."""


def badge(look: tuple[str, str], word: str) -> str:
    """Markdown of a badge; `word` is translated and safe already."""
    colour, icon = look
    return f":{colour}-badge[{icon} {word}]"


def state_badge(state: State) -> str:
    return badge((COLOURS[state], ICONS[state]), told(WORDS[state]))


def source_name(name: str) -> str:
    kind, _, instance = name.partition(":")
    if kind in KINDS:
        return told(replace(KINDS[kind], values={"name": instance}))
    return told(SOURCES[name]) if name in SOURCES else plain(name)


def source_badge(source: SourceState, detail: Mapping[str, Any]) -> str:
    """A source that is read well may still say that what it watches is down, or lacks a part."""
    if source.state is State.PRESENT and detail.get("up") is False:
        return badge(HIGH, told(DOWN))
    if source.state is State.PRESENT and source.reason is not None:
        return badge(WATCH, told(IN_PART))
    return state_badge(source.state)


def source_line(source: SourceState, detail: Mapping[str, Any] = NOTHING) -> str:
    """One line of Markdown: what it is, how it is, since when, and why.

    `detail` is what the source knows that no series can say.
    """
    parts = [f"{source_badge(source, detail)} **{source_name(source.name)}**"]
    if source.age_seconds is not None:
        parts.append(told(age(source.age_seconds)))
    if source.reason is not None:
        parts.append(told(source.reason))
    return " · ".join(parts)
