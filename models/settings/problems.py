"""From the text of `sallim.toml` to settings, or to every problem in it at once.

Each problem names the file, the line, the key, what is wrong and a value that would work.
"""

import sys
from typing import NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from models.errors import ConfigError
from models.messages import Message, say
from models.settings import Settings
from models.settings.keys import field_at, is_list
from models.settings.nearest import unknown
from models.settings.rules import Wrong
from models.settings.syntax import PROBLEMS_MAX, Problem, readable
from models.settings.toml_lines import Path, dotted, lines_of, named, places
from models.settings.values import shown, takes


def settings_of(text: str, file: str) -> Settings:
    """The settings that a text says; `file` is what messages call it.

    Raises ConfigError with all problems, in the order of their lines.
    """
    document = readable(text, file)
    found = _Where(file, lines_of(places(document.text)))
    problems = list(document.problems)
    settings = Settings()
    try:
        settings = Settings.model_validate(document.values)
    except ValidationError as error:
        problems += [_problem(details, found) for details in error.errors()[:PROBLEMS_MAX]]
        if error.error_count() > PROBLEMS_MAX:
            problems.append(_more(file, error.error_count() - PROBLEMS_MAX))
    if problems:
        problems.sort(key=lambda problem: problem.line)
        raise ConfigError(*(problem.message for problem in problems))
    return settings


def said_of(text: str, file: str, path: Path, message: Message) -> Message:
    """Fill the places {where} and {key} of a message about a key of this text."""
    return _Where(file, lines_of(places(text))).problem(path, message).message


def _more(file: str, count: int) -> Problem:
    message = say("{file}: and {count} more problems; mend these first", file=file, count=count)
    return Problem(sys.maxsize, message)


class _Where(NamedTuple):
    file: str
    lines: dict[Path, int]

    def problem(self, path: Path, message: Message) -> Problem:
        """Fill in the places that only the text knows; what is not in it stands in its table."""
        tables = (path[:end] for end in range(len(path), 0, -1))
        line = next((self.lines[table] for table in tables if table in self.lines), 1)
        known = {"where": f"{self.file} line {line}", "key": dotted(named(path))}
        return Problem(line, Message(message.template, {**known, **message.values}))


def _problem(details: ErrorDetails, found: _Where) -> Problem:
    path = tuple(str(part) for part in details["loc"])
    known = named(path)
    value = details["input"]
    wrong = details.get("ctx", {}).get("error")
    if isinstance(wrong, Wrong):
        values = {"value": shown(value), **wrong.message.values}
        return found.problem((*path, *wrong.below), Message(wrong.message.template, values))
    if details["type"] == "extra_forbidden":
        return found.problem(path, unknown(known, value))
    field = field_at(known)
    if field is None and is_list(known):
        return found.problem(
            path,
            say(
                "{where}: {key} is {value}, and there may be several: write [[{key}]] on a line of "
                "its own and the keys of one below it",
                value=shown(value),
            ),
        )
    if field is None:
        return found.problem(
            path,
            say(
                "{where}: {key} is {value}, and it is a section: write [{key}] on a line of its "
                "own and its keys below it",
                value=shown(value),
            ),
        )
    return found.problem(path, takes(known[-1], field, value))
