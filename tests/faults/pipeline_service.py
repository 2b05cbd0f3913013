#!/usr/bin/env python3
"""A service of a pipeline as a real process, for [[service]] of kind command.

    pipeline_service.py VERB FOLDER NAME [SLOW_SECONDS]

`start` leaves a child running in the background, `stop` ends it, `is-up` ends with 0 or 3. Each
start and stop writes a line into FOLDER/log, so that a repeated one is seen. With FOLDER/kill the
agent whose pid stands in it is killed with -9 in the middle of that command.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

verb, folder, name = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
pidfile = folder / f"{name}.pid"


def log(line):
    with (folder / "log").open("a") as file:
        file.write(f"{line}\n")


def pid():
    return int(pidfile.read_text()) if pidfile.exists() else None


def is_alive():
    try:
        state = Path(f"/proc/{pid()}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state != "Z"


def kill_the_agent():
    order = folder / "kill"
    if order.exists():
        wanted, agent = order.read_text().split()
        if wanted == f"{verb}:{name}":
            order.unlink()
            os.kill(int(agent), signal.SIGKILL)


if verb == "is-up":
    sys.exit(0 if is_alive() else 3)
log(f"{verb} {name}")
kill_the_agent()
time.sleep(float(sys.argv[4]) if len(sys.argv) > 4 else 0.0)
if verb == "start":
    child = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True
    )
    pidfile.write_text(str(child.pid))
elif is_alive():
    os.kill(pid(), signal.SIGKILL)
    while is_alive():
        time.sleep(0.01)
