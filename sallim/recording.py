"""Where the rows of jobs go: the ledger's file, an agent elsewhere, or nowhere.

Nothing here ever raises into the owner's program, and nothing makes it wait for longer than one
lock of BUSY_SECONDS: whatever cannot be written at once is left to the thread of a backlog.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading

from sallim.backlog import Backlog, NotNow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sallim.ledger import Ledger
    from sallim.ledger.rows import JobRow

SYSTEM_FOLDER = "/var/lib/sallim/ledger"
FILE_NAME = "ledger.sqlite3"
IN_HOME = f"ledger/{FILE_NAME}"
OFF = "off"
BUSY_SECONDS = 0.5
EXIT_SECONDS = 2.0

told_kinds: set[str] = set()


def tell_once(kind: str, sentence: str) -> None:
    """A line in the log, once a process for each kind.

    Not `warnings.warn`: where warnings are errors, it would end the owner's program.
    """
    if kind in told_kinds:
        return
    told_kinds.add(kind)
    import logging

    logging.getLogger("sallim").warning("sallim.job: %s", sentence)


class Nowhere:
    records = False

    def started(self, row: JobRow) -> None:
        pass

    def ended(self, row: JobRow) -> None:
        pass

    def stop(self, seconds: float) -> None:
        pass


class ToFile:
    """Straight into the ledger; by way of a backlog while it cannot be written."""

    records = True

    def __init__(self, ledger: Ledger) -> None:
        from sallim.ledger.errors import LedgerError

        self._ledger = ledger
        self._trouble = LedgerError
        self._backlog = Backlog(self._deliver, self._tell)
        self._turn = threading.RLock()

    def started(self, row: JobRow) -> None:
        self._write(row, self._ledger.start_job)

    def ended(self, row: JobRow) -> None:
        self._write(row, self._ledger.end_job)

    def stop(self, seconds: float) -> None:
        self._backlog.stop(seconds)
        _tell_dropped(self._backlog.dropped)
        self._ledger.close()

    def _write(self, row: JobRow, write: Callable[[JobRow], None]) -> None:
        # One thread waits for a locked file; those behind it then see that there is a backlog.
        with self._turn:
            if not self._backlog:
                try:
                    write(row)
                except self._trouble as trouble:
                    self._tell(str(trouble))
                else:
                    return
            self._backlog.add(row)

    def _deliver(self, rows: Sequence[JobRow]) -> None:
        try:
            self._ledger.put_jobs(rows)
        except self._trouble as trouble:
            raise NotNow(str(trouble)) from trouble

    def _tell(self, reason: str) -> None:
        tell_once("ledger", f"{reason} The work goes on; its jobs are recorded when that is done.")


class ToAgent:
    records = True

    def __init__(self, url: str, token: str) -> None:
        from sallim.posting import Poster

        self._poster = Poster(url, token, lambda reason: tell_once("refused", reason))
        self._backlog = Backlog(self._poster.deliver, lambda reason: tell_once("url", reason))

    def started(self, row: JobRow) -> None:
        self._backlog.add(row)

    def ended(self, row: JobRow) -> None:
        self._backlog.add(row)

    def stop(self, seconds: float) -> None:
        self._backlog.stop(seconds)
        _tell_dropped(self._backlog.dropped)


def recorder_for(environ: Mapping[str, str]) -> ToFile | ToAgent | Nowhere:
    """An agent elsewhere where SALLIM_URL names one, else the file, else nowhere."""
    if environ.get("SALLIM_LEDGER") == OFF:
        return Nowhere()
    url, token = environ.get("SALLIM_URL", ""), environ.get("SALLIM_TOKEN", "").strip()
    if url:
        return _to_agent(url, token)
    path = ledger_path(environ)
    if path:
        from sallim.ledger import Ledger
        from sallim.ledger.file import LedgerFile

        return ToFile(Ledger(LedgerFile(path, BUSY_SECONDS)))
    tell_once("where", f"nothing is recorded, because {_why_nowhere()}")
    return Nowhere()


def _why_nowhere() -> str:
    others = (
        "SALLIM_URL and SALLIM_TOKEN for an agent on another machine, or SALLIM_LEDGER=off to "
        "record nothing on purpose."
    )
    if os.path.isdir(SYSTEM_FOLDER):  # noqa: PTH112
        return (
            f"this user may not write in {SYSTEM_FOLDER}. Add it to the group that may with `sudo "
            f"usermod -aG sallim USER` and start the program from a new login; or set {others}"
        )
    return (
        "no ledger is set. Set SALLIM_HOME to the home of the agent, which `python -m agent "
        f"status` names, or {others}"
    )


def _to_agent(url: str, token: str) -> ToAgent | Nowhere:
    # A header that cannot be sent would be quoted in the error, and the token with it.
    if token and token.isascii() and token.isprintable():
        return ToAgent(url, token)
    tell_once(
        "where",
        "nothing is recorded, because SALLIM_URL is set and SALLIM_TOKEN is not, or holds what no "
        "token holds. Make one with `.venv/bin/python -m agent token create NAME --for push` in "
        "the folder of the agent.",
    )
    return Nowhere()


def ledger_path(environ: Mapping[str, str]) -> str:
    """The file that this environment names, "" when there is none.

    >>> ledger_path({"SALLIM_HOME": "/srv/sallim"})
    '/srv/sallim/ledger/ledger.sqlite3'
    """
    if environ.get("SALLIM_LEDGER"):
        return _absolute(environ["SALLIM_LEDGER"])
    if environ.get("SALLIM_HOME"):
        return _absolute(os.path.join(environ["SALLIM_HOME"], IN_HOME))  # noqa: PTH118
    if os.access(SYSTEM_FOLDER, os.W_OK | os.X_OK):
        return f"{SYSTEM_FOLDER}/{FILE_NAME}"
    return ""


def _absolute(path: str) -> str:
    """A program that changes its folder later still means the same file."""
    return os.path.abspath(os.path.expanduser(path))  # noqa: PTH100, PTH111


def _tell_dropped(count: int) -> None:
    if count:
        tell_once("dropped", f"{count} jobs were not recorded: too many waited.")


_recorder: ToFile | ToAgent | Nowhere | None = None
_making = threading.Lock()
_hooked = False


def recorder() -> ToFile | ToAgent | Nowhere:
    """The one of this process, made at its first job."""
    global _recorder  # noqa: PLW0603 like a logger's handlers, it belongs to the process
    known = _recorder
    if known is not None:
        return known
    with _making:
        if _recorder is None:
            _hook()
            _recorder = recorder_for(os.environ)
        return _recorder


def flush(seconds: float = EXIT_SECONDS) -> None:
    """Deliver what still waits, for at most that long; the next job begins with a new recorder."""
    global _recorder
    known, _recorder = _recorder, None
    if known is not None:
        known.stop(seconds)


def _forget_after_fork() -> None:
    """What waits in the parent is the parent's to deliver, by the thread that it still has."""
    global _recorder, _making
    _recorder, _making = None, threading.Lock()


def _hook() -> None:
    global _hooked  # noqa: PLW0603
    if not _hooked:
        _hooked = True
        atexit.register(flush)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=_forget_after_fork)
    processes = sys.modules.get("multiprocessing.process")
    if processes is not None and processes.parent_process() is not None:
        # Such a child ends by os._exit, which passes over atexit before Python 3.13.
        from multiprocessing.util import Finalize

        Finalize(None, flush, exitpriority=1)
