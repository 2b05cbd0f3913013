"""A scratch machine: a root, a service manager, and our commands on it."""

import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.cli import main
from deploy.health import Patience, health_of
from deploy.layout import Layout
from tests.deploy.service_runner import ServiceRunner
from tests.deploy.standin import make_source

QUICK = Patience(settled_seconds=0.05, look_every_seconds=0.05, before_seconds=1.0)


@contextmanager
def scratch_machine(venv: Path) -> Iterator["Machine"]:
    # A short path: the address of a Unix socket below it has to fit into 108 bytes.
    root = Path(tempfile.mkdtemp(prefix="sallim-"))
    (root / "runner").mkdir()
    runner = ServiceRunner(root, root / "runner")
    try:
        yield Machine(root, runner, venv)
    finally:
        runner.close()
        shutil.rmtree(root)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Machine:
    def __init__(self, root, runner, venv):
        self.root = root
        self.runner = runner
        self.layout = Layout(root)
        self.venv = venv
        self.told = []
        self.settle()

    def settle(self):
        """The settings file that the owner wrote before: its app has a port of its own."""
        self.layout.settings_folder.mkdir(parents=True, exist_ok=True)
        self.layout.settings.write_text(f"[app]\nport = {free_port()}\n")

    def source(self, version, behaviour="well"):
        """A checkout of a stand-in release; made once."""
        folder = self.root / "src" / version
        return folder if folder.exists() else make_source(folder, version, behaviour)

    def arguments(self, verb, source, *more):
        places = ["--root", str(self.root), "--venv", str(self.venv), "--source", str(source)]
        return [verb, *places, *more]

    @property
    def environ(self):
        return {**os.environ, "SALLIM_SYSTEMCTL": self.runner.command}

    def carry_out(self, verb, source="/nonexistent", *more):
        """Run a verb to its end; its exit code. What it says is added to `told`."""
        arguments = self.arguments(verb, source, "--health-seconds", "5", *more)
        return main(arguments, self.environ, self.told.append, QUICK)

    @property
    def said(self):
        return "\n".join(self.told)

    @property
    def current(self):
        """Version of the release that `current` leads to."""
        name = self.layout.current_release()
        return name and name.rpartition("-")[0]

    @property
    def answering(self):
        """What the agent that runs says of itself, for example `ok: 1.0`; None if none does."""
        health = health_of(self.layout)
        return health and f"{health['status']}: {health['version'].rpartition('-')[0]}"

    def answering_soon(self):
        """The same, given a moment to start."""
        until = time.monotonic() + 5
        while self.answering is None and time.monotonic() < until:
            time.sleep(0.02)
        return self.answering

    @property
    def store(self):
        """Versions that wrote into the store, in order."""
        lines = (self.layout.home / "ops.duckdb").read_text().splitlines()
        return [line.rpartition("-")[0] for line in lines]
