"""Viewers without a browser: a client of Streamlit's own protocol.

A viewer asks for a page as a browser does, learns from the server which fragments refresh by
themselves, and asks for each again when its time has come. So what is counted is what real
viewers cost the server, and the bytes are those on the wire, after compression.
"""

import asyncio
import contextlib
import json
import socket
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

BYTES_RECEIVED_OFFSET = 128
"""Of `tcpi_bytes_received` in Linux' `struct tcp_info`."""
RERUN_FOLLOWS = ForwardMsg.ScriptFinishedStatus.FINISHED_EARLY_FOR_RERUN
CACHED_RUNS = 2
"""A browser remembers messages of so many runs, and tells the server that it does."""

Pace = Callable[[float], float | None]
"""From the interval that a fragment asks for to the one at which it is driven; None: never."""


def as_asked(interval_seconds: float) -> float | None:
    return interval_seconds


@dataclass(frozen=True, slots=True)
class Run:
    """One script run as the viewer saw it; `interval` is None for a whole page.

    `at` is on `time.monotonic`. Bytes are those that came: on the wire, and unpacked.
    """

    interval: float | None
    at: float
    seconds: float
    wire_bytes: int
    payload_bytes: int


@dataclass(frozen=True, slots=True)
class Address:
    port: int
    page: str = ""
    """Path of the page, empty for the first one."""
    query: str = ""
    """What stands behind the question mark."""


@dataclass(slots=True)
class Viewer:
    """One browser tab. `runs` and `errors` grow until `stay` is cancelled."""

    address: Address
    pace: Pace = as_asked
    runs: list[Run] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    fragments: dict[str, float] = field(default_factory=dict)
    plots: int = 0
    """Charts that the page holds; several may be one figure with a common time axis."""
    _page_hash: str = ""
    _due: "asyncio.Queue[str]" = field(default_factory=asyncio.Queue)
    _timers: dict[str, "asyncio.Task[None]"] = field(default_factory=dict)
    _cached: dict[str, int] = field(default_factory=dict)
    _payload_bytes: int = 0

    async def stay(self) -> None:
        origin = f"http://127.0.0.1:{self.address.port}"
        async with websockets.connect(
            f"ws://127.0.0.1:{self.address.port}/_stcore/stream",
            subprotocols=[websockets.Subprotocol("streamlit")],
            origin=websockets.Origin(origin),
            compression="deflate",
            max_size=None,
            proxy=None,
        ) as connection:
            try:
                await self._run(connection, "")
                while True:
                    await self._run(connection, await self._due.get())
            finally:
                for timer in self._timers.values():
                    timer.cancel()

    async def _run(self, connection: websockets.ClientConnection, fragment: str) -> None:
        wire_before, self._payload_bytes = _bytes_received(connection), 0
        started = time.monotonic()
        await connection.send(self._request(fragment))
        while not self._note(await connection.recv()):
            pass
        finished = time.monotonic()
        self.runs.append(
            Run(
                self.fragments.get(fragment),
                finished,
                finished - started,
                _bytes_received(connection) - wire_before,
                self._payload_bytes,
            )
        )

    def _request(self, fragment: str) -> bytes:
        message = BackMsg()
        rerun = message.rerun_script
        rerun.query_string = self.address.query
        rerun.page_script_hash = self._page_hash
        rerun.page_name = "" if self._page_hash else self.address.page
        rerun.context_info.timezone = "Asia/Seoul"
        rerun.context_info.timezone_offset = -540
        rerun.context_info.locale = "ko-KR"
        rerun.context_info.url = f"http://127.0.0.1:{self.address.port}/{self.address.page}"
        rerun.cached_message_hashes.extend(self._cached)
        if fragment:
            rerun.fragment_id = fragment
            rerun.is_auto_rerun = True
        return message.SerializeToString()

    def _note(self, payload: bytes | str) -> bool:
        """Take in one message; true when it ends the run."""
        assert isinstance(payload, bytes)
        self._payload_bytes += len(payload)
        message = ForwardMsg()
        message.ParseFromString(payload)
        if message.metadata.cacheable and message.hash:
            self._cached[message.hash] = len(self.runs)
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._page_hash = message.new_session.page_script_hash or self._page_hash
        elif kind == "navigation":
            self._page_hash = message.navigation.page_script_hash or self._page_hash
        elif kind == "auto_rerun":
            self._start_timer(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif kind == "delta":
            self._note_element(message)
        if kind != "script_finished" or message.script_finished == RERUN_FOLLOWS:
            return False
        self._forget()
        return True

    def _note_element(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception":
            self.errors.append(f"{element.exception.type}: {element.exception.message}")
        elif kind == "plotly_chart" and not self.runs:
            axes = json.loads(element.plotly_chart.spec)["layout"]
            self.plots += sum(name.startswith("yaxis") for name in axes)

    def _forget(self) -> None:
        oldest = len(self.runs) - CACHED_RUNS
        self._cached = {name: run for name, run in self._cached.items() if run >= oldest}

    def _start_timer(self, fragment: str, interval: float) -> None:
        self.fragments[fragment] = interval
        seconds = self.pace(interval)
        if seconds is not None and fragment not in self._timers:
            self._timers[fragment] = asyncio.create_task(self._tick(fragment, seconds))

    async def _tick(self, fragment: str, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            self._due.put_nowait(fragment)


def _bytes_received(connection: websockets.ClientConnection) -> int:
    peer: socket.socket = connection.transport.get_extra_info("socket")
    info = peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
    received: int = struct.unpack_from("Q", info, BYTES_RECEIVED_OFFSET)[0]
    return received


@contextlib.asynccontextmanager
async def watching(viewers: Sequence[Viewer], apart_seconds: float = 0.2):
    """Keep the tabs open; a tab that fails ends the benchmark with its error."""
    async with asyncio.TaskGroup() as group:
        tabs = []
        for viewer in viewers:
            tabs.append(group.create_task(viewer.stay()))
            await asyncio.sleep(apart_seconds)
        yield
        for tab in tabs:
            tab.cancel()
