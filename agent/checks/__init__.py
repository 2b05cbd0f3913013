"""What `python -m agent doctor` looks at: each check is a function that returns findings."""

from enum import StrEnum
from typing import NamedTuple

from models.messages import Message


class Level(StrEnum):
    """`absent` is an answer, not a failure: what is not there and need not be."""

    OK = "ok"
    ABSENT = "absent"
    PROBLEM = "problem"


class Finding(NamedTuple):
    """One line of the report; a problem says what to do."""

    level: Level
    name: str
    text: Message | str


def ok(name: str, text: Message | str) -> Finding:
    return Finding(Level.OK, name, text)


def absent(name: str, text: Message | str) -> Finding:
    return Finding(Level.ABSENT, name, text)


def problem(name: str, text: Message | str) -> Finding:
    return Finding(Level.PROBLEM, name, text)
