"""The course of one attempt: reserved, sent, read, settled; the same for every way in.

The transports, `sallim.metered` and the gateway go through it. It knows bytes and no httpx.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from sallim.guard.bounding import Owner
from sallim.guard.durations import seconds_by_uri
from sallim.guard.pricing import Priced, priced
from sallim.guard.providers import Providers
from sallim.guard.reading import Call, Endpoint, Request, call_of, endpoint_of
from sallim.guard.refusing import (
    UNBOUNDED,
    UNKNOWN_HOST,
    UNKNOWN_MODEL,
    Refusal,
    of_ledger,
)
from sallim.guard.spending import PurseClosed
from sallim.ledger.money_rows import (
    ESTIMATED,
    IMPORTANT,
    NO_BUDGET,
    PRIORITIES,
    PROVIDER_COST,
    USAGE,
    Admitted,
    Asked,
    Refused,
    Settlement,
    Tokens,
)
from sallim.ledger.processes import own_process
from sallim.tellings import host_name, key_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sallim.guard.spending import Purse
    from sallim.usage import Usage

EXPIRES_US, STREAM_EXPIRES_US = 900_000_000, 3_600_000_000
"""After 15 minutes, or an hour for a stream, nobody is expected to tell its end any more."""
NOT_BILLED = (501, 503, 505, 529)
"""Answers above 499 that are given before any work: overloaded, not available."""
CLOSED_BY_US = 499


class Labels(NamedTuple):
    """Whose call it is. `analysis` and `key` are those of `sallim.job` where they are not said."""

    workflow: str = ""
    analysis: str = ""
    key: str = ""
    priority: str = IMPORTANT
    api_key_label: str = ""

    def checked(self) -> Labels:
        """Raises ValueError that names the priority."""
        if self.priority not in PRIORITIES:
            raise ValueError(
                f"priority {self.priority!r}: it must be one of {', '.join(PRIORITIES)}"
            )
        return self

    def in_job(self) -> Labels:
        """With what the job around this call says."""
        from sallim.jobs import current_job

        job = current_job()
        if job is None:
            return self
        key = self.key or key_text(job.key)
        return self._replace(analysis=self.analysis or str(job.name), key=key)

    def buckets(self, provider: str) -> tuple[str, ...]:
        """Every bucket that may have a budget of its own; those that have none are passed over."""
        own = (
            ("workflow", self.workflow),
            ("analysis", self.analysis),
            ("key", self.api_key_label),
        )
        named = [f"{kind}:{name}"[:200] for kind, name in own if name]
        return ("total", "api", f"provider:{provider}", *named)


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
        self._owner = owner or Owner()

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
        provider, path = self._providers.of(
            request.scheme, request.host, request.port, request.path
        )
        if provider:
            return endpoint_of(provider, request._replace(path=path))
        return Refusal(
            UNKNOWN_HOST,
            f"whose prices hold at {request.host} is not known.",
            "Make the client with guard(base_urls={'https://HOST/v1': 'openai'}), or 'local' where "
            "it costs nothing.",
        )

    def begin(
        self, endpoint: Endpoint, request: Request, content: bytes, labels: Labels | None = None
    ) -> Attempt | Refusal:
        """Reserve its worst case, or say why it must not be sent."""
        began_ns = time.perf_counter_ns()
        call = call_of(endpoint, request, content)
        if isinstance(call, Refusal):
            return call
        try:
            purse = self._purse()
            found = self._priced(call, purse)
        except PurseClosed as closed:
            return Refusal(closed.code, str(closed), "")
        if isinstance(found, Refusal):
            return found
        return reserve(found, purse, (labels or self.labels).in_job(), began_ns)

    def _priced(self, call: Call, purse: Purse) -> Priced | Refusal:
        owner = self._owner._replace(seconds_by_uri=seconds_by_uri)
        now_us = time.time_ns() // 1_000
        found = priced(call, purse.tariff(), owner, now_us)
        if isinstance(found, Refusal) and found.code == UNKNOWN_MODEL:
            # The lines may have been pasted meanwhile.
            found = priced(call, purse.tariff(anew=True), owner, now_us)
        return found


def reserve(found: Priced, purse: Purse, labels: Labels, began_ns: int) -> Attempt | Refusal:
    """Of what is priced. What costs nothing goes on also where nothing can be written."""
    asked = _asked(found, labels)
    try:
        answer = purse.reserve(asked)
    except PurseClosed as closed:
        if not asked.worst_micro:
            return Attempt(found, None, asked, began_ns)
        return Refusal(closed.code, str(closed), "", needed_micro=asked.worst_micro)
    except ValueError as error:
        return Refusal(UNBOUNDED, f"it asks for more than any call may: {error}.", "")
    if isinstance(answer, Admitted):
        return Attempt(found, purse, asked, began_ns)
    return _free_or_refused(answer, found, asked, began_ns)


def _free_or_refused(
    answer: Refused, found: Priced, asked: Asked, began_ns: int
) -> Attempt | Refusal:
    if answer.code == NO_BUDGET and not asked.worst_micro:
        # A model of one's own needs no budget, and without one there is no row either.
        return Attempt(found, None, asked, began_ns)
    return of_ledger(answer)


def _asked(found: Priced, labels: Labels) -> Asked:
    call = found.call
    return Asked(
        call_id=os.urandom(16).hex(),
        attempt=call.attempt,
        provider=call.provider,
        model=call.model,
        endpoint=call.endpoint,
        workflow=labels.workflow,
        analysis=labels.analysis,
        job_key=labels.key,
        key_label=labels.api_key_label,
        priority=labels.priority,
        buckets=labels.buckets(call.provider),
        worst_nano_usd=found.worst_nano_usd,
        worst_micro=found.worst_micro,
        price_id=found.rates.price_id,
        fx_id=found.exchange.fx_id,
        vat_ppm=found.exchange.vat_ppm,
        fee_ppm=found.exchange.fee_ppm,
        stream=call.stream,
        host=host_name(),
        pid=os.getpid(),
        process=own_process(),
        opened_us=found.at_us,
        expires_us=found.at_us + (STREAM_EXPIRES_US if call.stream else EXPIRES_US),
    )


class Attempt:
    """A call that was admitted. Exactly one of its ends is told to the purse.

    Without a purse nothing is written down: it costs nothing.
    """

    def __init__(self, found: Priced, purse: Purse | None, asked: Asked, began_ns: int) -> None:
        self.priced = found
        self.call = found.call
        self.asked = asked
        self.status = 0
        self._purse = purse
        self._lock = threading.Lock()
        self._over = purse is None
        self._sent_ns = time.perf_counter_ns()
        self._overhead_ns = self._sent_ns - began_ns

    @property
    def is_over(self) -> bool:
        return self._over

    def not_sent(self, error: str) -> None:
        """The provider never saw it."""
        self._release(0, error)

    def in_doubt(self) -> None:
        """It was sent, and what came of it is not known: it stays reserved, at its worst case.

        When its time is over the ledger calls it unverified; it counts all the while.
        """
        self._ends()

    def answered(self, status: int) -> bool:
        """Whether the answer is to be read for what it did cost."""
        self.status = status
        if 200 <= status < 300:
            return not self._over
        if (status < 500 and status != CLOSED_BY_US) or status in NOT_BILLED:
            self._release(status, f"HTTP {status}")
        else:
            self.in_doubt()
        return False

    def settle(self, usage: Usage) -> None:
        """By what the answer says that it used."""
        began_ns = time.perf_counter_ns()
        if not self._ends():
            return
        nano = self.priced.cost(usage)
        source = USAGE if usage.cost_nano_usd is None else PROVIDER_COST
        tools = json.dumps([list(each) for each in usage.tool_calls]) if usage.tool_calls else ""
        told = (usage.model, usage.tokens, tools)
        self._settle(nano, self.priced.gross(nano), source, told, "", began_ns)

    def settle_estimated(self, received: int | None, told: Usage | None, error: str) -> None:
        """Where no usage was told. `received` is the bytes of a stream; None: the worst case."""
        began_ns = time.perf_counter_ns()
        if not self._ends():
            return
        found = self.priced
        nano = found.worst_nano_usd if received is None else found.estimate(received, told)
        bounds = found.bounded.bounds
        tokens = (
            told.tokens
            if told is not None
            else Tokens(input=bounds.input, output=min(received or bounds.output, bounds.output))
        )
        self._settle(nano, found.gross(nano), ESTIMATED, ("", tokens, ""), error, began_ns)

    def _settle(
        self,
        nano: int,
        gross: int,
        source: str,
        told: tuple[str, Tokens, str],
        error: str,
        began_ns: int,
    ) -> None:
        model, tokens, tools = told
        now_ns = time.perf_counter_ns()
        settlement = Settlement(
            *(nano, gross, source, self.status, (began_ns - self._sent_ns) // 1_000, model, tokens),
            *(tools, (self._overhead_ns + now_ns - began_ns) // 1_000, error),
            time.time_ns() // 1_000,
        )
        if self._purse is not None:
            self._purse.settle(self.asked.call_id, self.asked.attempt, settlement)

    def _release(self, status: int, error: str) -> None:
        if self._ends() and self._purse is not None:
            now_us = time.time_ns() // 1_000
            self._purse.release(self.asked.call_id, self.asked.attempt, status, error[:300], now_us)

    def _ends(self) -> bool:
        """True for who comes first: a stream may be closed, read to its end and collected."""
        with self._lock:
            first, self._over = not self._over, True
            return first
