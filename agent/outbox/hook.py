"""What a service said to the attempt under way: Apprise tells success or failure alone.

Apprise sends through `requests` and through `smtplib`; both are looked over here, on the thread
that sends. Only in the worker.
"""

import smtplib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import requests

from models.retry_after import seconds_of

REFUSAL = 300
MAIL_REFUSAL = 400
"""The first codes that are no yes, of HTTP and of a mail server."""


@dataclass
class Heard:
    """Of the last request that was refused; `mail_status` is the last refusal of a mail server."""

    status: int = 0
    retry_after_seconds: float = 0.0
    mail_status: int = 0
    is_network: bool = False


class _UnderWay(threading.local):
    heard: Heard | None = None


_under_way = _UnderWay()
_send, _get_reply, _connect = requests.Session.send, smtplib.SMTP.getreply, smtplib.SMTP.connect


@contextmanager
def listening() -> Iterator[Heard]:
    heard = _under_way.heard = Heard()
    try:
        yield heard
    finally:
        _under_way.heard = None


def install() -> None:
    """For the whole process; twice changes nothing."""
    requests.Session.send = _sent  # type: ignore[assignment,method-assign]
    smtplib.SMTP.getreply = _replied  # type: ignore[assignment,method-assign]
    smtplib.SMTP.connect = _connected  # type: ignore[assignment,method-assign]


def _sent(session: Any, request: Any, **options: Any) -> Any:
    heard = _under_way.heard or Heard()
    try:
        response = _send(session, request, **options)
    except (requests.ConnectionError, requests.Timeout):
        heard.is_network = True
        raise
    if response.status_code >= REFUSAL:
        heard.status, heard.is_network = response.status_code, False
        heard.retry_after_seconds = retry_after(response, datetime.now(UTC))
    return response


def _replied(server: Any) -> Any:
    code, text = _get_reply(server)
    if _under_way.heard is not None and code >= MAIL_REFUSAL:
        _under_way.heard.mail_status = code
    return code, text


def _connected(server: Any, *place: Any, **options: Any) -> Any:
    try:
        return _connect(server, *place, **options)
    except OSError:
        if _under_way.heard is not None:
            _under_way.heard.is_network = True
        raise


def retry_after(response: Any, now: datetime) -> float:
    """Seconds, from the header, or from the body as Telegram and Discord write it."""
    written = str(response.headers.get("Retry-After", "")).strip()
    if written:
        return seconds_of(written, now)
    if response.status_code != requests.codes.too_many_requests:
        return 0.0
    try:
        shape = response.json()
    except ValueError:
        return 0.0
    if not isinstance(shape, dict):
        return 0.0
    inner = shape.get("parameters")
    told = inner.get("retry_after") if isinstance(inner, dict) else shape.get("retry_after")
    return float(told) if isinstance(told, int | float) and 0 <= told < 1e6 else 0.0
