"""Bodies of answers between a transport and its caller: read along, however they end.

Classes for both flavours of httpx; `transports.py` puts the class of the flavour below them.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from typing import Any

from sallim.guard import abandoned
from sallim.guard.answers import Events, Whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Stream:
    """One iterator however often it is asked for: AsyncOpenAI reads on after its end."""

    def __init__(self, inner: Any, reader: Whole | Events) -> None:
        self._inner, self._reader = inner, reader
        self._parts = _read(inner, reader)

    def __iter__(self) -> Iterator[bytes]:
        return self._parts

    def close(self) -> None:
        try:
            self._inner.close()
        finally:
            self._reader.end(False)

    def __del__(self) -> None:
        _abandon(self._reader)


class AsyncStream:
    def __init__(self, inner: Any, reader: Whole | Events, aside: bool) -> None:
        self._inner, self._reader, self._aside = inner, reader, aside
        self._parts = _aread(inner, reader, aside)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._parts

    async def aclose(self) -> None:
        try:
            await self._inner.aclose()
        finally:
            await call_aside(self._aside, self._reader.end, False)

    def __del__(self) -> None:
        _abandon(self._reader)


def _read(inner: Any, reader: Whole | Events) -> Iterator[bytes]:
    try:
        for part in inner:
            shown = reader.feed(part)
            if reader.done:
                reader.end(True)
            if shown:
                yield shown
    except GeneratorExit:
        _abandon(reader)
        raise
    except BaseException:
        reader.end(False)
        raise
    rest = reader.rest()
    reader.end(True)
    if rest:
        yield rest


async def _aread(inner: Any, reader: Whole | Events, aside: bool) -> AsyncIterator[bytes]:
    try:
        async for part in inner:
            shown = reader.feed(part)
            if reader.done:
                await call_aside(aside, reader.end, True)
            if shown:
                yield shown
    except GeneratorExit:
        _abandon(reader)
        raise
    except BaseException:
        # Perhaps cancelled: nothing may be waited for here.
        _abandon(reader)
        raise
    rest = reader.rest()
    await call_aside(aside, reader.end, True)
    if rest:
        yield rest


def _abandon(reader: Whole | Events) -> None:
    if not reader.is_over:
        abandoned.later(functools.partial(reader.end, False))


async def call_aside(aside: bool, function: Callable[..., Any], *args: Any) -> Any:
    """On a thread where it waits for a network and there is an event loop of asyncio."""
    if aside:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return function(*args)
        return await asyncio.to_thread(function, *args)
    return function(*args)


async def begun_aside(
    aside: bool, undo: Callable[[Any], None], begin: Callable[..., Any], *args: Any
) -> Any:
    """The same of what reserves. It is undone for who is cancelled before it is answered."""
    if not aside:
        return begin(*args)
    begun: Future[Any] = Future()

    def run() -> None:
        try:
            begun.set_result(begin(*args))
        except BaseException as error:  # noqa: BLE001 it is raised where it is waited for
            begun.set_exception(error)

    try:
        await call_aside(True, run)
    except asyncio.CancelledError:
        # The thread goes on, and nobody else knows of what it reserves.
        begun.add_done_callback(functools.partial(_undo_later, undo))
        raise
    return begun.result()


def _undo_later(undo: Callable[[Any], None], begun: Future[Any]) -> None:
    if begun.exception() is None:
        abandoned.watch()
        abandoned.later(functools.partial(undo, begun.result()))
