"""`/v1/sallim/*`: guards on other machines reserve and settle here, under the same caps.

Whoever has a token can tell what a call will cost at most and what it did cost; whose it is, when
it is, in which buckets it counts and how long it may be open is said here.
"""

import json
import time
from collections.abc import Mapping
from typing import Any

from agent.gateway.bodies import Body, Receive
from agent.gateway.calls import at_most
from agent.gateway.refusing import Refused
from agent.turnstile import Turnstile
from data.tokens import Holder
from sallim.guard.labels import Labels
from sallim.guard.opening import STREAM_EXPIRES_US
from sallim.guard.prompts import is_hash
from sallim.guard.spending import FilePurse, PurseClosed
from sallim.guard.tariff import Tariff, worst_micro
from sallim.guard.wire import asked_of_wire, refused_to_wire, row_of_wire, settlement_of_wire
from sallim.ledger.checking import check_settlement, checked
from sallim.ledger.errors import LedgerError
from sallim.ledger.money_rows import Asked
from sallim.ledger.money_rows import Refused as NotAdmitted
from sallim.ledger.refusals import MINUTE_US
from sallim.ledger.statement_rows import Refusal

PREFIX = "/v1/sallim/"
REQUESTS_PER_SECOND, BURST = 50.0, 500.0
"""Two for each call; ten times what a machine of one owner needs, and a tenth of what the ledger
can write."""
SHORTEST_US = 1_000_000
ATTEMPT_MAX = 1_000_000
ERROR_MAX = 300
OVERRUN_TIMES, OVERRUN_MICRO = 10, 10_000_000
"""A call may cost more than was kept free for it, where a provider's prices have changed. Many
times as much is no call: a token that may spend little could use up the month of all with it.
"""
REFUSALS_MAX, CALLS_MAX = 100, 1_000_000


class Remote:
    """Its methods run on threads, but for `wait`."""

    def __init__(self, purse: FilePurse) -> None:
        self._purse = purse
        self._turnstile = Turnstile(time.monotonic, REQUESTS_PER_SECOND, BURST)

    def wait(self, holder: Holder) -> None:
        """Raises Refused for who asks too often."""
        seconds = self._turnstile.wait_seconds(holder.name)
        if seconds:
            again = str(int(seconds) + 1).encode()
            raise Refused(429, "too many requests with this token", (b"retry-after", again))

    async def shape(self, body: Body, receive: Receive, length: str) -> object:
        content = await body.read(receive, length)
        if not content:
            return None
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            raise Refused(400, "the body is no JSON") from None

    def answer(self, method: str, path: str, holder: Holder, shape: object) -> dict[str, Any]:
        """Raises Refused."""
        asks = {
            ("GET", "prices"): self._prices,
            ("POST", "reserve"): self._reserve,
            ("POST", "settle"): self._settle,
            ("POST", "release"): self._release,
            ("POST", "refused"): self._refused,
        }.get((method, path.removeprefix(PREFIX)))
        if asks is None:
            raise Refused(404, "POST reserve, settle, release or refused, or GET prices")
        told = shape if isinstance(shape, Mapping) else {}
        try:
            return asks(holder, told)
        except (PurseClosed, LedgerError) as closed:
            raise Refused(503, str(closed)) from None
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            raise Refused(400, f"this is not what a guard sends: {error}"[:ERROR_MAX]) from None

    def _prices(self, _: Holder, __: Mapping[str, Any]) -> dict[str, Any]:
        tariff = self._purse.tariff()
        return {
            "rates": [row._asdict() for row in tariff.rows],
            "exchange": [row._asdict() for row in tariff.exchange_rows],
            "salt": tariff.salt.hex(),
        }

    def _reserve(self, holder: Holder, told: Mapping[str, Any]) -> dict[str, Any]:
        now_us = time.time_ns() // 1_000
        asked = as_of_holder(asked_of_wire(told["asked"]), holder, now_us, self._purse.tariff())
        answer = self._purse.reserve(asked)
        if isinstance(answer, NotAdmitted):
            return {"refused": refused_to_wire(answer)}
        return {"admitted": answer._asdict()}

    def _settle(self, holder: Holder, told: Mapping[str, Any]) -> dict[str, Any]:
        now_us = time.time_ns() // 1_000
        settlement = settlement_of_wire(told["settlement"])
        check_settlement(settlement)
        settlement = settlement._replace(settled_us=max(0, min(settlement.settled_us, now_us)))
        call_id, attempt = _own(holder, told)
        self._insist_on_likely(call_id, attempt, settlement.gross_micro)
        return {"new": self._purse.settle(call_id, attempt, settlement)}

    def _insist_on_likely(self, call_id: str, attempt: int, gross_micro: int) -> None:
        """Raises ValueError; such a call counts at its worst case in the end."""
        worst_micro = self._purse.accounts.worst_micro(call_id, attempt)
        if worst_micro is None:
            return
        most_micro = worst_micro * OVERRUN_TIMES + OVERRUN_MICRO
        if gross_micro > most_micro:
            raise ValueError(
                f"gross_micro is {gross_micro:,}: of this call it is {most_micro:,} at most, "
                f"{OVERRUN_TIMES} times what was kept free for it"
            )

    def _release(self, holder: Holder, told: Mapping[str, Any]) -> dict[str, Any]:
        status, error = told["status"], told["error"]
        if type(status) is not int or type(error) is not str or not 0 <= status <= 999:
            raise ValueError("status is a number of HTTP, error a text")
        call_id, attempt = _own(holder, told)
        now_us = time.time_ns() // 1_000
        return {"new": self._purse.release(call_id, attempt, status, error[:ERROR_MAX], now_us)}

    def _refused(self, holder: Holder, told: Mapping[str, Any]) -> dict[str, Any]:
        """What guards elsewhere refused by themselves; when it was is said here."""
        rows = [row_of_wire(Refusal, each) for each in told["refusals"][:REFUSALS_MAX]]
        now_us = time.time_ns() // 1_000
        for row in rows:
            if {type(row.provider), type(row.model), type(row.code)} != {str}:
                raise ValueError("provider, model and code are texts")
            if type(row.calls) is not int or not 0 < row.calls <= CALLS_MAX:
                raise ValueError(f"calls must be from 1 to {CALLS_MAX:,}")
            why = (row.code, at_most(row.priority, holder.spending.priority))
            key = ("", row.provider, row.model, now_us - now_us % MINUTE_US)
            self._purse.refused(Refusal(0, *key, *why, row.calls, 0, now_us))
        return {"new": bool(rows)}


