"""The gateway beside agent and app under `up`: it may end without ending them."""

import signal
import subprocess
from collections.abc import Callable

RESTARTS_MAX = 5


class Beside:
    """`start` gives a new process. Who is killed comes back, as a service manager would have it."""

    def __init__(self, name: str, start: Callable[[], "subprocess.Popen[bytes]"]) -> None:
        self._name = name
        self._start = start
        self._killed = 0
        self.process: subprocess.Popen[bytes] | None = start()

    def look(self) -> str:
        """A sentence for the owner where it has ended since the last look, else ""."""
        code = self.process.poll() if self.process else None
        if code is None:
            return ""
        if code < 0 and self._killed < RESTARTS_MAX:
            self._killed += 1
            self.process = self._start()
            why = signal.Signals(-code).name
            return f"The {self._name} was killed ({why}); it starts again."
        self.process = None
        return (
            f"The {self._name} ended (exit code {code}); its last lines above say why. Agent and "
            "app go on without it."
        )

    def end(self, seconds: float) -> None:
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
