"""Whose token it is: read once, and again whenever the file of tokens has changed."""

import time
from collections.abc import Mapping

from agent.gateway.refusing import Refused
from data.home import Home
from data.tokens import GATEWAY, Holder, sha256_of, verify_at
from models.errors import StoreError

REMEMBERED_MAX = 1_000
AGAIN_SECONDS = 60.0
"""So often the file is asked all the same, which writes down when a token was last used."""
SETTLED_SECONDS = 1.0
"""A file that changed a moment ago may change again within one tick of its clock."""
CHALLENGE = (b"www-authenticate", b"Bearer")


class Holders:
    """Asked on several threads; what two of them read at once is the same."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._known: dict[str, tuple[Holder, float]] = {}
        self._file: tuple[int, int, int] = (0, 0, 0)

    def remembered(self, token: str) -> Holder | None:
        """Without opening the file; None where it must be opened."""
        if self._look() != self._file:
            self._known.clear()
            return None
        holder, until = self._known.get(sha256_of(token), (None, 0.0))
        now = time.time()
        if holder is None or not now < until:
            return None
        return holder

    def find(self, token: str) -> Holder:
        """Raises Refused for one that is not known or is for something else."""
        now, before = time.time(), self._look()
        try:
            holder = verify_at(self._home, token, now)
        except StoreError:
            raise Refused(
                503, "the tokens cannot be read; `python -m agent doctor` says why"
            ) from None
        if holder is None:
            raise Refused(
                401,
                "the token that came with the request is not known here: it is mistyped, cut off, "
                "expired, revoked or suspended, or is a provider's key, which this gateway does "
                "not take. "
                f"{_made()}",
                CHALLENGE,
            )
        if GATEWAY not in holder.scopes:
            raise Refused(403, f"the token {holder.name} is not for the gateway. {_made()}")
        self._keep(token, holder, now, before)
        return holder

    def _keep(self, token: str, holder: Holder, now: float, before: tuple[int, int, int]) -> None:
        after = self._look()
        if after != before or after[0] > (now - SETTLED_SECONDS) * 1e9:
            return
        if after != self._file or len(self._known) >= REMEMBERED_MAX:
            self._known.clear()
            self._file = after
        ends = holder.spending.expires_at
        until = now + AGAIN_SECONDS
        self._known[sha256_of(token)] = (holder, until if ends is None else min(until, ends))

    def _look(self) -> tuple[int, int, int]:
        try:
            told = self._home.tokens.stat()
        except OSError:
            return (0, 0, 0)
        return told.st_mtime_ns, told.st_ino, told.st_size


def token_in(headers: Mapping[str, str], in_query: str) -> str:
    """As the SDKs of the providers send their keys. Raises Refused without one."""
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    shown = bearer.strip() if scheme.lower() == "bearer" else ""
    token = shown or headers.get("x-api-key") or headers.get("x-goog-api-key") or in_query
    if not token:
        raise Refused(
            401,
            "no token came with the request. Send it as the API key of the provider: in "
            f"Authorization: Bearer, x-api-key, x-goog-api-key or ?key=. {_made()}",
            CHALLENGE,
        )
    return token


def _made() -> str:
    return "Make one where the gateway runs with `python -m agent token create NAME --for gateway`."
