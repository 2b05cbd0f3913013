"""Which provider a path is for, and what the provider gets of it. Pure.

/w/ocr/openai/v1/chat/completions    the workflow `ocr`, OpenAI, /v1/chat/completions
/v1/messages                         known by the path alone
"""

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple
from urllib.parse import unquote

from agent.gateway.refusing import Refused
from models.settings.gateway import ALIASES
from sallim.guard.reading import GEMINI_FREE, GEMINI_PAID

WORKFLOW_MAX = 100
AMBIGUOUS = re.compile(rb"/(?:%2e|\.)+(?:/|$)|//|\\|%2f|%5c|%25|%00|[^\x21-\x7e]", re.IGNORECASE)
"""What two readers of one path may read differently: then one would be fooled about its price."""
GOOGLE_PATHS = ("v1beta", "v1alpha", "upload")
GOOGLE_METHODS = {*GEMINI_PAID, *GEMINI_FREE}
FORBIDDEN = re.compile(r"/organizations?/", re.IGNORECASE)
"""What a key of an administrator may change at OpenAI (one of them) and at Anthropic (several)."""


class Way(NamedTuple):
    """`path` is read for what it costs; `target` is the same as it is sent, without the query."""

    upstream: str
    path: str
    target: bytes
    workflow: str


def way_of(raw: bytes, upstreams: Collection[str], headers: Mapping[str, str]) -> Way:
    """Raises Refused for a path that is nobody's.

    >>> way_of(b"/w/ocr/gemini/v1beta/models/g:generateContent", {"google"}, {})[::3]
    ('google', 'ocr')
    """
    if AMBIGUOUS.search(raw) or not raw.startswith(b"/"):
        raise Refused(400, "the path has dots, double slashes or encoded ones in it; send it plain")
    workflow, rest = _workflow(raw)
    first, _, below = rest[1:].partition(b"/")
    name = ALIASES.get(first.decode(), first.decode())
    if name in upstreams:
        rest = b"/" + below
    else:
        name = _guessed(unquote(rest.decode()), headers)
    path = unquote(rest.decode())
    if FORBIDDEN.search(f"{path}/"):
        raise Refused(403, "what administers a provider's account does not go through the gateway")
    return Way(name, path, rest, workflow)


def _workflow(raw: bytes) -> tuple[str, bytes]:
    if not raw.startswith(b"/w/"):
        return "", raw
    label, _, rest = raw[3:].partition(b"/")
    workflow = unquote(label.decode())
    if not 0 < len(workflow) <= WORKFLOW_MAX or not workflow.isprintable():
        raise Refused(400, "a workflow's name in the path has 1 to 100 characters")
    return workflow, b"/" + rest


def _guessed(path: str, headers: Mapping[str, str]) -> str:
    """By the paths that only one has, else by the headers of its SDK. Raises Refused."""
    first = path[1:].partition("/")[0]
    if first in GOOGLE_PATHS or path.rpartition(":")[2] in GOOGLE_METHODS:
        return "google"
    if path.startswith("/v1/messages"):
        return "anthropic"
    if first != "v1":
        raise Refused(
            404,
            "there is nothing at this path. Base URLs end with /v1 or /openai/v1 (OpenAI), "
            "/anthropic, /gemini, or the name of an upstream; before it /w/WORKFLOW may stand.",
        )
    if "anthropic-version" in headers:
        return "anthropic"
    return "google" if "x-goog-api-key" in headers else "openai"
