"""`up`: agent and app together in the foreground; one Ctrl-C ends both. This is `make run`.

With `enabled = true` below [gateway] the gateway as well, which may end without the others.
"""

import argparse
import errno
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.commands import OK, OWNED, PROBLEM, ROOT, SETTINGS, home_of
from agent.commands.beside import Beside
from agent.commands.greeting import greeting
from data.home import Home
from data.locks import holder_of
from data.reader import Reader
from data.settings_file import load, settings_path
from models.errors import ConfigError
from models.settings import App, Settings

READY_SECONDS = 90.0
END_SECONDS = 8.0
GATEWAY_END_SECONDS = 12.0
RESTARTS_MAX = 5


@dataclass(frozen=True, slots=True)
class Child:
    """A program that we started, in a session of its own so that Ctrl-C reaches us alone."""

    name: str
    process: subprocess.Popen[bytes]


def add_parser(subparsers: Any, shared: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "up", parents=[shared], help="run agent and app together", description=__doc__
    )
    return parser


def run(arguments: argparse.Namespace) -> int:
    home = home_of(arguments)
    try:
        home.make()
    except ConfigError as error:
        print(error, file=sys.stderr)
        return SETTINGS
    path = settings_path(os.environ, ROOT, home)
    settings = load(path, home).settings
    app = settings.app
    who = _who_runs(home)
    if who is not None:
        print(f"{who}\nIts app, if it was started with it: http://{app.address}:{app.port}")
        return OWNED
    if _is_taken(app.address, app.port):
        free = 8502 if app.port != 8502 else 8503
        print(
            f"Port {app.port} of {app.address} is taken by another program. Choose a free one in "
            f"{path or home.path / 'sallim.toml'}:\n  [app]\n  port = {free}"
        )
        return PROBLEM
    return _together(home, settings)


def _who_runs(home: Home) -> str | None:
    """A sentence about the agent that already owns this home, if there is one."""
    health = Reader(home).health()
    if health is None:
        pid = holder_of(home.lock)
        if pid is None:
            return None
        return (
            f"Process {pid} has {home.path} and does not answer. If it is not just starting, end "
            f"it with `kill {pid}`, or `kill -9 {pid}` when that does not help, and start again."
        )
    since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(health["started_at"]))
    pid = health["pid"]
    return (
        f"An agent already runs in {home.path}: process {pid}, since {since}. "
        f"Use it, or end it with `kill {pid}` and start again."
    )


def _together(home: Home, settings: Settings) -> int:
    app, gateway = settings.app, settings.gateway
    # As in the units: an arena of the heap for each thread would cost the agent 4 to 6 MB.
    environ = {"MALLOC_ARENA_MAX": "2", **os.environ, "SALLIM_HOME": str(home.path)}
    stop = _Stop()
    children: list[Child] = []
    beside: Beside | None = None
    try:
        commands = _commands(home, app)
        children = [_start(name, command, environ) for name, command in commands.items()]
        if not _wait_until_ready(home, app.address, app.port, children, stop):
            return _ended_early(children, stop)
        print(greeting(home, settings, os.environ), flush=True)
        if gateway.enabled:
            beside = _gateway(home, environ)
            print(f"Its gateway: {gateway.url}", flush=True)
        killed = 0
        while not stop.asked and all(child.process.poll() is None for child in children):
            stop.wait(0.5)
            agent = children[0]
            told = beside.look() if beside else ""
            if told:
                print(told, flush=True)
            # As a service manager would: who is killed comes back, and the page can say so.
            if (agent.process.poll() or 0) < 0 and killed < RESTARTS_MAX:
                killed += 1
                print(
                    f"The agent was killed (signal {-agent.process.returncode}); it starts again."
                )
                children[0] = _start("agent", commands["agent"], environ)
        return _ended_early(children, stop)
    finally:
        if beside:
            beside.end(GATEWAY_END_SECONDS)
        _end(children)


def _start(name: str, command: list[str], environ: Mapping[str, str]) -> Child:
    process = subprocess.Popen(  # noqa: S603  # our own programs, no shell
        command, cwd=ROOT, env=environ, start_new_session=True, stdin=subprocess.DEVNULL
    )
    return Child(name, process)


def _gateway(home: Home, environ: Mapping[str, str]) -> Beside:
    command = [sys.executable, "-m", "agent", "gateway", "--home", str(home.path)]
    return Beside("gateway", lambda: _start("gateway", command, environ).process)


def _commands(home: Home, app: App) -> dict[str, list[str]]:
    python = sys.executable
    flags = ["--server.address", app.address, "--server.port", str(app.port)]
    flags += [part for host in app.hosts for part in ("--server.allowedHosts", host)]
    return {
        "agent": [python, "-m", "agent", "run", "--home", str(home.path)],
        "app": [python, "-m", "streamlit", "run", "app.py", *flags],
    }


class _Stop:
    """Turns SIGINT and SIGTERM into a question that a loop can ask."""

    def __init__(self) -> None:
        self.asked = False
        self._read, self._write = socket.socketpair()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask)

    def _ask(self, *_: object) -> None:
        self.asked = True
        self._write.send(b"x")

    def wait(self, seconds: float) -> None:
        self._read.settimeout(seconds)
        try:
            self._read.recv(1)
        except TimeoutError:
            return


def _wait_until_ready(
    home: Home, address: str, port: int, children: list[Child], stop: _Stop
) -> bool:
    """True once agent and app both answer; False when one ended, or Ctrl-C came first."""
    until = time.monotonic() + READY_SECONDS
    reader = Reader(home)
    while time.monotonic() < until and not stop.asked:
        if any(child.process.poll() is not None for child in children):
            return False
        if _answers(address, port) and reader.health() is not None:
            return True
        stop.wait(0.2)
    return False


def _is_taken(address: str, port: int) -> bool:
    try:
        (family, kind, _, _, place), *_ = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except OSError as error:
        return error.errno == errno.EADDRINUSE
    return False


def _answers(address: str, port: int) -> bool:
    connection = http.client.HTTPConnection(address, port, timeout=1)
    try:
        connection.request("GET", "/_stcore/health")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def _ended_early(children: list[Child], stop: _Stop) -> int:
    if stop.asked:
        return OK
    for child in children:
        code = child.process.poll()
        if code is not None:
            print(f"The {child.name} {_how(code)} The rest is ended as well.", file=sys.stderr)
            return PROBLEM
    print(f"Not ready after {READY_SECONDS:.0f} s; see the lines above.", file=sys.stderr)
    return PROBLEM


def _how(code: int) -> str:
    if code < 0:
        name = signal.Signals(-code).name
        return f"was ended from outside ({name}); `dmesg` tells whether memory ran out."
    return f"ended by itself (exit code {code}); its last lines above say why."


def _end(children: list[Child]) -> None:
    """The app first, then the agent, so that no page reads a socket that is going away."""
    for child in reversed(children):
        if child.process.poll() is None:
            child.process.terminate()
        try:
            child.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()
