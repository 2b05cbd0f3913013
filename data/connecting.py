"""The first configuration as a page asks the agent for it."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from models.connect import Found, Kind, Question
from models.messages import Message


class Asks(Protocol):
    def asked(
        self, target: str, shape: dict[str, Any] | None = None, session: str | None = None
    ) -> dict[str, Any]: ...


class Surroundings(NamedTuple):
    """What is there, what would be asked, and the file that would be written."""

    found: list[Found]
    questions: list[Question]
    target: str
    exists: bool


class Verdict(NamedTuple):
    """What the doctor says to one source: `level` is ok, absent or problem."""

    level: str
    name: str
    text: Message


class Draft(NamedTuple):
    """The lines, what they lead to, and the secrets that the agent does not have yet."""

    text: str
    written: bool
    target: str
    verdicts: list[Verdict]
    secrets: list[str]


def surroundings(reader: Asks) -> Surroundings:
    """Raises AgentSilent."""
    shape = reader.asked("/connect")
    return Surroundings(
        [
            Found(Kind(thing["kind"]), thing["where"], Message.from_json(thing["text"]))
            for thing in shape["found"]
        ],
        [
            Question(one["key"], Message.from_json(one["text"]), one["usual"])
            for one in shape["questions"]
        ],
        shape["target"],
        shape["exists"],
    )


def draft(
    reader: Asks, answers: Mapping[str, str], *, write: bool, session: str | None = None
) -> Draft:
    """`session` is whose page asks: only an owner's may write.

    Raises QueryRefused when the answers cannot be used, AgentSilent when nobody answers.
    """
    asked = {"answers": dict(answers), "write": write}
    shape = reader.asked("/connect", asked, session)
    verdicts = [
        Verdict(one["level"], one["name"], Message.from_json(one["text"]))
        for one in shape["verdicts"]
    ]
    return Draft(shape["text"], shape["written"], shape["target"], verdicts, shape["secrets"])
