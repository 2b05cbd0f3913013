"""On which line of a TOML text a key stands: the standard parser does not tell.

The scanner trusts that quotes and brackets pair up. Of a text that is not TOML it returns what
it could follow, and it never raises.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum, auto
from typing import NamedTuple

Path = tuple[str, ...]


class Kind(Enum):
    VALUE = auto()
    TABLE = auto()
    ARRAY_OF_TABLES = auto()


class Place(NamedTuple):
    """One mention of a key: a value, a [table] or an [[array of tables]]; lines count from 1."""

    path: Path
    line: int
    kind: Kind


class Token(NamedTuple):
    kind: str
    text: str
    line: int


TOKEN = re.compile(
    r"""
      (?P<skip>[ \t\r]+ | \#[^\n]*)
    | (?P<newline>\n)
    | (?P<string>\"\"\"(?:[^\\]|\\.)*?\"\"\"\"{0,2} | '''.*?''''{0,2}
        | "(?:[^"\\\n]|\\.)*" | '[^'\n]*')
    | (?P<punctuation>[\[\]{}=,.])
    | (?P<bare>[^\s\[\]{}=,."'\#]+)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
BARE = re.compile(r"[A-Za-z0-9_-]+")
END = Token("end", "", 0)


def places(text: str) -> list[Place]:
    r"""Every key of the text in the order of the text, dotted keys and inline tables unfolded.

    >>> [(".".join(place.path), place.line) for place in places("a.b = 1\n[c]\nd = {e = 2}\n")]
    [('a.b', 1), ('c', 2), ('c.d', 3), ('c.d.e', 3)]
    """
    return list(_Scanner(_tokens(text)).statements())


def dotted(path: Path) -> str:
    """The path as TOML writes it, on one line whatever it holds.

    >>> dotted(("store", "size max"))
    'store."size max"'
    """
    return ".".join(part if BARE.fullmatch(part) else json.dumps(part) for part in path)


def lines_of(found: Iterable[Place]) -> dict[Path, int]:
    """The first line that mentions each path, every table that a longer path implies included.

    What stands in an array of tables is found under its number too, counted from 0.
    """
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    for place in found:
        if place.kind is Kind.ARRAY_OF_TABLES:
            counts[place.path] = counts.get(place.path, -1) + 1
        for path in {place.path, _numbered(place.path, counts)}:
            for end in range(1, len(path) + 1):
                lines.setdefault(path[:end], place.line)
    return lines


def named(path: Path) -> Path:
    """A path without the numbers of arrays: what the settings call it.

    >>> named(("postgres", "0", "url"))
    ('postgres', 'url')
    """
    return tuple(part for part in path if not part.isdecimal()) or path


def _numbered(path: Path, counts: Mapping[Path, int]) -> Path:
    numbered: Path = ()
    for end in range(1, len(path) + 1):
        numbered += (path[end - 1],)
        if path[:end] in counts:
            numbered += (str(counts[path[:end]]),)
    return numbered


def repeated(found: Iterable[Place]) -> tuple[Place, Place] | None:
    """The first key that is set twice, or table that is opened twice: both places."""
    seen: dict[Path, Place] = {}
    for place in found:
        earlier = seen.setdefault(place.path, place)
        arrays = earlier.kind is place.kind is Kind.ARRAY_OF_TABLES
        if earlier is not place and not arrays:
            return earlier, place
        if place.kind is Kind.ARRAY_OF_TABLES:
            # Each element of an array is a new table, whose keys are not repeated ones.
            seen = {path: at for path, at in seen.items() if not _below(path, place.path)}
    return None


def _below(path: Path, table: Path) -> bool:
    return len(path) > len(table) and path[: len(table)] == table


def _tokens(text: str) -> list[Token]:
    tokens = []
    line = 1
    for match in TOKEN.finditer(text):
        kind = match.lastgroup or "other"
        if kind != "skip":
            tokens.append(Token(kind, match.group(), line))
        line += match.group().count("\n")
    return tokens


class _Scanner:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def statements(self) -> Iterator[Place]:
        table: Path = ()
        while self._next.kind != "end":
            if self._next.kind == "newline":
                self._take()
            elif self._next.text == "[":
                place = self._header()
                table = place.path
                yield place
                self._skip_line()
            else:
                yield from self._pair(table)
                self._skip_line()

    @property
    def _next(self) -> Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else END

    def _take(self) -> Token:
        token = self._next
        self._at += 1
        return token

    def _header(self) -> Place:
        line = self._take().line
        kind = Kind.TABLE
        if self._next.text == "[":
            self._take()
            kind = Kind.ARRAY_OF_TABLES
        return Place(self._key(), line, kind)

    def _key(self) -> Path:
        parts = []
        while self._next.kind in {"bare", "string"}:
            parts.append(_unquoted(self._take().text))
            if self._next.text != ".":
                break
            self._take()
        return tuple(parts)

    def _pair(self, table: Path) -> Iterator[Place]:
        line = self._next.line
        key = self._key()
        if not key or self._next.text != "=":
            return
        self._take()
        path = table + key
        yield Place(path, line, Kind.VALUE)
        if self._next.text == "{":
            yield from self._inline_table(path)

    def _inline_table(self, path: Path) -> Iterator[Place]:
        self._take()
        while self._next.kind != "end" and self._next.text != "}":
            yield from self._pair(path)
            self._skip_until({",", "}"})
            if self._next.text == ",":
                self._take()
        self._take()

    def _skip_line(self) -> None:
        self._skip_until({"\n"})

    def _skip_until(self, stops: set[str]) -> None:
        depth = 0
        while self._next.kind != "end":
            text = self._next.text
            if depth <= 0 and text in stops:
                return
            depth += (text in {"[", "{"}) - (text in {"]", "}"})
            self._take()


def _unquoted(token: str) -> str:
    if token[0] not in "\"'":
        return token
    try:
        return str(tomllib.loads(f"key = {token}")["key"])
    except tomllib.TOMLDecodeError:
        return token
