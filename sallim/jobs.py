"""`sallim.job`: an analysis, from its beginning to its end, written down while it runs.

    with sallim.job("analysis", key="video-17") as job:
        with job.stage("download"):
            ...

It never changes what the program does: exceptions pass untouched, and whatever goes wrong with
the writing is said once in the log.
"""

from __future__ import annotations

import functools
import os
import time
from contextlib import suppress
from contextvars import ContextVar

from sallim.recording import recorder, tell_once
from sallim.tellings import failure_text, host_name, key_text, queued_us

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Token
    from datetime import datetime
    from types import TracebackType
    from typing import Any, TypeVar

    from sallim.ledger.rows import JobRow

    Function = TypeVar("Function", bound=Callable[..., Any])

_current: ContextVar[Job | None] = ContextVar("sallim_job", default=None)
"""The innermost job; tasks that are started in it inherit it."""


def current_job() -> Job | None:
    """The innermost job around the caller; None outside of any."""
    return _current.get()


def job(
    name: str,
    *,
    key: object = "",
    stage: str = "",
    queued_at: datetime | float | None = None,
) -> Job:
    """A context manager for one run of an analysis, and a decorator for a function that is one.

    `key` is the business key, for example the video; for a decorator it may be a function of the
    arguments. `stage` is for a program that does one stage of an analysis whose other stages run
    elsewhere. `queued_at` is when it began to wait: epoch seconds, or a datetime with its zone.
    """
    return Job(name, key, stage, queued_at, None)


class Job:
    """For one `with` at a time. `key` may be set until it ends."""

    def __init__(
        self,
        name: str,
        key: object,
        stage: str,
        queued_at: datetime | float | None,
        parent_id: str | None,
    ) -> None:
        self.id = ""
        self.name = name
        self.key = key
        self._stage = stage
        self._queued_at = queued_at
        self._parent_id = parent_id
        self._parent = ""
        self._reason = ""
        self._token: Token[Job | None] | None = None
        self._begun: JobRow | None = None
        self._pid = self._began_us = self._began_ns = 0

    def stage(self, name: str) -> Job:
        """A stage of this job, for a `with` of its own."""
        return Job(self.name, self.key, name, None, self.id)

    def fail(self, reason: str) -> None:
        """It failed, although nothing is raised."""
        self._reason = str(reason) or "failed"

    def __enter__(self) -> Job:
        around = _current.get()
        outer = "" if around is None else around.id
        self.id = f"{time.time_ns() // 1_000_000:012x}{os.urandom(10).hex()}"
        self._parent = outer if self._parent_id is None else self._parent_id
        self._token = _current.set(self)
        self._reason = ""
        self._pid = os.getpid()
        self._began_us = time.time_ns() // 1_000
        self._record_start()
        self._began_ns = time.monotonic_ns()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        duration_us = (time.monotonic_ns() - self._began_ns) // 1_000
        if self._token is not None:
            # ValueError: left in another context, as an abandoned asynchronous generator is.
            with suppress(ValueError):
                _current.reset(self._token)
        if os.getpid() != self._pid:
            # A child that was forked within it; the parent ends it.
            return
        text = failure_text(kind, error) or self._reason
        self._record_end(duration_us, text)

    def __call__(self, function: Function) -> Function:
        """Wrap a function or a coroutine function: each call is a job."""
        import inspect

        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError(
                f"sallim.job cannot tell when the generator {function.__qualname__} is done; write "
                "`with sallim.job(...):` within it instead."
            )
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def asynchronous(*args: Any, **kwargs: Any) -> Any:
                with self._for_call(args, kwargs):
                    return await function(*args, **kwargs)

            return asynchronous  # type: ignore[return-value]

        @functools.wraps(function)
        def synchronous(*args: Any, **kwargs: Any) -> Any:
            with self._for_call(args, kwargs):
                return function(*args, **kwargs)

        return synchronous  # type: ignore[return-value]

    def _for_call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Job:
        key = self.key
        if callable(key):
            try:
                key = key(*args, **kwargs)
            except Exception as error:  # noqa: BLE001 told below; the work goes on
                tell_once("key", f"the key of {self.name!r} could not be made: {error!r}")
                key = ""
        return Job(self.name, key, self._stage, self._queued_at, None)

    def _record_start(self) -> None:
        try:
            place = recorder()
            self._begun = self._first_row() if place.records else None
            if self._begun is not None:
                place.started(self._begun)
        except Exception as problem:  # noqa: BLE001 the owner's work is worth more than its record
            self._tell(problem)

    def _record_end(self, duration_us: int, error: str) -> None:
        try:
            if self._begun is not None:
                recorder().ended(self._last_row(self._begun, duration_us, error))
        except Exception as problem:  # noqa: BLE001 the owner's work is worth more than its record
            self._tell(problem)

    def _tell(self, problem: Exception) -> None:
        tell_once("unexpected", f"{self.name!r} could not be recorded: {problem!r}")

    def _first_row(self) -> JobRow:
        from sallim.ledger.processes import own_process
        from sallim.ledger.rows import CHARACTERS_MAX, RUNNING, JobRow, clean

        return JobRow(
            self.id,
            0,
            self._parent,
            clean(str(self.name), CHARACTERS_MAX["name"]) or "job",
            clean(str(self._stage), CHARACTERS_MAX["stage"]),
            key_text(self.key),
            host_name(),
            self._pid,
            own_process(),
            RUNNING,
            queued_us(self._queued_at),
            self._began_us,
            None,
            None,
            "",
            self._began_us,
        )

    def _last_row(self, begun: JobRow, duration_us: int, error: str) -> JobRow:
        from sallim.ledger.rows import CHARACTERS_MAX, FAILED, SUCCEEDED, clean

        now_us = time.time_ns() // 1_000
        return begun._replace(
            key=key_text(self.key),
            state=FAILED if error else SUCCEEDED,
            ended_us=now_us,
            duration_us=duration_us,
            error=clean(error, CHARACTERS_MAX["error"]) if error else "",
            updated_us=now_us,
        )
