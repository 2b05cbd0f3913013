"""Run the installer until just before its n-th change to the disk or to a service, then kill -9.

`cut_off.py N ARGUMENTS...`; with N = 0 it runs to its end and prints how many changes there were.
"""

import os
import signal
import sys
from pathlib import Path

CHANGES = {
    "os.chmod",
    "os.mkdir",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.symlink",
    "sqlite3.connect",
    "subprocess.Popen",
}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class PowerCut:
    """An audit hook: Python tells it of every change before it is made."""

    def __init__(self, place):
        self.place = place
        self.seen = 0

    def __call__(self, event, arguments):
        if event in CHANGES or (event == "open" and (arguments[2] or 0) & WRITING):
            self.seen += 1
            if self.seen == self.place:
                os.kill(os.getpid(), signal.SIGKILL)


def run(place, arguments):
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from deploy.cli import main
    from deploy.health import Patience

    cut = PowerCut(place)
    sys.addaudithook(cut)
    quick = Patience(settled_seconds=0.05, look_every_seconds=0.05, before_seconds=1.0)
    main(arguments, os.environ, lambda _: None, quick)
    sys.stdout.write(str(cut.seen))


if __name__ == "__main__":
    run(int(sys.argv[1]), sys.argv[2:])
