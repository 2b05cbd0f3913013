"""`[[service]]`: something that costs money while it runs, and how it is stopped and started."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from models.messages import Message, say
from models.settings.analysis import unknown_n8n
from models.settings.rules import Wrong
from models.settings.section import Instance, Section, instance
from models.settings.values import shown
from models.stopping import cycle

KRW_AN_HOUR_MAX = 1_000_000
PLACEHOLDERS = ("name", "verb")
"""All that may stand in a command in braces: nothing that comes from outside."""

_UNIT = r"[A-Za-z0-9:_.@-]{1,240}\.service"
PATTERNS = {
    "systemd": (_UNIT, "video-worker.service"),
    "docker": (r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}", "n8n"),
    "n8n_workflow": (r"[A-Za-z0-9_-]{1,64}", "VmwOO9HeTEj20kxM"),
    "gateway_token": (r"[a-z0-9][a-z0-9._-]{0,39}", "n8n"),
}
"""What each kind of target is called, and an example."""


def argv_rule(
    argv: tuple[str, ...],
    places: tuple[str, ...] = PLACEHOLDERS,
    example: str = '["/usr/local/bin/gpu", "stop"]',
) -> tuple[str, ...]:
    """Raises Wrong unless it is a program by its path and its words, or nothing."""
    wrong = bool(argv) and (not argv[0].startswith("/") or not all(w.isprintable() for w in argv))
    for place, word in enumerate(argv):
        known = word
        for name in places if place else ():
            known = known.replace(f"{{{name}}}", "")
        wrong = wrong or "{" in known or "}" in known
    if wrong:
        raise Wrong(
            say(
                "{where}: {key} takes a program by its whole path and its words, each a text of "
                "its own, in which {places} are filled in and no other braces stand; for example "
                "{example}",
                places=" and ".join(f"{{{name}}}" for name in places),
                example=example,
            )
        )
    return argv


def _of_service(argv: tuple[str, ...]) -> tuple[str, ...]:
    return argv_rule(argv)


Argv = Annotated[tuple[str, ...], AfterValidator(_of_service)]


def argv(what: str, verb: str) -> Any:
    return Field(
        default=(),
        strict=False,
        max_length=64,
        examples=["/usr/local/bin/gpu", verb],
        description=f"Of `command`: {what}, a program by its path and its words; no shell",
        json_schema_extra={"limits": "at most 64 texts, the first a path that starts with /"},
    )


class Service(Section):
    name: Instance = instance("this service")
    kind: Literal["systemd", "docker", "command", "n8n_workflow", "gateway_token"] = Field(
        default="systemd", description="How it is stopped and started; see docs/limits.md"
    )
    target: str = Field(
        default="",
        max_length=250,
        description="The unit, the container, the id of the workflow or the token that is meant; "
        "empty: what is named like the service",
        json_schema_extra={"limits": "as its kind writes names; a unit ends with .service"},
    )
    n8n: Instance = Field(
        default="main",
        description="Of `n8n_workflow`: name of the [[n8n]] that runs it",
        json_schema_extra={"limits": "a name of a [[n8n]]"},
    )
    lets_runs_finish: bool = Field(
        default=False,
        description="Of `n8n_workflow`: whether runs that have begun go on when it is stopped",
    )
    stop: Argv = argv("what stops it", "stop")
    start: Argv = argv("what starts it", "start")
    check: Argv = argv("what ends with 0 while it is up, with 1 or 3 while it is down", "is-up")
    start_may_repeat: bool = Field(
        default=False,
        description="Of `command`: whether `start` may run once more where it is not known whether "
        "it was begun; leave it false where that could buy a second machine",
    )
    timeout_seconds: float = Field(
        default=30, ge=1, le=300, description="A stop, start or check that takes longer has failed"
    )
    priority: Literal["essential", "important", "optional"] = Field(
        default="important", description="`essential` is never stopped by a budget"
    )
    requires: tuple[str, ...] = Field(
        default=(),
        strict=False,
        max_length=50,
        examples=["postgres"],
        description="Services without which it cannot run: it is stopped before them",
        json_schema_extra={"limits": "names of other [[service]]"},
    )
    hour_krw: int = Field(
        default=0, ge=0, le=KRW_AN_HOUR_MAX, description="What an hour of it costs, in won"
    )
    stopped_hour_krw: int = Field(
        default=0,
        ge=0,
        le=KRW_AN_HOUR_MAX,
        description="What an hour costs while it is down, such as the disk of a machine",
    )
    still_bills: str = Field(
        default="",
        max_length=80,
        description="What goes on being charged while it is down, like `disk of 50 GB`: it is "
        "then shown as still billing, never as stopped",
        json_schema_extra={"limits": "at most 80 characters"},
    )

    @model_validator(mode="after")
    def _says_what_is_meant(self) -> Self:
        """Raises Wrong."""
        if self.kind == "command":
            for key, words in (("stop", self.stop), ("start", self.start), ("check", self.check)):
                if not words:
                    raise Wrong(_no_command(key), (key,))
        elif not re.fullmatch(PATTERNS[self.kind][0], self.subject):
            raise Wrong(_no_name(self.kind, self.target), ("target",))
        return self

    @property
    def subject(self) -> str:
        """What is meant, as systemd, Docker, n8n or the gateway calls it."""
        if self.kind == "systemd":
            return self.target or f"{self.name}.service"
        return self.target or self.name


def can_be_stopped(entries: tuple[Service, ...], info: ValidationInfo) -> tuple[Service, ...]:
    """Raises Wrong where one requires what is not there, or itself by a detour."""
    for problem, below in _problems(entries, info):
        raise Wrong(problem, below)
    return entries


def _problems(
    entries: tuple[Service, ...], info: ValidationInfo
) -> Iterator[tuple[Message, tuple[str, ...]]]:
    names = [entry.name for entry in entries]
    for place, entry in enumerate(entries):
        unknown = next((name for name in entry.requires if name not in names), None)
        if unknown is not None:
            yield _unknown_service(unknown, names, entry.name), (str(place), "requires")
        houses = [n8n.name for n8n in info.data.get("n8n", ())]
        if entry.kind == "n8n_workflow" and "n8n" in info.data and entry.n8n not in houses:
            yield unknown_n8n(entry.n8n, houses, "service"), (str(place), "n8n")
    circle = cycle(entries)
    if circle:
        yield _circle(circle), (str(names.index(circle[0])), "requires")


def _no_command(key: str) -> Message:
    return say(
        '{where}: {key} is empty, and kind = "command" takes stop, start and check; write the '
        "program and its words, for example {example}",
        example=f'{key} = ["/usr/local/bin/gpu", "{key}"]',
    )


def _no_name(kind: str, target: str) -> Message:
    return say(
        "{where}: {key} is {value}, which is no name of {kind}; it takes one, for example "
        "{example}",
        value=shown(target),
        kind=kind,
        example=f'"{PATTERNS[kind][1]}"',
    )


def _unknown_service(name: str, names: list[str], own: str) -> Message:
    other = next((each for each in names if each != own), "")
    return say(
        "{where}: {key} has {name}, and no [[service]] is named so; it takes names of others, for "
        "example {example}",
        name=f'"{name[:40]}"',
        example=f'["{other}"]' if other else "[]",
    )


def _circle(names: tuple[str, ...]) -> Message:
    return say(
        "{where}: {key} closes a circle ({circle}), so nothing in it could be stopped before what "
        "it requires; take one of them out, for example {example}",
        circle=" → ".join((*names, names[0])),
        example="requires = []",
    )
