"""An agent that does nothing but stop and start, as a process of its own, to be killed.

    stopper.py FOLDER VERB POINT

Stops or brings back by the budget until nothing is open. At the transaction with the number POINT
it kills itself with -9: just before an odd one commits, just after an even one has.
"""

import os
import signal
import sys
import time
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from agent.actions.command import Command
from agent.sampling import Clocks
from agent.stopping import Book, Stopping
from data.control import Control
from models.messages import say
from models.settings.automation import Automation
from models.settings.service import Service

TOOL = str(Path(__file__).with_name("pipeline_service.py"))


def services(folder, slow="0"):
    def words(verb):
        return (sys.executable, TOOL, verb, str(folder), "{name}", *([slow] * (verb != "is-up")))

    def made(name, *requires):
        return Service(
            name=name,
            kind="command",
            stop=words("stop"),
            start=words("start"),
            check=words("is-up"),
            timeout_seconds=3,
            start_may_repeat=True,
            requires=requires,
        )

    return (made("db"), made("n8n", "db"), made("worker", "n8n"))


def set_fuse(control, point):
    transaction, passed = control.transaction, [0]

    def pass_by():
        passed[0] += 1
        if passed[0] == point:
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def cut():
        with transaction() as connection:
            yield connection
            pass_by()
        pass_by()

    control.transaction = cut


def opened(folder, slow="0"):
    control = Control.open(folder / "control.sqlite3")
    stopping = Stopping(Book(control), Clocks())
    house = services(folder, slow)
    stopping.take_over(house, {"command": Command()}, Automation(stop="on"))
    return control, stopping


def until_closed(stopping, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        stopping.step()
        if not any(row.is_open for row in stopping.operations()):
            return
        time.sleep(0.02)
    raise SystemExit(f"still open: {stopping.operations()}")


def order(stopping, verb):
    why = say("a test wants it")
    if verb == "stop":
        stopping.stop_paid(why)
    else:
        stopping.bring_back(why)


def main(folder, verb, point, slow):
    control, stopping = opened(folder, slow)
    kill = folder / "kill"
    if kill.exists():
        kill.write_text(f"{kill.read_text().split()[0]} {os.getpid()}")
    set_fuse(control, point)
    order(stopping, verb)
    until_closed(stopping)
    control.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4])
