"""How long uploaded videos are, as the provider told when its program looked at them.

google-genai asks for a file until it is ready; the answer names `videoMetadata.videoDuration`.
"""

from __future__ import annotations

import json
from typing import Any

REMEMBERED_MAX = 1_000
BODY_BYTES_MAX = 1_000_000

seconds_by_uri: dict[str, int] = {}
"""Of this process; the oldest are forgotten."""


def tells_of_files(provider: str, path: str) -> bool:
    return provider == "google" and "/files" in path


def remember(content: bytes) -> None:
    """Out of an answer about one file or several. Never raises."""
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
    while len(seconds_by_uri) >= REMEMBERED_MAX:
        del seconds_by_uri[next(iter(seconds_by_uri))]
    seconds_by_uri[str(file.get("uri"))] = int(whole) + (1 if part else 0)
