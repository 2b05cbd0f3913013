"""What a failed execution says: node, text, and the key of what it worked on."""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from models.redaction import redact

TEXT_CHARACTERS_MAX = 500
KEY_CHARACTERS_MAX = 200
_ERROR = re.compile(r'"resultData"\s*:\s*\{\s*"error"\s*:\s*')
_LAST_NODE = re.compile(r'"lastNodeExecuted"\s*:\s*')


class Account(NamedTuple):
    """`node` and `text` are empty where n8n did not keep them."""

    node: str
    text: str
    key: str = ""

    @property
    def error(self) -> str:
        """Node and text in one, as they are kept."""
        both = ": ".join(part for part in (self.node, self.text) if part)
        return both[:TEXT_CHARACTERS_MAX]


def account_of(payload: object, key_field: str = "") -> Account:
    """Out of the execution with its data; secrets are hidden."""
    result = _dict(_dict(_dict(payload).get("data")).get("resultData"))
    error = _dict(result.get("error"))
    node = _node(error, result.get("lastNodeExecuted"))
    return Account(node, _text(error), _key(_dict(result.get("runData")), key_field))


def account_in_part(text: str) -> Account:
    """Out of the beginning of an answer that was too large to read to its end."""
    error = _dict(_value_after(_ERROR, text))
    return Account(_node(error, _value_after(_LAST_NODE, text)), _text(error))


def _value_after(pattern: re.Pattern[str], text: str) -> object:
    """The first whole JSON value behind the pattern; None where there is none."""
    match = pattern.search(text)
    if match is None:
        return None
    try:
        value: object = json.JSONDecoder().raw_decode(text, match.end())[0]
    except (ValueError, RecursionError):
        return None
    return value


def _node(error: Mapping[str, Any], last_node: object) -> str:
    node = error.get("node")
    named = node.get("name") if isinstance(node, dict) else node
    name = named if isinstance(named, str) and named else last_node
    return redact(name)[:KEY_CHARACTERS_MAX] if isinstance(name, str) else ""


def _text(error: Mapping[str, Any]) -> str:
    """Message and description on one line; hidden before it is cut, lest a cut saves a key."""
    parts = [error.get("message"), error.get("description")]
    said = list(dict.fromkeys(part for part in parts if isinstance(part, str) and part))
    text = " ".join(redact(" - ".join(said)[: 8 * TEXT_CHARACTERS_MAX]).split())
    return text[:TEXT_CHARACTERS_MAX]


def _key(run_data: Mapping[str, Any], field: str) -> str:
    """The field of the first input of the first node, as `body.video`."""
    if not field:
        return ""
    value: object = _first_item(run_data)
    for name in field.split("."):
        value = _dict(value).get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return redact(str(value))[:KEY_CHARACTERS_MAX]


def _first_item(run_data: Mapping[str, Any]) -> object:
    runs = [_first(node_runs) for node_runs in run_data.values()]
    started = [run for run in map(_dict, runs) if isinstance(run.get("startTime"), int | float)]
    first = min(started, key=lambda run: float(run["startTime"]), default={})
    return _dict(_first(_first(_dict(first.get("data")).get("main")))).get("json")


def _first(value: object) -> object:
    return value[0] if isinstance(value, list) and value else None


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
