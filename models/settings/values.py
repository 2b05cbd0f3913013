"""What a key of the settings takes, said with an example that works."""

import difflib
import json
import math
import re
from typing import Literal, NamedTuple, get_args, get_origin

from pydantic.fields import FieldInfo

from models.messages import Message, say
from models.redaction import redact

VALUE_CHARACTERS_MAX = 80

SECONDS_PER = {"ms": 0.001, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400}
MB_PER = {"mb": 1, "gb": 1000, "tb": 1_000_000, "mib": 1.048576, "gib": 1073.741824}
TARGETS = {
    "seconds": (SECONDS_PER, 1.0),
    "hours": (SECONDS_PER, 3600.0),
    "days": (SECONDS_PER, 86_400.0),
    "mb": (MB_PER, 1.0),
    "gb": (MB_PER, 1000.0),
}


class Limits(NamedTuple):
    least: float
    most: float


class Bare(str):
    """What stands in the file without the quotes that would make it a value."""

    __slots__ = ()


def shown(value: object) -> str:
    """A value as TOML writes it, short, and without what looks like a secret."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return str(value)
    text = redact(value)
    if len(text) > VALUE_CHARACTERS_MAX:
        text = text[: VALUE_CHARACTERS_MAX - 1] + "…"
    return text if isinstance(value, Bare) else json.dumps(text, ensure_ascii=False)


def written(value: object) -> str:
    """A default as TOML writes it.

    >>> written(10.0), written("auto"), written(False), written(("a", "b"))
    ('10', '"auto"', 'false', '["a", "b"]')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, tuple):
        return f"[{', '.join(written(each) for each in value)}]"
    return json.dumps(str(value), ensure_ascii=False)


def unit_of(key: str, field: FieldInfo) -> str:
    """The unit that ends the key's name, "" for what is counted, chosen or named.

    >>> unit_of("raw_hours", FieldInfo(annotation=int))
    'hours'
    """
    words = key.rpartition(".")[2].split("_")
    known = [word for word in words if word in TARGETS]
    return known[-1] if known and field.annotation in {int, float} else ""


def limits_of(field: FieldInfo) -> Limits | None:
    least = [rule.ge for rule in field.metadata if hasattr(rule, "ge")]
    most = [rule.le for rule in field.metadata if hasattr(rule, "le")]
    return Limits(float(least[0]), float(most[0])) if least and most else None


def choices_of(field: FieldInfo) -> list[str]:
    """The texts a key may have, [] when it is not a choice."""
    return list(get_args(field.annotation)) if get_origin(field.annotation) is Literal else []


def number(value: float) -> str:
    """As TOML takes it and a person reads it: 10, 0.5, 1000000."""
    return f"{value:.0f}" if float(value).is_integer() else f"{value:g}"


def takes(key: str, field: FieldInfo, value: object) -> Message:
    """{where} and {key} of the message stay open; {value} is what stood there."""
    if choices_of(field):
        return _takes_choice(field, value)
    if field.annotation is bool:
        return say(
            "{where}: {key} is {value}; it takes true or false without quotes, for example "
            "{example}",
            value=shown(value),
            example="true" if str(value).lower() in {"1", "true", "yes", "on"} else "false",
        )
    if get_origin(field.annotation) is tuple:
        return _takes_list(field, value)
    limits = limits_of(field)
    if limits is None:
        return say(
            "{where}: {key} is {value}; it takes text in quotes, for example {example}",
            value=shown(value),
            example=shown(str(value) if isinstance(value, Bare) else field.default),
        )
    example = _example(key, field, value, limits)
    return _takes_number(
        unit_of(key, field), field.annotation is int, _span(limits, example, value)
    )


def _takes_list(field: FieldInfo, value: object) -> Message:
    if int in get_args(field.annotation):
        return say(
            "{where}: {key} is {value}; it takes a list of whole numbers, for example {example}",
            value=shown(value),
            example=written(tuple(field.examples or (1, 2))),
        )
    return say(
        "{where}: {key} is {value}; it takes a list of texts, for example {example}",
        value=shown(value),
        example=written(tuple(field.examples or ("first", "second"))),
    )


def _takes_choice(field: FieldInfo, value: object) -> Message:
    choices = choices_of(field)
    guess = str(value).strip().lower()
    # In other formats a bare yes, no, true or false is a switch.
    guess = {"true": "on", "false": "off", "yes": "on", "no": "off"}.get(guess, guess)
    close = difflib.get_close_matches(guess, choices, n=1)
    example = close[0] if close else str(field.default)
    return say(
        "{where}: {key} is {value}; it takes one of {choices}, for example {example}",
        value=shown(value),
        choices=", ".join(json.dumps(choice) for choice in choices),
        example=json.dumps(example),
    )


def _span(limits: Limits, example: float, value: object) -> dict[str, str]:
    return {
        "value": shown(value),
        "least": number(limits.least),
        "most": number(limits.most),
        "example": number(example),
    }


def _takes_number(unit: str, whole: bool, span: dict[str, str]) -> Message:
    if unit == "seconds":
        return say(
            "{where}: {key} is {value}; it takes a number of seconds from {least} to {most}, "
            "for example {example}",
            **span,
        )
    if unit == "hours":
        return say(
            "{where}: {key} is {value}; it takes a whole number of hours from {least} to {most}, "
            "for example {example}",
            **span,
        )
    if unit == "days":
        return say(
            "{where}: {key} is {value}; it takes a whole number of days from {least} to {most}, "
            "for example {example}",
            **span,
        )
    if unit == "mb":
        return say(
            "{where}: {key} is {value}; it takes a whole number of megabytes from {least} to "
            "{most}, for example {example}",
            **span,
        )
    if whole:
        return say(
            "{where}: {key} is {value}; it takes a whole number from {least} to {most}, "
            "for example {example}",
            **span,
        )
    return say(
        "{where}: {key} is {value}; it takes a number from {least} to {most}, "
        "for example {example}",
        **span,
    )


def _example(key: str, field: FieldInfo, value: object, limits: Limits) -> float:
    """What was meant, where that can be read from it and is allowed; else the default."""
    meant = _meant(value, unit_of(key, field))
    if meant is not None and field.annotation is int:
        meant = float(round(meant))
    if meant is None or not limits.least <= meant <= limits.most:
        return float(field.default)
    return meant


def _meant(value: object, unit: str) -> float | None:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    match = re.fullmatch(r"\s*(\d{1,9}(?:\.\d{1,6})?)\s*([A-Za-z]*)\s*", str(value))
    if match is None or not isinstance(value, str):
        return None
    factors, target = TARGETS.get(unit, ({}, 1.0))
    suffix = match.group(2).lower()
    if not suffix:
        return float(match.group(1))
    if suffix not in factors:
        return None
    return float(match.group(1)) * factors[suffix] / target
