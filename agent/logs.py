"""What the agent writes down: one event a line, in UTC, without secrets.

    2026-11-23T06:28:00.123Z WARNING agent.sampling gpu: no answer within 5 s

Line ends inside a message are written as codes, so that nobody can make up a line of their own.
"""

import logging
import sys
import threading
import time
from types import TracebackType
from typing import TextIO

from models.redaction import redact

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
TALKATIVE = ("asyncio", "httpcore", "httpx", "uvicorn")
"""Libraries whose everyday lines say nothing about the house."""

log = logging.getLogger("agent")


class RedactingFilter(logging.Filter):
    """Takes secrets out of a record before any formatter sees it: message, exception, stack."""

    _formatter = logging.Formatter()

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(_message(record)), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = self._formatter.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redact(record.exc_text)
            # Whoever formats it again would write the exception as it was.
            record.exc_info = None
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        return True


class LineFormatter(logging.Formatter):
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self.converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        return line if line.isprintable() else "".join(_visible(sign) for sign in line)


def start_logging(level: str, stream: TextIO = sys.stderr) -> None:
    """Send everything of `level` and above to `stream`: log calls, warnings, lost exceptions."""
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactingFilter())
    handler.setFormatter(LineFormatter())
    logging.basicConfig(level=LEVELS[level], handlers=[handler], force=True)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(max(LEVELS[level], logging.WARNING))
    logging.captureWarnings(True)
    # An argument that a format string does not take would be printed as it is.
    logging.raiseExceptions = False
    sys.excepthook = _log_lost
    threading.excepthook = _log_lost_in_thread
    sys.unraisablehook = _log_unraisable


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return f"{record.msg!r} {record.args!r}"


def _visible(sign: str) -> str:
    """Korean and the like as they are; what moves the cursor or ends a line as its code."""
    return sign if sign.isprintable() else sign.encode("unicode_escape").decode()


def _log_lost(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    log.critical("nobody caught this:", exc_info=(kind, error, traceback))


def _log_lost_in_thread(lost: threading.ExceptHookArgs) -> None:
    if lost.exc_value is None or issubclass(lost.exc_type, SystemExit):
        return
    name = lost.thread.name if lost.thread else "unknown"
    log.critical("thread %s ended:", name, exc_info=lost.exc_value)


def _log_unraisable(lost: "sys.UnraisableHookArgs") -> None:
    log.error("%s in %r", lost.err_msg or "exception ignored", lost.object, exc_info=lost.exc_value)
