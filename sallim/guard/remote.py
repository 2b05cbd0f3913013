"""The purse of a rented machine or a container: the gateway of the hub, asked over HTTP.

`POST {SALLIM_URL}/v1/sallim/reserve|settle|release` with the rows as JSON (see sallim/guard/wire),
`GET {SALLIM_URL}/v1/sallim/prices` for the owner's prices. Without the hub nothing is spent.
"""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Mapping
from contextlib import suppress

from sallim.guard.refusing import NO_LEDGER
from sallim.guard.spending import PurseClosed
from sallim.guard.tariff import Kept, Tariff
from sallim.guard.telling import tell_once
from sallim.guard.wire import asked_to_wire, row_of_wire, settlement_to_wire
from sallim.ledger.money_rows import (
    Admitted,
    Asked,
    Exchange,
    RateRow,
    Refused,
    Settlement,
)
from sallim.ledger.statement_rows import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TIMEOUT_SECONDS = 10.0
REFRESH_SECONDS = 3_600.0
ANSWER_BYTES_MAX = 20_000_000
REASON_BYTES_MAX = 4_000
REASON_CHARACTERS_MAX = 200
MALFORMED = (400, 409, 413, 422)
"""What is answered so will never be taken, and must not hold up the rest."""
REFUSED_MAX = 100
"""Kinds of refusals that wait to be told: names of models are the program's."""
WAITING_MAX = 10_000
"""Ends that the hub has not been told; what is older is unverified there after its time."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the token to another place."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


class RemotePurse:
    """Of one gateway. Nothing that it raises or says holds the token."""

    waits = True

    def __init__(self, url: str, token: str) -> None:
        if not token or not token.isascii() or not token.isprintable():
            raise PurseClosed(
                "SALLIM_URL is set and SALLIM_TOKEN is not, or holds what no token holds. Make one "
                "where the hub runs.",
                NO_LEDGER,
            )
        if not url.startswith(("http://", "https://")):
            raise PurseClosed("SALLIM_URL must begin with http:// or https://.", NO_LEDGER)
        # SDKs take the gateway's address with /v1 behind it; here it may stand there, too.
        self._base = url.rstrip("/").removesuffix("/v1") + "/v1/sallim/"
        self._token = token
        self._opener = urllib.request.build_opener(_NoRedirect())
        self._waiting: deque[tuple[str, dict[str, Any]]] = deque(maxlen=WAITING_MAX)
        self._refused: dict[Refusal, Refusal] = {}
        self._tariff = Kept(self._read, REFRESH_SECONDS)
        self._untold = ""
        """Why nothing is known of the hub's prices."""

    def tariff(self, anew: bool = False) -> Tariff:
        """The hub's; until it has told them, those that come with the package, for what is free."""
        return self._tariff.now(anew)

    def _read(self) -> Tariff | None:
        try:
            told = self._ask("prices", None)
            rows = [row_of_wire(RateRow, each) for each in told["rates"]]
            exchange = [row_of_wire(Exchange, each) for each in told["exchange"]]
            # An older gateway tells none, and takes no hash.
            salt = bytes.fromhex(told.get("salt", ""))
        except PurseClosed as closed:
            self._untold = str(closed)
            return None
        except (ValueError, TypeError, KeyError):
            self._untold = f"{self._base}prices answers what no gateway of Sallim does."
            return None
        return Tariff(rows, {row.provider: row for row in exchange}, salt)

    def reserve(self, asked: Asked) -> Admitted | Refused:
        """Raises PurseClosed where the hub does not answer: then nothing may be spent."""
        self._deliver()
        self._tell_refused()
        if self._tariff.known is None:
            # The owner's prices and rate may be others: with the next call they are asked again.
            raise self._closed(self._untold)
        try:
            told = self._ask("reserve", {"asked": asked_to_wire(asked)})
            if isinstance(told.get("refused"), Mapping):
                return row_of_wire(Refused, told["refused"])
            admitted = told["admitted"]
            return Admitted(asked.call_id, asked.attempt, int(admitted["worst_micro"]))
        except (ValueError, TypeError, KeyError):
            raise self._closed(
                f"{self._base}reserve answers what no gateway of Sallim does. Check SALLIM_URL."
            ) from None
        except PurseClosed as closed:
            # It may have been reserved, with the answer lost.
            self._later("release", _release(asked.call_id, asked.attempt, 0, str(closed), 0))
            raise

    def settle(self, call_id: str, attempt: int, settlement: Settlement) -> bool:
        shape = settlement_to_wire(settlement)
        return self._tell("settle", {"call_id": call_id, "attempt": attempt, "settlement": shape})

    def release(self, call_id: str, attempt: int, status: int, error: str, now_us: int) -> bool:
        return self._tell("release", _release(call_id, attempt, status, error, now_us))

    def refused(self, row: Refusal) -> None:
        """Told along with the next call, or at the end: nobody waits for it."""
        key = row._replace(calls=0, last_us=0)
        if len(self._refused) < REFUSED_MAX or key in self._refused:
            known = self._refused.get(key, row._replace(calls=0))
            self._refused[key] = row._replace(calls=known.calls + row.calls)

    def _tell_refused(self) -> None:
        rows, self._refused = list(self._refused.values()), {}
        if not rows:
            return
        shape = {"refusals": [row._asdict() for row in rows]}
        # A count that is lost on the way, or that an older hub does not take, is worth no trouble.
        with suppress(PurseClosed):
            self._ask("refused", shape)

    def close(self) -> None:
        """One more try for what waits."""
        self._deliver()
        self._tell_refused()

    def _tell(self, what: str, shape: dict[str, Any]) -> bool:
        self._deliver()
        try:
            return bool(self._ask(what, shape).get("new"))
        except PurseClosed as closed:
            tell_once("hub", f"{closed} What calls did cost is told later.")
            self._later(what, shape)
            return False

    def _later(self, what: str, shape: dict[str, Any]) -> None:
        self._waiting.append((what, shape))

    def _deliver(self) -> None:
        """Twice is harmless: a call is known by its id and attempt.

        What is being told is taken out first, so that no other thread tells it and then takes out
        the next one, which nobody told.
        """
        while True:
            try:
                what, shape = self._waiting.popleft()
            except IndexError:
                return
            try:
                self._ask(what, shape)
            except BaseException as error:
                if isinstance(error, PurseClosed) and error.is_final:
                    continue
                self._waiting.appendleft((what, shape))
                if isinstance(error, PurseClosed):
                    return
                raise

    def _closed(self, text: str) -> PurseClosed:
        """Servers and addresses may repeat what they were sent."""
        return PurseClosed(text.replace(self._token, "..."))

    def _ask(self, what: str, shape: dict[str, Any] | None) -> dict[str, Any]:
        body = None if shape is None else json.dumps(shape).encode()
        address = self._base + what
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/json",
            "User-Agent": "sallim",
        }
        try:
            request = urllib.request.Request(address, body, headers)  # noqa: S310 see __init__
            with self._opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
                told = json.loads(answer.read(ANSWER_BYTES_MAX))
        except urllib.error.HTTPError as error:
            with error:
                reason = _reason(error.read(REASON_BYTES_MAX))
            told = f"{address} answered {error.code} {reason}{_cure(error.code)}"
            closed = self._closed(told)
            closed.is_final = error.code in MALFORMED
            raise closed from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = str(error or type(error).__name__)
            raise self._closed(
                f"{address} does not answer ({reason}). Check SALLIM_URL and that the gateway "
                "listens there."
            ) from None
        if not isinstance(told, dict):
            raise self._closed(f"{address} answers what no gateway of Sallim does.")
        return told


def _release(call_id: str, attempt: int, status: int, error: str, now_us: int) -> dict[str, Any]:
    now_us = now_us or time.time_ns() // 1_000
    return {
        "call_id": call_id,
        "attempt": attempt,
        "status": status,
        "error": error,
        "now_us": now_us,
    }


def _reason(body: bytes) -> str:
    """The sentence in an answer of the gateway; of anybody else's the beginning.

    >>> _reason(b'{"error": {"message": "Sallim: no token came."}}'), _reason(b"<html>  no")
    ('Sallim: no token came.', '<html> no')
    """
    text = body.decode(errors="replace")
    try:
        told = json.loads(text)["error"]["message"]
    except (ValueError, TypeError, KeyError):
        told = text[:REASON_CHARACTERS_MAX]
    return " ".join(str(told).split())


def _cure(code: int) -> str:
    if code in (401, 403):
        return " Put a token of the hub's gateway into SALLIM_TOKEN."
    return ". Set SALLIM_URL to the gateway's own address." if code == 404 else ""
