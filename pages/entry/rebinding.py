"""Does the app that was just started let a page of somebody else in? It asks itself, once.

A page whose name is made to point here after it was loaded (DNS rebinding) shows its own name as
Host and Origin; a page that merely tries shows it as Origin alone.
"""

import asyncio
import base64
import os
import re
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import streamlit as st

from models.settings.addresses import LOOPBACK
from pages.entry.house import settings_now

STRANGER = "rebinding-test.example"
SWITCHED = 101
ANSWER_SECONDS = 10.0
TRIES = 100
PAUSE_SECONDS = 0.1


OPEN = (
    "server.address is {address!r}: others could reach an app that does not ask who they are. "
    "Start it with --server.address 127.0.0.1, or let people sign in: [house] "
    'signin = "required" in sallim.toml, and no demo.'
)
UNTRIED = "Nothing answers at {address}:{port}, so its guard could not be tried.\n"
EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104  # what others listen at is asked at home


async def status_of(address: str, port: int, lines: list[str]) -> int:
    """What a server answers to a request of these lines; 0 when it answers nothing."""
    reader, writer = await asyncio.open_connection(address, port)
    try:
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        await writer.drain()
        first = await asyncio.wait_for(reader.readline(), ANSWER_SECONDS)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
    found = re.match(rb"HTTP/1\.1 (\d{3})", first)
    return int(found.group(1)) if found else 0


def handshake(host: str, origin: str) -> list[str]:
    return [
        "GET /_stcore/stream HTTP/1.1",
        f"Host: {host}",
        f"Origin: http://{origin}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {base64.b64encode(secrets.token_bytes(16)).decode()}",
    ]


async def trouble_with(address: str, port: int) -> str | None:
    """Why this app is open to pages of others; None where it is not. Raises OSError."""
    stranger = f"{STRANGER}:{port}"
    name = f"[{address}]" if ":" in address else address
    if await status_of(address, port, handshake(stranger, stranger)) == SWITCHED:
        return (
            "The app lets in a page whose name was made to point at this machine (it answered 101 "
            f"to Host and Origin {stranger}). Write the names under which you reach it into "
            '.streamlit/config.toml: [server] allowedHosts = ["localhost", "127.0.0.1", "::1"], '
            "and take away STREAMLIT_SERVER_ALLOWED_HOSTS where it is set."
        )
    if await status_of(address, port, handshake(f"{name}:{port}", stranger)) == SWITCHED:
        return (
            "The app lets in pages of others (it answered 101 to Origin "
            f"{stranger}). Write into .streamlit/config.toml: [server] enableCORS = true, "
            "enableXsrfProtection = true, corsAllowedOrigins = []."
        )
    return None


@asynccontextmanager
async def proven(_: object) -> AsyncIterator[None]:
    """As long as the app runs; it ends at once where it lets in whom it should not."""
    proof = asyncio.create_task(prove())
    yield
    proof.cancel()


async def prove() -> None:
    address, port = st.get_option("server.address") or "", int(st.get_option("server.port"))
    if address not in LOOPBACK and not settings_now().asks_who:
        _end(OPEN.format(address=address))
    address = "127.0.0.1" if address in EVERYWHERE else address
    for _ in range(TRIES):
        try:
            trouble = await trouble_with(address, port)
        except OSError:
            # It begins to listen a moment after this task begins.
            await asyncio.sleep(PAUSE_SECONDS)
            continue
        if trouble is not None:
            _end(trouble)
        return
    sys.stderr.write(UNTRIED.format(address=address, port=port))


def _end(why: str) -> None:
    sys.stderr.write(f"{why}\n")
    sys.stderr.flush()
    # Nothing is kept here that an orderly end would save, and meanwhile somebody would be served.
    os._exit(1)
