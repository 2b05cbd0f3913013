"""What an unknown key or section was probably meant to be."""

import difflib
import re
from collections.abc import Mapping

from models.messages import Message, say
from models.settings.keys import Key, headed, keys, sections
from models.settings.toml_lines import Path, dotted
from models.settings.values import written

SECRET = re.compile(r"(^|_)(key|token|secret|password|passwd|credential|dsn)s?$", re.IGNORECASE)


def unknown(path: Path, value: object) -> Message:
    """{where} and {key} of the message stay open; the value is looked at for its kind alone."""
    if isinstance(value, dict):
        return _unknown_section(path, value)
    if isinstance(value, list) and value and all(isinstance(entry, dict) for entry in value):
        return _unknown_section(path, {}, is_list=True)
    known = {key.path: key for key in keys()}
    beside = _closest(path, [key for key in known if key[:-1] == path[:-1]])
    if beside is not None:
        return say(
            "{where}: {key} is not known; the nearest known key is {nearest}, for example "
            "{example}",
            nearest=known[beside].name,
            example=_example(known[beside]),
        )
    if SECRET.search(path[-1]):
        return say(
            "{where}: {key} is not known, and secrets do not belong in this file; set the "
            "environment variable of the program that needs it, for example "
            "SOME_API_KEY_FILE=/run/secrets/some_api_key"
        )
    elsewhere = _closest(path, list(known))
    if elsewhere is None:
        return say(
            "{where}: {key} is not known, and nothing similar is; remove it, or choose a key of "
            "docs/settings.md, for example {example}",
            example=_example(next(iter(known.values()))),
        )
    return _misplaced(known[elsewhere])


def _misplaced(key: Key) -> Message:
    if len(key.path) == 1:
        return say(
            "{where}: {key} is not known; {nearest} is, above the first section, for example "
            "{example}",
            nearest=key.name,
            example=_example(key),
        )
    return say(
        "{where}: {key} is not known; {nearest} is: below [{section}] write, for example, "
        "{example}",
        nearest=key.name,
        section=".".join(key.path[:-1]),
        example=_example(key),
    )


def _unknown_section(path: Path, value: Mapping[str, object], *, is_list: bool = False) -> Message:
    """A lost [collector.host] is one section with one in it: the whole of it is compared."""
    inner = [(name, below) for name, below in value.items() if isinstance(below, dict)]
    if len(inner) == len(value) == 1:
        return _unknown_section((*path, inner[0][0]), inner[0][1])
    near = _nearest_section(path)
    wrong = f"[[{dotted(path)}]]" if is_list else f"[{dotted(path)}]"
    if near is None:
        return say(
            "{where}: there is no section {section}; remove it, or choose one of docs/settings.md, "
            "for example [{example}]",
            section=wrong,
            example=dotted(next(sections())),
        )
    return say(
        "{where}: there is no section {section}; the nearest is {nearest}",
        section=wrong,
        nearest=headed(near),
    )


def _nearest_section(path: Path) -> Path | None:
    """One of the same last name, else one that is written much like it, else its last name is."""
    known = {dotted(section): section for section in sections()}
    same = [section for section in known.values() if section[-1] == path[-1]]
    close = difflib.get_close_matches(dotted(path).lower(), list(known), n=1)
    if same or close:
        return same[0] if same else known[close[0]]
    return _closest(path, list(known.values()))


def _closest(path: Path, known: list[Path]) -> Path | None:
    """The known path whose last name is most like it; among equals the first."""
    by_name: dict[str, Path] = {}
    for candidate in known:
        by_name.setdefault(candidate[-1], candidate)
    name = path[-1].lower().replace("-", "_")
    close = difflib.get_close_matches(name, list(by_name), n=1)
    return by_name[close[0]] if close else None


def _example(key: Key) -> str:
    return f"{key.path[-1]} = {written(key.field.default)}"
