"""Rules of `sallim.toml` that a type and two limits cannot say, each with a value that works."""

import difflib
import re
import zoneinfo
from typing import Protocol

from models.messages import Message, say


class Named(Protocol):
    """One entry of a list of tables."""

    @property
    def name(self) -> str: ...


class Wrong(ValueError):
    """A value breaks a rule.

    `message` has the places {where}, {key} and {value}, which are filled by whoever knows them;
    `below` leads from the value to the part of it that is wrong.
    """

    def __init__(self, message: Message, below: tuple[str, ...] = ()) -> None:
        super().__init__(message.template)
        self.message = message
        self.below = below


def machine_name(name: str) -> str:
    """Raises Wrong unless the name can be a label and a heading."""
    if name != name.strip() or not name.isprintable() or len(name) > 64:
        raise Wrong(
            say(
                "{where}: {key} is {value}; it takes a name of at most 64 characters without "
                'control characters and without spaces around it, for example "gpu-1"'
            )
        )
    return name


def instance_name(name: str) -> str:
    """Raises Wrong unless the name fits a series, an address and a command line."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", name):
        raise Wrong(
            say(
                "{where}: {key} is {value}; it takes 1 to 40 letters, digits, dots, dashes and "
                'underscores, for example "main"'
            )
        )
    return name


def secret_name(name: str) -> str:
    """Raises Wrong unless empty or a name; the message never shows what may be the secret."""
    if name and not re.fullmatch(r"[A-Z][A-Z0-9_]{0,79}", name):
        raise Wrong(
            say(
                "{where}: {key} takes the NAME of an environment variable or credential, never "
                'the secret itself, for example "N8N_API_KEY"'
            )
        )
    return name


def once_each(entries: "tuple[Named, ...]") -> "tuple[Named, ...]":
    """Raises Wrong when two entries of a list bear one name."""
    names = [entry.name for entry in entries]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise Wrong(
            say(
                "{where}: two [[{key}]] are named {name}; give each a name of its own, for "
                "example {example}",
                name=twice,
                example=f'name = "{twice}-2"',
            )
        )
    return entries


def absolute_path(path: str, example: str = "/host/proc") -> str:
    """Raises Wrong unless the path is empty or absolute."""
    if path and not (path.startswith("/") and path.isprintable()):
        raise Wrong(
            say(
                "{where}: {key} is {value}; it takes a path that starts with /, for example "
                '"{example}"',
                example=example,
            )
        )
    return path


def time_zone(name: str) -> str:
    """Raises Wrong, with the nearest name, unless the zone is in the IANA list."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        close = difflib.get_close_matches(name, sorted(zoneinfo.available_timezones()), n=1)
        raise Wrong(
            say(
                "{where}: {key} is {value}; it takes a time zone of the IANA list, "
                'for example "{example}"',
                example=close[0] if close else "Asia/Seoul",
            )
        ) from error
    return name
