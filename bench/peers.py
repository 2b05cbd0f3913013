"""The programs that the agent is measured beside: fetched into the cache, plain processes.

Nothing is installed: Glances lives in a venv, the Debian packages are unpacked into a folder. All
listen on 127.0.0.1 only, keep to a scratch folder and are stopped by their process id.
"""

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bench.processes import CACHE, free_port

GLANCES = "glances==4.5.8"
GLANCES_NAME = "Glances 4.5.8 -q -t 10 --export csv"
PACKAGES = ("prometheus-node-exporter", "netdata-core", "netdata-plugins-bash")
LIBRARIES = ("libjson-c5", "liblz4-1", "libmnl0", "libnetfilter-acct1", "libuv1")
"""What netdata links to besides what every Debian has."""
SCRAPE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Running:
    """A program under measurement.

    `values` counts what it brought between two moments (UTC epoch seconds); it is asked when the
    measuring is over, since asking may cost the program something.
    """

    name: str
    pid: int
    values: Callable[[float, float], int]


def fetch() -> None:
    """Into the cache, once."""
    fetch_glances()
    if not (CACHE / "root/usr/sbin/netdata").exists():
        debs = CACHE / "debs"
        debs.mkdir(exist_ok=True)
        _quietly(["apt-get", "download", *PACKAGES, *LIBRARIES], debs)
        for deb in debs.glob("*.deb"):
            _quietly(["dpkg-deb", "-x", str(deb), str(CACHE / "root")])


def fetch_glances() -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    if not (CACHE / "glances/bin/glances").exists():
        _quietly([sys.executable, "-m", "venv", str(CACHE / "glances")])
        _quietly([str(CACHE / "glances/bin/pip"), "install", "--quiet", GLANCES])


def _quietly(command: list[str], folder: Path | None = None) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr.strip()}")


@contextlib.contextmanager
def _running(
    command: list[str], environ: Mapping[str, str], log: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=log.parent, env={**os.environ, **environ}, stdout=output, stderr=output
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextlib.contextmanager
def glances(folder: Path) -> Iterator[Running]:
    """Values: columns without the moment, times rows."""
    csv = folder / "glances.csv"
    command = [
        str(CACHE / "glances/bin/glances"),
        *("-q", "-t", "10", "--disable-check-update"),
        *("--export", "csv", "--export-csv-file", str(csv)),
    ]
    environ = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}

    def values(since: float, until: float) -> int:
        header, *rows = csv.read_text().splitlines()
        moments = [datetime.fromisoformat(row.split(",")[0]).timestamp() for row in rows]
        return header.count(",") * sum(1 for moment in moments if since <= moment < until)

    with _running(command, environ, folder / "glances.log") as process:
        yield Running(GLANCES_NAME, process.pid, values)


@contextlib.contextmanager
def node_exporter(folder: Path) -> Iterator[Running]:
    """Scraped as Prometheus would. Values: samples exposed; it stores none."""
    port = free_port()
    command = [
        str(CACHE / "root/usr/bin/prometheus-node-exporter"),
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with _running(command, {}, folder / "node_exporter.log") as process:
        scraper = _Scraper(f"http://127.0.0.1:{port}/metrics")
        try:
            yield Running("node_exporter 1.5, scraped every 10 s", process.pid, scraper.values)
        finally:
            scraper.stop()


class _Scraper:
    def __init__(self, address: str) -> None:
        self._address = address
        self._scrapes: list[tuple[float, int]] = []
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def values(self, since: float, until: float) -> int:
        return sum(samples for at, samples in self._scrapes if since <= at < until)

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(SCRAPE_SECONDS):
            lines = _get(self._address).splitlines()
            samples = sum(1 for line in lines if not line.startswith(b"#"))
            self._scrapes.append((time.time(), samples))


NETDATA_CONF = """[global]
    run as user = {user}
[directories]
    config = {folder}/etc
    log = {folder}
    web = {folder}
    cache = {folder}/cache
    lib = {folder}/lib
    home = {folder}/lib
    plugins = {root}/usr/lib/netdata/plugins.d
    stock config = {root}/usr/lib/netdata/conf.d
    health config = {folder}/etc
    stock health config = {root}/usr/lib/netdata/conf.d/health.d
[web]
    bind to = 127.0.0.1:{port}
[plugins]
    statsd = no
"""


@contextlib.contextmanager
def netdata(folder: Path) -> Iterator[Running]:
    """As Debian sets it (every second), without cloud, telemetry and its UDP listener.

    Values: its dimensions, times seconds.
    """
    port = free_port()
    folder = folder / "netdata"
    for name in ("etc", "cache", "lib/cloud.d"):
        (folder / name).mkdir(parents=True)
    (folder / "etc/.opt-out-from-anonymous-statistics").touch()
    (folder / "lib/cloud.d/cloud.conf").write_text("[global]\n    enabled = no\n")
    user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    conf = folder / "etc/netdata.conf"
    root = CACHE / "root"
    conf.write_text(NETDATA_CONF.format(folder=folder, root=root, port=port, user=user))
    libraries = root / "usr/lib/x86_64-linux-gnu"
    command = [str(root / "usr/sbin/netdata"), "-D", "-c", str(conf), "-P", str(folder / "pid")]

    def values(since: float, until: float) -> int:
        answer = json.loads(_get(f"http://127.0.0.1:{port}/api/v1/charts"))
        return round(answer["dimensions_count"] * (until - since) / answer["update_every"])

    environ = {"LD_LIBRARY_PATH": str(libraries)}
    with _running(command, environ, folder / "netdata.log") as process:
        yield Running("netdata 1.37 (Debian), every second", process.pid, values)


def _get(address: str) -> bytes:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(address, timeout=10) as answer:
        body: bytes = answer.read()
        return body
