"""Keyed hashes of what is sent: they tell that two calls asked the same, and nothing else.

The key is the salt of the ledger, so that nobody who sees a hash can try prompts until one fits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import blake2b

from sallim.guard.reading import Call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

HASH_BYTES = 16
HASH = re.compile(r"[0-9a-f]{32}")
PREFIX_BYTES = 4_096
"""About 1,000 tokens: no provider keeps a shorter beginning for another call."""
IN_ORDER = (
    *("tools", "system", "systemInstruction", "system_instruction", "instructions"),
    *("messages", "input", "contents", "prompt"),
)
"""What a prompt is made of, in the order in which providers look whether they know it."""
VISITED_MAX = 400


def hashes_of(call: Call, salt: bytes) -> tuple[str, str]:
    """Of the whole request, and of how its prompt begins: "" for a short one, or without a salt."""
    if not salt:
        return "", ""
    whose = f"{call.provider}\n{call.endpoint}\n{call.model}\n".encode(errors="replace")
    whole = blake2b(whose, digest_size=HASH_BYTES, key=salt)
    if call.files:
        # A form has another boundary each time.
        whole.update(repr(sorted(call.body.items())).encode(errors="replace"))
        for file in call.files:
            whole.update(b"%d\n" % len(file))
            whole.update(file)
    else:
        whole.update(call.content)
    return whole.hexdigest(), _prefix_hash(call, whose, salt)


def is_hash(text: str) -> bool:
    """Also "", which is none."""
    return not text or HASH.fullmatch(text) is not None


def _prefix_hash(call: Call, whose: bytes, salt: bytes) -> str:
    # The text of JSON is never shorter than what it says.
    if len(call.content) < PREFIX_BYTES:
        return ""
    beginning = _beginning(call.body)
    if len(beginning) < PREFIX_BYTES:
        return ""
    return blake2b(whose + beginning, digest_size=HASH_BYTES, key=salt).hexdigest()


def _beginning(body: Mapping[str, Any]) -> bytes:
    """The first 4 KB of its texts, in the order in which they are looked at."""
    waiting = [body[name] for name in reversed(IN_ORDER) if name in body]
    texts: list[str] = []
    size = visited = 0
    while waiting and size < PREFIX_BYTES and visited < VISITED_MAX:
        visited += 1
        value = waiting.pop()
        if type(value) is str:
            texts.append(value[:PREFIX_BYTES])
            size += len(value)
        elif type(value) is list:
            waiting.extend(reversed(value[:VISITED_MAX]))
        elif type(value) is dict:
            waiting.extend(reversed(value.values()))
    return "\n".join(texts).encode(errors="replace")[:PREFIX_BYTES]
