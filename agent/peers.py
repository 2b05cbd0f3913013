"""Which user asks over the Unix socket, as the kernel says it."""

import asyncio
import os
import pwd
import socket
import struct
from typing import Any

from starlette.requests import Request

CREDENTIALS = struct.Struct("3i")
"""Process, user and group of the other end."""
KEY = "peer_uid"


class Introduced:
    """Mixed into a protocol of uvicorn: each request learns who is at the other end."""

    app_state: dict[str, Any]

    def connection_made(self, transport: asyncio.Transport) -> None:
        self.app_state = {**self.app_state, KEY: uid_of(transport)}
        super().connection_made(transport)  # type: ignore[misc]  # the protocol that it is mixed into


def uid_of(transport: asyncio.BaseTransport) -> int | None:
    """None over TCP."""
    connection = transport.get_extra_info("socket")
    if connection is None or connection.family != socket.AF_UNIX:
        return None
    packed = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
    uid: int = CREDENTIALS.unpack(packed)[1]
    return uid


def peer_of(request: Request) -> int | None:
    uid: int | None = request.scope.get("state", {}).get(KEY)
    return uid


def is_household(uid: int | None) -> bool:
    """Whether it is the agent's own user, or root: who may type its commands."""
    return uid is not None and uid in {0, os.geteuid()}


def user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
