"""Text that is not TOML: each broken line is named, and the rest is read all the same.

The standard parser stops at the first mistake. A line that cannot be TOML wherever it stands is
set aside so that the lines after it are looked at too.
"""

import re
import tomllib
from typing import Any, NamedTuple

from models.messages import Message, say
from models.settings.keys import field_at
from models.settings.toml_lines import Kind, Path, Place, dotted, places, repeated
from models.settings.values import Bare, takes

PROBLEMS_MAX = 20
PLACE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$")
PAIR = re.compile(r"^\s*([A-Za-z0-9_.-]+)\s*[=:]\s*(.*?)\s*(?:#.*)?$")


class Problem(NamedTuple):
    line: int
    message: Message


class Document(NamedTuple):
    """What could be read: `text` is `values` as TOML, with broken lines left empty."""

    text: str
    values: dict[str, Any]
    problems: list[Problem]


def readable(text: str, file: str) -> Document:
    """Everything in the text that is TOML, and a problem for every line that is not."""
    problems: list[Problem] = []
    cut = False
    while not cut and len(problems) < PROBLEMS_MAX:
        try:
            return Document(text, tomllib.loads(text), problems)
        except tomllib.TOMLDecodeError as error:
            line, reason = _line_and_reason(error, text)
            twice = _set_twice(text, line)
            problems.append(_repeated(twice, file) if twice else _broken(text, line, reason, file))
            lines = text.split("\n")
            line = problems[-1].line
            cut = not _is_alone_to_blame(lines[line - 1], twice)
            text = "\n".join([*lines[: line - 1], "", *([] if cut else lines[line:])])
    return (
        Document(text, tomllib.loads(text), problems)
        if _is_toml(text)
        else Document("", {}, problems)
    )


def _line_and_reason(error: tomllib.TOMLDecodeError, text: str) -> tuple[int, str]:
    reason = str(error)
    match = PLACE.search(reason)
    last = len(text.rstrip("\n").split("\n"))
    line = int(match.group(1)) if match and match.group(1) else last
    return min(line, last), PLACE.sub("", reason)


def _set_twice(text: str, line: int) -> tuple[Place, Place] | None:
    """What is repeated, if the parser stopped there and not at something before it."""
    found = repeated(places(text))
    return found if found and found[1].line <= line else None


def _repeated(twice: tuple[Place, Place], file: str) -> Problem:
    first, second = twice
    where, key = f"{file} line {second.line}", dotted(second.path)
    if second.kind is Kind.TABLE:
        message = say(
            "{where}: section [{key}] is opened a second time, first on line {line}; move its "
            "keys there and remove this line",
            where=where,
            key=key,
            line=first.line,
        )
    else:
        message = say(
            "{where}: {key} is set a second time, first on line {line}; keep one of the two",
            where=where,
            key=key,
            line=first.line,
        )
    return Problem(second.line, message)


def _broken(text: str, line: int, reason: str, file: str) -> Problem:
    where = f"{file} line {line}"
    lines = text.split("\n")
    match = PAIR.match(lines[line - 1])
    if match and not _is_toml(lines[line - 1]):
        path = (*_table_above(lines[: line - 1]), *match.group(1).split("."))
        field = field_at(path)
        if field is not None and match.group(2):
            message = takes(path[-1], field, Bare(match.group(2).strip("\"'")))
            known = {"where": where, "key": dotted(path)}
            return Problem(line, Message(message.template, {**known, **message.values}))
    return Problem(
        line,
        say(
            "{where}: this is not TOML ({reason}); a line is a [section] or key = value with "
            "text in quotes, for example {example}",
            where=where,
            reason=reason,
            example='name = "gpu-1"',
        ),
    )


def _table_above(lines: list[str]) -> Path:
    tables = [place.path for place in places("\n".join(lines)) if place.kind is Kind.TABLE]
    return tables[-1] if tables else ()


def _is_alone_to_blame(line: str, twice: tuple[Place, Place] | None) -> bool:
    """Whether the lines below can be read without it: not so below a lost [section]."""
    if line.lstrip().startswith("["):
        return False
    return twice is not None or not _is_toml(line)


def _is_toml(line: str) -> bool:
    try:
        tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return False
    return True
