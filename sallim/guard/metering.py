"""The course of one call, the same for every way in: whose it is, what it may cost, reserved.

The transports and the gateway go through it. It knows bytes and no httpx; what follows an
admission is in sallim/guard/attempts.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from sallim.guard.attempts import Attempt, reserve
from sallim.guard.bounding import Owner
from sallim.guard.durations import seconds_by_uri, tokens_by_contents
from sallim.guard.labels import Labels
from sallim.guard.pricing import Priced, priced
from sallim.guard.providers import Providers
from sallim.guard.reading import Call, Endpoint, Request, call_of, endpoint_of
from sallim.guard.refusing import UNKNOWN_HOST, UNKNOWN_MODEL, Refusal, row_of
from sallim.guard.spending import PurseClosed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sallim.guard.spending import Purse

REMEMBERED_MAX = 200


class Meter:
    """What one client was made with: a purse, whose addresses are whose, labels, owner's figures.

    `purse` is asked at the first call, so that a client can be made before there is a ledger.
    """

    def __init__(
        self,
        purse: Callable[[], Purse],
        labels: Labels,
        base_urls: Mapping[str, str] | None = None,
        owner: Owner | None = None,
    ) -> None:
        self._ask_purse = purse
        self._known: Purse | None = None
        self.labels = labels.checked()
        self._providers = Providers(base_urls)
        # Both are filled while the process runs.
        self._owner = (owner or Owner())._replace(
            seconds_by_uri=seconds_by_uri, tokens_by_contents=tokens_by_contents
        )
        self._endpoints: dict[tuple[str, str, str, int | None, str], Endpoint | Refusal] = {}

    def _purse(self) -> Purse:
        """Found once: a program's environment does not change. Raises PurseClosed."""
        if self._known is None:
            self._known = self._ask_purse()
        return self._known

    def waits(self) -> bool:
        """Whether asking the purse waits for a network."""
        try:
            return self._purse().waits
        except PurseClosed:
            return False

    def endpoint(self, request: Request) -> Endpoint | Refusal:
        """Where it goes; the body need not be read for what is free."""
        key = (request.method, request.scheme, request.host, request.port, request.path)
        known = self._endpoints.get(key)
        if known is None or "upgrade" in request.headers:
            known = self._endpoint(request)
            if len(self._endpoints) >= REMEMBERED_MAX:
                self._endpoints.clear()
            if "upgrade" not in request.headers:
                self._endpoints[key] = known
        if isinstance(known, Refusal):
            provider = known.bucket.partition(":")[2]
            self.note(known, provider, ("" if provider else _base(request)) + request.path)
        return known

    def note(
        self, refusal: Refusal, provider: str, name: str, labels: Labels | None = None
    ) -> None:
        """Count what was refused without asking for money; `name` is a model, or else a path."""
        priority = (labels or self.labels).priority
        with suppress(PurseClosed):
            self._purse().refused(row_of(refusal, provider, name, priority))

    def _endpoint(self, request: Request) -> Endpoint | Refusal:
        provider, path = self._providers.of(
            request.scheme, request.host, request.port, request.path
        )
        if provider:
            return endpoint_of(provider, request._replace(path=path))
        return Refusal(
            UNKNOWN_HOST,
            f"whose prices hold at {_base(request)} is not known.",
            f"Make the client with guard(base_urls={{'{_base(request)}': 'openai'}}), or 'local' "
            "where it costs nothing, as a server of models on this machine and Sallim's own "
            "gateway, which counts by itself.",
        )

    def begin(
        self, endpoint: Endpoint, request: Request, content: bytes, labels: Labels | None = None
    ) -> Attempt | Refusal:
        """Reserve its worst case, or say why it must not be sent."""
        began_ns = time.perf_counter_ns()
        call = call_of(endpoint, request, content)
        if isinstance(call, Refusal):
            self.note(call, endpoint.provider, endpoint.path, labels)
            return call
        try:
            purse = self._purse()
            found = self._priced(call, purse)
        except PurseClosed as closed:
            return Refusal(closed.code, str(closed), "")
        if isinstance(found, Refusal):
            self.note(found, call.provider, call.model, labels)
            return found
        return reserve(found, purse, (labels or self.labels).in_job(), began_ns)

    def _priced(self, call: Call, purse: Purse) -> Priced | Refusal:
        now_us = time.time_ns() // 1_000
        found = priced(call, purse.tariff(), self._owner, now_us)
        if isinstance(found, Refusal) and found.code == UNKNOWN_MODEL:
            # The lines may have been pasted meanwhile.
            found = priced(call, purse.tariff(anew=True), self._owner, now_us)
        return found


def _base(request: Request) -> str:
    host = f"[{request.host}]" if ":" in request.host else request.host
    return f"{request.scheme}://{host}" + (f":{request.port}" if request.port else "")
