"""Why a push was not taken, in sentences that say what a person can do."""

import http.client
import socket
from typing import Any
from urllib.parse import urlsplit

from models.errors import SourceError, SourceRefused, SourceUnreachable
from models.messages import Message, say
from models.redaction import redact


class BucketRefused(SourceError):
    """The hub will never take what was pushed; everything else it may."""


def no_answer(error: Exception, url: str) -> SourceError:
    """Where there was none, or none in HTTP."""
    host = urlsplit(url).hostname or url
    kind = type(error).__name__
    # By name: `ssl` need not be there, and gaierror is an OSError like any other.
    if kind == "SSLCertVerificationError":
        return SourceRefused(
            "hub",
            say(
                "the certificate of {host} is not trusted ({reason}): name the file of the "
                "authority that signed it with --ca FILE",
                host=host,
                reason=str(getattr(error, "verify_message", "") or error),
            ),
        )
    if kind in ("SSLError", "SSLEOFError"):
        return SourceRefused(
            "hub",
            say(
                "{url} does not speak TLS: write http:// if it is the hub itself, or the "
                "address of the proxy before it",
                url=url,
            ),
        )
    if isinstance(error, socket.gaierror):
        return SourceUnreachable(
            "hub", say("the name {host} is not known here: check --to", host=host)
        )
    if isinstance(error, ConnectionRefusedError):
        return SourceUnreachable(
            "hub",
            say(
                "nobody listens at {url}: the hub is down, or server.listen is not set to "
                "this address in its settings",
                url=url,
            ),
        )
    if isinstance(error, http.client.HTTPException | ConnectionResetError):
        return SourceUnreachable(
            "hub",
            say(
                "{url} ended the talk without an answer ({kind}); if it wants TLS, write https://",
                url=url,
                kind=kind,
            ),
        )
    reason = getattr(error, "strerror", None) or str(error) or kind
    return SourceUnreachable("hub", say("no answer from {url} ({reason})", url=url, reason=reason))


def trouble(status: int, headers: Any, said: str, url: str) -> SourceError:
    """Where the answer is no: what the hub said, and what that means."""
    is_of_hub = bool(said)
    said = redact(said)[:300] or http.client.responses.get(status, "no reason given")
    if status in (413, 422) and is_of_hub:
        return BucketRefused("hub", say("the hub cannot read a push: {said}", said=said))
    if status == 429 or (status >= 500 and status != 501):
        reason = say("the hub cannot take it now ({status}: {said})", status=status, said=said)
        return SourceUnreachable("hub", reason)
    return SourceRefused("hub", _refusal(status, headers, said, url))


def _refusal(status: int, headers: Any, said: str, url: str) -> Message:
    if status in (401, 403):
        return say(
            "the hub refuses the token in SALLIM_TOKEN ({said}). On the hub: "
            "`.venv/bin/python -m agent token create NAME --for push`",
            said=said,
        )
    if status == 426:
        return say(
            "the hub is of another version ({said}): fetch the probe anew from {url}/probe.pyz",
            said=said,
            url=url,
        )
    if status in (404, 405, 501):
        return say(
            "{url} has no /push: it is another program, or a hub too old for probes", url=url
        )
    if 300 <= status < 400:
        return say(
            "{url} sends on to {place}: write that address after --to",
            url=url,
            place=redact(str(headers.get("location"))[:200]),
        )
    if status == 409:
        return say("{said}", said=said)
    return say(
        "{url} answers {status} ({said}): if it is a proxy, look at its settings; if it wants "
        "TLS, write https://",
        url=url,
        status=status,
        said=said,
    )
