"""A small service manager for tests, in place of systemd.

It reads the real unit files below a scratch root, starts ExecStart as a real process with a
NOTIFY_SOCKET of its own, waits for READY=1 where the unit says `Type=notify`, restarts what ends
by itself, and stops by SIGTERM. It understands exactly the words that the installer may use.

Run as a program it is the client: `service_runner.py SOCKET WORD...`, in place of `systemctl`.
"""

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

RESTART_SECONDS = 0.1
STOP_SECONDS = 5.0
HOST_PATHS = ("/opt/sallim", "/etc/sallim", "/var/lib/sallim", "/run/sallim-app")


def main(arguments):
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(arguments[0])
        caller.sendall(json.dumps(arguments[1:]).encode() + b"\n")
        code, output = json.loads(caller.makefile().readline())
    sys.stdout.write(output)
    return code


def read_unit(path):
    """All values of each key of a unit file, in order."""
    values = {}
    for line in path.read_text().replace("\\\n", " ").splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith(("#", ";")):
            values.setdefault(key.strip(), []).append(value.strip())
    return values


class Service:
    """One unit: its process, and what it said of itself."""

    def __init__(self, name, unit, root, folder):
        self.name = name
        self.unit = unit
        self.root = root
        self.notify_path = folder / f"{name}.notify"
        self.said = []
        self.starts = 0
        self.stopping = threading.Event()
        self.ready = threading.Event()
        self.process = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def below_root(self, text):
        for path in HOST_PATHS:
            text = text.replace(path, f"{self.root}{path}")
        return text

    def environ(self):
        pairs = [p for line in self.unit.get("Environment", []) for p in shlex.split(line)]
        environ = dict(pair.split("=", 1) for pair in map(self.below_root, pairs))
        for line in self.unit.get("EnvironmentFile", []):
            path = Path(self.below_root(line.removeprefix("-")))
            if path.exists():
                lines = [row for row in path.read_text().splitlines() if "=" in row]
                environ |= dict(row.split("=", 1) for row in lines)
        # As under systemd: nothing of the caller's environment reaches the service.
        return {"PATH": "/usr/bin:/bin", "NOTIFY_SOCKET": str(self.notify_path), **environ}

    def _run(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            listener.bind(str(self.notify_path))
            listener.settimeout(0.05)
            while not self.stopping.is_set():
                self._live(listener)
                self.stopping.wait(RESTART_SECONDS)
        self.notify_path.unlink()

    def _live(self, listener):
        self.ready.clear()
        self.starts += 1
        self.process = subprocess.Popen(
            shlex.split(self.below_root(self.unit["ExecStart"][-1])),
            cwd=self.below_root(self.unit["WorkingDirectory"][-1]),
            env=self.environ(),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        if self.unit["Type"] != ["notify"]:
            self.ready.set()
        while self.process.poll() is None:
            if self.stopping.is_set():
                self._end()
            self._hear(listener)

    def _hear(self, listener):
        try:
            lines = listener.recv(4096).decode().splitlines()
        except TimeoutError:
            return
        self.said += lines
        if "READY=1" in lines:
            self.ready.set()

    def _end(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def stop(self):
        self.stopping.set()
        self.thread.join()


class ServiceRunner:
    """Answers `systemctl`-like words on a socket; `calls` holds every command line."""

    def __init__(self, root, folder):
        self.root = root
        self.folder = folder
        self.calls = []
        self.units = {}
        self.enabled = set()
        self.running = {}
        self.address = folder / "systemctl"
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.address))
        self.listener.listen()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    @property
    def command(self):
        """What SALLIM_SYSTEMCTL is set to."""
        return shlex.join([sys.executable, "-I", "-S", __file__, str(self.address)])

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()
        for service in self.running.values():
            service.stop()

    def boot(self):
        """What a start of the machine does: no process is left, what is enabled is started."""
        for name in list(self.running):
            self.running.pop(name).stop()
        self.daemon_reload()
        for name in sorted(self.enabled & set(self.units)):
            self._start(name)

    def _serve(self):
        while True:
            try:
                caller, _ = self.listener.accept()
            except OSError:
                return
            with caller:
                words = json.loads(caller.makefile().readline())
                self.calls.append(words)
                caller.sendall(json.dumps(self._obey(words)).encode() + b"\n")

    def _obey(self, words):
        match words:
            case ["daemon-reload"]:
                self.daemon_reload()
                return 0, ""
            case ["is-enabled", name]:
                return (0, "enabled\n") if name in self.enabled else (1, "disabled\n")
            case ["--no-block", "restart" as verb, *names] | [verb, *names]:
                return self._obey_for(verb, names)

    def _obey_for(self, verb, names):
        verbs = {
            "enable": self.enabled.add,
            "disable": self.enabled.discard,
            "restart": self._restart,
            "stop": self._stop,
        }
        unknown = sorted(set(names) - set(self.units))
        if verb not in verbs or unknown or not names:
            return 5, f"cannot {verb} {names}; not loaded: {unknown}\n"
        for name in names:
            verbs[verb](name)
        return 0, ""

    def daemon_reload(self):
        folder = self.root / "etc/systemd/system"
        self.units = {path.name: read_unit(path) for path in folder.glob("sallim-*.service")}

    def _restart(self, name):
        self._stop(name)
        self._start(name)

    def _start(self, name):
        self.running[name] = Service(name, self.units[name], self.root, self.folder)

    def _stop(self, name):
        service = self.running.pop(name, None)
        if service is not None:
            service.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
