"""Looking around on this machine, loopback only: what is there that Sallim could watch.

Every look is one short exchange in the protocol of what is looked for, so that a port that
belongs to somebody else is not taken for it. Nothing is sent to any other machine.
"""

import http.client
import json
import shutil
import socket
import struct
import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from models.connect import Found, Kind
from models.messages import say
from models.monitoring import Absent

LOOPBACK = "127.0.0.1"
LOOK_SECONDS = 1.0
ANSWER_BYTES_MAX = 65_536
SSL_REQUEST = struct.pack("!ii", 8, 80877103)
"""PostgreSQL's SSLRequest; a server answers S or N (protocol 3.0, "SSL Session Encryption")."""
UNITS_OF_INTEREST = ("n8n", "postgresql", "redis", "ollama", "docker", "nginx", "caddy", "vllm")


class Ports(NamedTuple):
    """Where each thing usually listens."""

    postgres: Sequence[int] = (5432, 5433)
    redis: Sequence[int] = (6379,)
    n8n: Sequence[int] = (5678,)
    ollama: Sequence[int] = (11434,)
    node_exporter: Sequence[int] = (9100,)


class Place(NamedTuple):
    """What of this machine is looked at; tests look at another."""

    ports: Ports = Ports()
    docker_socket: Path = Path("/run/docker.sock")


def look_around(place: Place | None = None) -> list[Found]:
    """Everything that was found, in the order of `Kind`; never raises, and takes a few seconds."""
    place = place or Place()
    ports = place.ports
    looks: list[Callable[[], Found | None]] = [
        _gpu,
        *(lambda port=port: _postgres(port) for port in ports.postgres),
        *(lambda port=port: _redis(port) for port in ports.redis),
        *(lambda port=port: _n8n(port) for port in ports.n8n),
        *(lambda port=port: _ollama(port) for port in ports.ollama),
        *(lambda port=port: _node_exporter(port) for port in ports.node_exporter),
        lambda: _docker(place.docker_socket),
        _units,
    ]
    with ThreadPoolExecutor(max_workers=len(looks)) as pool:
        answers = list(pool.map(_carefully, looks))
    order = list(Kind)
    found = [answer for answer in answers if answer is not None]
    return sorted(found, key=lambda thing: order.index(thing.kind))


def _carefully(look: Callable[[], Found | None]) -> Found | None:
    # What answers at a port may be anything; whatever it says, it is then not what we look for.
    with suppress(OSError, ValueError, http.client.HTTPException):
        return look()
    return None


def _gpu() -> Found | None:
    from agent.collectors.gpu import GpuCollector

    try:
        answer = GpuCollector().collect(0.0)
    except Exception:  # noqa: BLE001  # a driver in any state is not worth a failed init
        return None
    if isinstance(answer, Absent) or not answer:
        return None
    names = {dict(reading.labels).get("hw.name", "GPU") for reading in answer if reading.labels}
    return Found(
        Kind.GPU,
        ", ".join(sorted(names)),
        say("NVIDIA card {names}: watched without any setting", names=", ".join(sorted(names))),
    )


def _asked(port: int, question: bytes, size: int = 64) -> bytes:
    with socket.create_connection((LOOPBACK, port), timeout=LOOK_SECONDS) as link:
        link.settimeout(LOOK_SECONDS)
        link.sendall(question)
        return link.recv(size)


def _postgres(port: int) -> Found | None:
    if _asked(port, SSL_REQUEST, 1) not in (b"S", b"N"):
        return None
    return Found(Kind.POSTGRES, f"{LOOPBACK}:{port}", say("PostgreSQL at port {port}", port=port))


def _redis(port: int) -> Found | None:
    answer = _asked(port, b"*1\r\n$4\r\nPING\r\n")
    if not answer.startswith((b"+PONG", b"-NOAUTH", b"-DENIED")):
        return None
    return Found(Kind.REDIS, f"{LOOPBACK}:{port}", say("Redis at port {port}", port=port))


def _n8n(port: int) -> Found | None:
    status, body = _fetched(port, "/healthz")
    # Others have a /healthz too: few have n8n's second one below it, which may say "error".
    if status != 200 or json.loads(body) != {"status": "ok"}:
        return None
    if json.loads(_fetched(port, "/healthz/readiness")[1]).get("status") not in ("ok", "error"):
        return None
    return Found(Kind.N8N, f"http://{LOOPBACK}:{port}", say("n8n at port {port}", port=port))


def _ollama(port: int) -> Found | None:
    version = str(json.loads(_fetched(port, "/api/version")[1])["version"])[:20]
    return Found(
        Kind.OLLAMA,
        f"http://{LOOPBACK}:{port}",
        say("Ollama {version} at port {port}", version=version, port=port),
    )


def _node_exporter(port: int) -> Found | None:
    if b"node_exporter_build_info" not in _fetched(port, "/metrics")[1]:
        return None
    return Found(
        Kind.NODE_EXPORTER,
        f"http://{LOOPBACK}:{port}/metrics",
        say("node_exporter at port {port}: not needed here, Sallim reads the same", port=port),
    )


def _fetched(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=LOOK_SECONDS)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read(ANSWER_BYTES_MAX)
    finally:
        connection.close()


def _docker(path: Path) -> Found | None:
    if not path.is_socket():
        return None
    return Found(
        Kind.DOCKER,
        str(path),
        say("Docker: its containers are watched as groups of processes, without any setting"),
    )


def _units() -> Found | None:
    systemctl = shutil.which("systemctl")
    if systemctl is None:
        return None
    done = subprocess.run(  # noqa: S603  # a fixed command
        [systemctl, "list-units", "--type=service", "--state=running", "--plain", "--no-legend"],
        capture_output=True,
        text=True,
        timeout=5,
        check=False,
    )
    running = [line.split()[0] for line in done.stdout.splitlines() if line.split()]
    known = [unit for unit in running if unit.startswith(UNITS_OF_INTEREST)]
    if not known:
        return None
    return Found(
        Kind.UNITS,
        ", ".join(known),
        say("systemd services {names}: watched as groups of processes", names=", ".join(known)),
    )