def as_of_holder(asked: Asked, holder: Holder, now_us: int, tariff: Tariff) -> Asked:
    """What the caller cannot choose is put in; its clock, priority and buckets are not trusted.

    Raises ValueError that names what is wrong.
    """
    asked = checked(asked._replace(call_id=_named(holder, asked.call_id)))
    if not 0 < asked.attempt <= ATTEMPT_MAX:
        raise ValueError(f"attempt is {asked.attempt}: it must be from 1 to {ATTEMPT_MAX:,}")
    if not is_hash(asked.prompt_hash) or not is_hash(asked.prefix_hash):
        raise ValueError("prompt_hash and prefix_hash are 32 hexadecimal digits, or left out")
    labels = Labels(
        workflow=asked.workflow or holder.spending.workflow,
        analysis=asked.analysis,
        key=asked.job_key,
        priority=at_most(asked.priority, holder.spending.priority),
        api_key_label=holder.name,
    )
    open_us = min(max(asked.expires_us - asked.opened_us, SHORTEST_US), STREAM_EXPIRES_US)
    least = worst_micro(asked.worst_nano_usd, tariff.exchange(asked.provider), now_us)
    return asked._replace(
        workflow=labels.workflow,
        priority=labels.priority,
        key_label=labels.api_key_label,
        buckets=labels.buckets(asked.provider),
        worst_micro=max(asked.worst_micro, least),
        opened_us=now_us,
        expires_us=now_us + open_us,
    )


def _own(holder: Holder, told: Mapping[str, Any]) -> tuple[str, int]:
    """Names of calls begin with that of the token, so nobody reaches another's."""
    attempt = told["attempt"]
    if type(attempt) is not int or not 0 < attempt <= ATTEMPT_MAX:
        raise ValueError(f"attempt must be from 1 to {ATTEMPT_MAX:,}")
    return _named(holder, told["call_id"]), attempt


def _named(holder: Holder, call_id: object) -> str:
    if type(call_id) is not str:
        raise ValueError("call_id is a text")
    return f"{holder.name}/{call_id}"
