"""Rows to an agent on another machine: `POST {SALLIM_URL}/jobs`."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence

from sallim.backlog import NotNow
from sallim.ledger.rows import JobRow, to_wire

TIMEOUT_SECONDS = 10.0
REASON_BYTES_MAX = 300
MALFORMED = (413, 422)
"""Not 400: so answers a proxy that was reached by the wrong protocol, whatever is sent."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the token to another place."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


class Poster:
    """`tell` is given what a person must know; rows that the agent cannot take are counted."""

    def __init__(self, url: str, token: str, tell: Callable[[str], None]) -> None:
        self._address = url.rstrip("/") + "/jobs"
        self._token = token
        self._tell = tell
        self._opener = urllib.request.build_opener(_NoRedirect())
        self.refused = 0

    def deliver(self, rows: Sequence[JobRow]) -> None:
        """All of them, or NotNow. Twice is harmless: a job is known by its id."""
        try:
            self._post(rows)
        except urllib.error.HTTPError as error:
            with error:
                reason = _reason(error)
            if error.code not in MALFORMED:
                raise NotNow(f"{self._address} {reason}{_cure(error.code)}") from None
            self._deliver_apart(rows, reason)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NotNow(
                f"{self._address} does not answer ({error or type(error).__name__}). Jobs are "
                "kept and sent later; check SALLIM_URL and that the agent listens there."
            ) from None

    def _deliver_apart(self, rows: Sequence[JobRow], reason: str) -> None:
        """One row that the agent cannot take must not hold up the others."""
        if len(rows) > 1:
            middle = len(rows) // 2
            self.deliver(rows[:middle])
            self.deliver(rows[middle:])
            return
        self.refused += 1
        self._tell(f"{self._address} {reason} for job {rows[0].job_id}, which is left out.")

    def _post(self, rows: Sequence[JobRow]) -> None:
        body = json.dumps({"jobs": [to_wire(row) for row in rows]}).encode()
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/json",
            "User-Agent": "sallim",
        }
        request = urllib.request.Request(self._address, body, headers)  # noqa: S310 checked below
        if request.type not in ("http", "https"):
            raise ValueError("the address must begin with http:// or https://")
        with self._opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
            answer.read(REASON_BYTES_MAX)


def _reason(error: urllib.error.HTTPError) -> str:
    try:
        text = error.read(REASON_BYTES_MAX).decode(errors="replace")
    except (OSError, http.client.HTTPException):
        text = ""
    return f"answered {error.code} {error.reason} {' '.join(text.split())}".rstrip()


def _cure(code: int) -> str:
    if code in (401, 403):
        return (
            ". Make a token with `.venv/bin/python -m agent token create NAME --for push` in the "
            "folder of the agent, and put it into SALLIM_TOKEN. Jobs are kept until then."
        )
    if 300 <= code < 400 or code == 404:
        return ". Set SALLIM_URL to the agent's own address. Jobs are kept until then."
    return ". Jobs are kept and sent later."
