"""The worker process as the agent sees it: started when it is needed, ended when it hangs."""

import json
import logging
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

log = logging.getLogger(__name__)

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "agent.outbox.worker")
HANDED_ON = ("PATH", "PYTHONPATH", "PYTHONPYCACHEPREFIX", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE")
"""Of the environment; nothing in it that may be a secret, and no proxy."""
END_SECONDS = 2.0


class Worker:
    """Not thread-safe: the sender's loop has it alone."""

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._command = command
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.SimpleQueue[Mapping[str, Any]] = queue.SimpleQueue()
        self._asked: queue.SimpleQueue[Mapping[str, Any] | None] = queue.SimpleQueue()
        self._reader: threading.Thread | None = None
        self._writer: threading.Thread | None = None

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def has_answers(self) -> bool:
        return not self._answers.empty()

    def start(self, addresses: Mapping[str, str], language: str) -> None:
        """`addresses` go to the process through its input: no list of processes shows them."""
        self.stop()
        environ = {name: os.environ[name] for name in HANDED_ON if name in os.environ}
        self._answers = queue.SimpleQueue()
        self._process = subprocess.Popen(  # noqa: S603  our own program
            self._command,
            cwd=ROOT,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None  # noqa: S101  asked for above
        assert self._process.stdin is not None  # noqa: S101  asked for above
        reading = (self._process.stdout, self._answers)
        self._reader = threading.Thread(target=_read, args=reading, daemon=True)
        self._reader.start()
        self._asked = queue.SimpleQueue()
        writing = (self._process.stdin, self._asked)
        self._writer = threading.Thread(target=_write, args=writing, daemon=True)
        self._writer.start()
        self.send({"channels": dict(addresses), "language": language})

    def send(self, shape: Mapping[str, Any]) -> None:
        """Nothing is said when it is gone, and nobody waits when it does not read."""
        self._asked.put(shape)

    def answers(self) -> list[Mapping[str, Any]]:
        """Those that came since the last look."""
        found = []
        with suppress(queue.Empty):
            while True:
                found.append(self._answers.get_nowait())
        return found

    def kill(self) -> None:
        """At once; what it had said until then can still be read."""
        if self._process is not None:
            self._process.kill()
            self._end(self._process)

    def stop(self) -> None:
        """Ended by the end of its input, or by force where that does not do."""
        process = self._process
        if process is None:
            return
        self._asked.put(None)
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            log.warning("the sender of messages hangs; it is ended")
            process.kill()
        self._end(process)

    def _end(self, process: "subprocess.Popen[str]") -> None:
        process.wait()
        self._asked.put(None)
        for thread in (self._reader, self._writer):
            if thread is not None:
                thread.join(END_SECONDS)
        self._process = self._reader = self._writer = None


def _write(out: IO[str], asked: "queue.SimpleQueue[Mapping[str, Any] | None]") -> None:
    """On a thread of its own: a worker that was stopped fills the pipe."""
    with suppress(OSError):
        while (shape := asked.get()) is not None:
            out.write(json.dumps(shape) + "\n")
            out.flush()
    # Closing writes what could not be written once more, in vain where nobody reads.
    with suppress(OSError):
        out.close()


def _read(source: IO[str], answers: "queue.SimpleQueue[Mapping[str, Any]]") -> None:
    with source:
        for line in source:
            with suppress(ValueError):
                shape = json.loads(line)
                if isinstance(shape, dict):
                    answers.put(shape)
