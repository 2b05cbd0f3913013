"""Three services as real processes, each of which requires the one before it: db, n8n, worker.

They are started and stopped by a script of the owner's (kind `command`), which writes each start
and stop into a file. The machine "worker" is rented by the hour for as long as that process is up.
"""

import os
import signal
import subprocess
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

NAMES = ("db", "n8n", "worker")
SCRIPT = """#!/bin/sh
# services.sh VERB FOLDER NAME
pidfile="$2/$3.pid"
is_up() {
    [ -f "$pidfile" ] || return 1
    case "$(cat "/proc/$(cat "$pidfile")/stat" 2>/dev/null)" in
        "" | *") Z "*) return 1 ;;
    esac
}
case "$1" in
    is-up) is_up || exit 3 ;;
    start)
        echo "start $3" >>"$2/log"
        setsid sleep 3600 </dev/null >/dev/null 2>&1 &
        echo $! >"$pidfile" ;;
    stop)
        echo "stop $3" >>"$2/log"
        if is_up; then kill -9 "$(cat "$pidfile")"; fi
        while is_up; do sleep 0.01; done ;;
esac
"""


class Services:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._script = folder / "services.sh"
        folder.mkdir()
        self._script.write_text(SCRIPT)
        self._script.chmod(0o755)
        for name in NAMES:
            self.call("start", name)
        self.forget_log()

    def __enter__(self) -> "Services":
        return self

    def __exit__(self, *_: object) -> None:
        for name in NAMES:
            self.kill(name)

    def settings(self) -> list[dict]:
        """Each as a [[service]]."""

        def words(verb: str) -> list[str]:
            return ["/bin/sh", str(self._script), verb, str(self.folder), "{name}"]

        verbs = {"stop": words("stop"), "start": words("start"), "check": words("is-up")}
        requires = {NAMES[0]: [], **{name: [before] for before, name in pairwise(NAMES)}}
        return [
            {"name": name, "kind": "command", "requires": requires[name], **verbs} for name in NAMES
        ]

    def call(self, verb: str, name: str) -> int:
        words = ["/bin/sh", str(self._script), verb, str(self.folder), name]
        return subprocess.run(words, check=False).returncode

    def up(self) -> list[str]:
        return [name for name in NAMES if self._is_up(name)]

    def log(self) -> list[str]:
        return (self.folder / "log").read_text().splitlines()

    def forget_log(self) -> None:
        (self.folder / "log").write_text("")

    def kill(self, name: str) -> None:
        """It crashes, or the month is over."""
        with suppress(OSError, ValueError):
            os.kill(self._pid(name), signal.SIGKILL)

    def _is_up(self, name: str) -> bool:
        try:
            stat = Path(f"/proc/{self._pid(name)}/stat").read_text()
        except OSError:
            return False
        return stat.rpartition(")")[2].split()[0] != "Z"

    def _pid(self, name: str) -> int:
        return int((self.folder / f"{name}.pid").read_text())
