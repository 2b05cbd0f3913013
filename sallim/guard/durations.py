"""What answers that cost nothing tell of what is sent next: lengths of videos, counts of tokens.

google-genai asks for a file until it is ready; the answer names `videoMetadata.videoDuration`.
Who has counted the tokens of some contents has bounded the call that sends the same ones.
"""

from __future__ import annotations

import json
from typing import Any

REMEMBERED_MAX = 1_000
BODY_BYTES_MAX = 1_000_000
COUNTING, DOWNLOADING = ":countTokens", ":download"

seconds_by_uri: dict[str, int] = {}
tokens_by_contents: dict[str, int] = {}
"""Of this process; the oldest are forgotten."""


def tells(provider: str, path: str) -> bool:
    """Whether an answer from there is worth reading."""
    if path.endswith(DOWNLOADING):
        # The file itself may say anything.
        return False
    return provider == "google" and ("/files" in path or path.endswith(COUNTING))


def remember(path: str, asked: bytes, content: bytes) -> None:
    """Out of an answer to what was asked there. Never raises."""
    if path.endswith(COUNTING):
        _remember_count(path, asked, content)
    else:
        _remember_files(content)


def key_of(model: str, contents: object) -> str:
    """Contents are known by a digest of them, not by themselves."""
    import hashlib

    text = json.dumps([model, contents], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _remember_count(path: str, asked: bytes, content: bytes) -> None:
    try:
        told = json.loads(asked, object_pairs_hook=_once)
        contents = told["contents"]
        total = json.loads(content)["totalTokens"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return
    if len(told) > 1:
        # `generateContentRequest` is counted in the place of the contents.
        return
    if type(total) is int and total >= 0:
        model = path.rpartition("models/")[2][: -len(COUNTING)]
        _put(tokens_by_contents, key_of(model, contents), total)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Which of two contents was counted is not known. Raises ValueError."""
    told = dict(pairs)
    if len(told) < len(pairs):
        raise ValueError("a name stands there twice")
    return told


def _put(known: dict[str, int], key: str, number: int) -> None:
    while len(known) >= REMEMBERED_MAX:
        del known[next(iter(known))]
    known[key] = number


def _remember_files(content: bytes) -> None:
    if len(content) > BODY_BYTES_MAX or b"videoDuration" not in content:
        return
    try:
        told = json.loads(content)
        files = [told.get("file", told), *(told.get("files") or ())]
        for file in files:
            _remember(file)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return


def _remember(file: dict[str, Any]) -> None:
    duration = (file.get("videoMetadata") or {}).get("videoDuration")
    if not isinstance(duration, str) or not duration.endswith("s"):
        return
    whole, _, part = duration[:-1].partition(".")
    if not whole.isdecimal() or (part and not part.isdecimal()):
        return
    _put(seconds_by_uri, str(file.get("uri")), int(whole) + (1 if part else 0))
