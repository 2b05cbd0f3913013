"""Who is at the other end of the Unix socket: what the kernel says, and nothing that was sent."""

import os
import pwd
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple

from models.requests.shapes import COMMAND

CREDENTIALS = struct.Struct("3i")
SO_PEERGROUPS = 59
"""Of Linux; Python does not name it."""
GROUPS_MAX = 256
"""Python takes answers of 1,024 bytes at most; who is in more groups is known by one alone."""
ROOT = 0
PEER = "peer"
"""Where it stands in the state of a request's scope."""
VIA = "x-sallim-via"
"""In which a command says that it is one: a page that forgot its session is nobody."""


class Peer(NamedTuple):
    """The process that opened the connection, as it was then; `gids` are all its groups."""

    pid: int
    uid: int
    gids: frozenset[int]

    @property
    def name(self) -> str:
        with suppress(KeyError):
            return pwd.getpwuid(self.uid).pw_name
        return f"uid {self.uid}"


def peer_of(connection: socket.socket | None) -> Peer | None:
    """None where the kernel tells of nobody, as over TCP."""
    if connection is None or connection.family != socket.AF_UNIX:
        return None
    try:
        told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
        pid, uid, gid = CREDENTIALS.unpack(told)
    except OSError:
        return None
    return Peer(pid, uid, frozenset({gid, *_groups(connection)}))


def _groups(connection: socket.socket) -> list[int]:
    """The others of its groups, where the kernel knows them."""
    with suppress(OSError):
        told = connection.getsockopt(socket.SOL_SOCKET, SO_PEERGROUPS, 4 * GROUPS_MAX)
        return [number for (number,) in struct.iter_unpack("I", told)]
    return []


class Trusted(NamedTuple):
    """Whose processes may ask for something: this user and root, and a group where it is one."""

    uid: int
    gid: int | None = None

    def may_connect(self, peer: Peer) -> bool:
        return self.is_owner(peer) or (self.gid is not None and self.gid in peer.gids)

    def is_owner(self, peer: Peer) -> bool:
        """Whoever is this can change every file of Sallim anyway."""
        return peer.uid in (self.uid, ROOT)


def is_command(headers: Mapping[str, str], peer: Peer) -> bool:
    """Of this user, or of root."""
    return headers.get(VIA) == COMMAND and Trusted(os.geteuid()).is_owner(peer)


def trusted(socket_mode: int) -> Trusted:
    """By the rights of the socket: where a group may open it, it is ours."""
    return Trusted(os.getuid(), os.getgid() if socket_mode & 0o060 else None)
