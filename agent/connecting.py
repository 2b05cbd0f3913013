"""The first configuration as the page `settings` asks for it: look, show, write once, take over."""

import os
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.discovery import look_around
from data.settings_file import check_text
from data.settings_text import write_new
from models.connect import Found, questions_for, secrets_needed, settings_text
from models.errors import ConfigError
from models.messages import Message, say

ANSWER_CHARACTERS_MAX = 1000


@dataclass(frozen=True, slots=True)
class Connecting:
    """`target` is the settings file that would be written; an existing one is never touched."""

    target: Path
    timezone: str
    reload: Callable[[], None]
    look: Callable[[], list[Found]] = look_around

    def found(self) -> dict[str, Any]:
        """Shape of `GET /connect`: what is there, what is asked, where it goes."""
        found = self.look()
        questions = questions_for(found, socket.gethostname(), self.timezone)
        return {
            "found": [
                {"kind": thing.kind.value, "where": thing.where, "text": thing.text.as_json()}
                for thing in found
            ],
            "questions": [
                {"key": question.key, "text": question.text.as_json(), "usual": question.usual}
                for question in questions
            ],
            "target": str(self.target),
            "exists": self.target.exists(),
        }

    def draft(self, answers: Mapping[str, object], *, write: bool) -> dict[str, Any]:
        """Shape of `POST /connect`: the lines, the doctor's verdict, and whether they are in force.

        Raises ConfigError when the answers make no settings, or when the file cannot be written.
        """
        from agent.checks.sources import sources

        # Trying a draft shows secrets to its sources: only as long as nothing is configured.
        if self.target.exists():
            raise ConfigError(
                say("{path} is there already; nothing was written", path=str(self.target))
            )
        text = settings_text(self.look(), _clean(answers))
        settings = check_text(text, self.target.name)
        if write:
            write_new(self.target, text)
            self.reload()
        verdicts = sources(settings, time.time, time.monotonic)
        return {
            "text": text,
            "written": write,
            "target": str(self.target),
            "verdicts": [
                {
                    "level": finding.level.value,
                    "name": finding.name.removeprefix("source "),
                    "text": _shape(finding.text),
                }
                for finding in verdicts
            ],
            "secrets": [name for name in secrets_needed(text) if not os.environ.get(name)],
        }


def _clean(answers: Mapping[str, object]) -> dict[str, str]:
    """Short printable texts: what cannot stand on one line of the file is refused."""
    clean = {str(key): str(value).strip() for key, value in answers.items()}
    for key, value in clean.items():
        if len(value) > ANSWER_CHARACTERS_MAX or not value.isprintable():
            raise ConfigError(f"{key}: the answer must be one line of at most 1000 characters")
    return clean


def _shape(text: Message | str) -> dict[str, object]:
    return (text if isinstance(text, Message) else say("{text}", text=text)).as_json()
