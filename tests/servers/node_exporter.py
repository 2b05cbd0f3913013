"""The real node_exporter, as Debian has it, on a free port of 127.0.0.1."""

import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.processes import free_port, stop, until

PROGRAM = "/usr/bin/prometheus-node-exporter"


@dataclass(frozen=True)
class NodeExporter:
    pid: int
    url: str


@contextmanager
def node_exporter() -> Iterator[NodeExporter]:
    """From the moment it answers; its own log goes nowhere."""
    port = free_port()
    process = subprocess.Popen(
        [PROGRAM, f"--web.listen-address=127.0.0.1:{port}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}/metrics"
    try:
        until(lambda: process.poll() is not None or _answers(url))
        assert process.poll() is None, f"{PROGRAM} ended with status {process.returncode}"
        yield NodeExporter(process.pid, url)
    finally:
        stop(process)


def _answers(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=5) as answer:
            return bool(answer.read())
    except urllib.error.URLError:
        return False
