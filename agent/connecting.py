"""The first configuration as the page `settings` asks for it: look, show, write once, take over."""

import os
import re
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.discovery import look_around
from agent.openings import keep_openings
from data.home import Home
from data.settings_file import check_text
from data.settings_text import write_new
from models.connect import Found, questions_for, secrets_needed, settings_text, spent_before
from models.errors import ConfigError
from models.messages import Message, say

ANSWER_CHARACTERS_MAX = 1000
SECRET = re.compile(r"-|(?:N8N|PG|POSTGRES)_[A-Z0-9_]{1,60}")


@dataclass(frozen=True, slots=True)
class Connecting:
    """`target` is the settings file that would be written; an existing one is never touched."""

    home: Home
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

        clean = _clean(answers)
        spent = spent_before(clean)
        text = settings_text(self.look(), clean)
        settings = check_text(text, self.target.name)
        # To try sources shows secrets to them, and addresses are asked from here: only while
        # nothing is configured, and of the endpoints only what the owner has written down.
        is_first = not self.target.exists()
        if write:
            write_new(self.target, text)
            keep_openings(self.home, spent)
            self.reload()
        tried = settings if write else settings.model_copy(update={"endpoint": ()})
        verdicts = sources(tried, time.time, time.monotonic) if is_first else []
        needed = secrets_needed(text) if is_first else []
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
            "secrets": [name for name in needed if not os.environ.get(name)],
        }


def _clean(answers: Mapping[str, object]) -> dict[str, str]:
    """Short printable texts: what cannot stand on one line of the file is refused."""
    clean = {str(key): str(value).strip() for key, value in answers.items()}
    for key, value in clean.items():
        if len(value) > ANSWER_CHARACTERS_MAX or not value.isprintable():
            raise ConfigError(f"the answer to {key} must be one line of at most 1000 characters")
    for key in ("n8n_key", "postgres_password"):
        # A page must not make the agent show any secret that it has to whatever answers here.
        if not SECRET.fullmatch(clean.get(key, "-")):
            raise ConfigError(
                say(
                    "from a page, {key} takes only names that begin with N8N_, PG_ or POSTGRES_, "
                    "for example PG_PASSWORD; write others into sallim.toml yourself",
                    key=key,
                )
            )
    return clean


def _shape(text: Message | str) -> dict[str, object]:
    return (text if isinstance(text, Message) else say("{text}", text=text)).as_json()
