"""A folder and an account for servers that tests start: some refuse to run as root."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ACCOUNTS = ("postgres", "nobody")


def account() -> dict[str, object]:
    """Arguments of Popen that make the program run as somebody harmless; none where we are."""
    if os.geteuid() != 0:
        return {}
    for name in ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise AssertionError(f"none of {ACCOUNTS} is an account of this machine")


@contextmanager
def scratch_folder(kind: str) -> Iterator[Path]:
    """A folder of that account's own, gone afterwards.

    Not pytest's: that one is closed to others, and its path is too long for a socket.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"sallim-{kind}-"))
    try:
        owner = account()
        if owner:
            os.chown(folder, owner["user"], owner["group"])
        folder.chmod(0o755)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Program:
    """One program in the foreground, as that account; ended by its own pid."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def launch(self, *words: str | Path) -> None:
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                words, cwd=self.folder, stdout=log, stderr=log, **account()
            )

    def stop(self, number: int = signal.SIGTERM) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGCONT)
        process.send_signal(number)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """The kernel still accepts connections for it; nobody answers them."""
        os.kill(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)
