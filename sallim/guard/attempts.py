"""One attempt of a call: reserved, and exactly one end of it told to the purse."""

from __future__ import annotations

import json
import os
import threading
import time

from sallim.guard.bounding.gemini import thinks
from sallim.guard.labels import Labels
from sallim.guard.ledger_refusals import FEWER_TOKENS, of_ledger
from sallim.guard.opening import Subject, Worst, asked_for
from sallim.guard.pricing import Priced
from sallim.guard.prompts import hashes_of
from sallim.guard.refusing import UNBOUNDED, Refusal
from sallim.guard.spending import PurseClosed
from sallim.ledger.money_rows import (
    AMOUNT_MAX,
    ESTIMATED,
    NO_BUDGET,
    PROVIDER_COST,
    USAGE,
    Admitted,
    Asked,
    Refused,
    Settlement,
    Tokens,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sallim.guard.reading import Call
    from sallim.guard.spending import Purse
    from sallim.usage import Usage

NOT_BILLED = (501, 503, 505, 529)
"""Answers above 499 that are given before any work: overloaded, not available."""
CLOSED_BY_US = 499


def reserve(found: Priced, purse: Purse, labels: Labels, began_ns: int) -> Attempt | Refusal:
    """Of what is priced. What costs nothing goes on also where nothing can be written."""
    asked = _asked(found, labels, hashes_of(found.call, purse.tariff().salt))
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
    return of_ledger(answer, _lessen(found.call))


def _lessen(call: Call) -> str:
    """How such a call can be made to need less."""
    if call.flavour == "openai.audio":
        # Whisper and its like are paid by the second, and have no limit of tokens.
        return "send a shorter recording"
    if call.flavour == "openai.embeddings":
        return "send less in one call"
    if call.flavour == "gemini" and thinks(call.model):
        return "bound it by maxOutputTokens and thinkingConfig.thinkingBudget, by both"
    return FEWER_TOKENS


def _asked(found: Priced, labels: Labels, hashes: tuple[str, str]) -> Asked:
    call, (prompt_hash, prefix_hash) = found.call, hashes
    # In the order of time: the ledger's index grows at its end, where it is in memory.
    call_id = f"{found.at_us:014x}{os.urandom(9).hex()}"
    subject = Subject(call_id, call.attempt, call.provider, call.model, call.endpoint, call.stream)
    worst = Worst(found.worst_nano_usd, found.worst_micro, found.rates.price_id, found.exchange)
    return asked_for(subject, worst, labels, found.at_us)._replace(
        prompt_hash=prompt_hash,
        prefix_hash=prefix_hash,
        # With the hashes only: an older gateway, which told no salt, takes neither.
        output_max=found.bounded.bounds.output if prompt_hash else 0,
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
        usage = self.priced.whole(usage)
        nano = self.priced.cost(usage)
        gross = self.priced.gross(nano)
        if max(nano, gross) > AMOUNT_MAX:
            self.settle_estimated(None, None, "it says that it cost more than any call can")
            return
        if not self._ends():
            return
        source = USAGE if usage.cost_nano_usd is None else PROVIDER_COST
        tools = json.dumps([list(each) for each in usage.tool_calls]) if usage.tool_calls else ""
        told = (usage.model, usage.tokens, tools)
        self._settle(nano, gross, source, told, "", began_ns)

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
