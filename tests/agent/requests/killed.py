"""Carries out requests until it is killed: `python -m tests.agent.requests.killed HOME`.

What it does to the world is a line in a file, on the disk before it goes on.
"""

import os
import sys
from pathlib import Path

from agent.requests import Job, Requests
from agent.sampling import Clocks
from data.control import Control
from data.home import Home
from models.messages import say
from models.requests import DONE, KINDS, Actor, Caller, Outcome, Prospect
from models.settings import Settings

OWNER = Caller(Actor("minji", "owner"), "session-1")


class Lines:
    """Each act is one line of a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def check(self, request, now):
        return Prospect(())

    def act(self, job: Job) -> Outcome:
        with self.path.open("a") as file:
            file.write(f"{job.request_id}\n")
            file.flush()
            os.fsync(file.fileno())
        return Outcome(DONE, say("done"))

    def look(self, job: Job) -> Outcome | None:
        return Outcome(DONE, say("done")) if job.request_id in self.all() else None

    def all(self) -> list[str]:
        return self.path.read_text().split() if self.path.exists() else []


def service_in(home: Home) -> tuple[Requests, Control, Lines]:
    """The month of the tests stands still on no clock: nothing here has an end."""
    control, lines = Control.open(home.control), Lines(home.path / "world")
    handlers = dict.fromkeys(KINDS, lines)
    zone = Settings().house.zone
    ticking = iter(range(10**9))
    clocks = Clocks(monotonic=lambda: 60.0 * next(ticking))
    return Requests(control, handlers, clocks, lambda: zone), control, lines


def ask(requests: Requests):
    shape = {"kind": "acknowledge", "target": "n8n down", "args": {}}
    nonce = requests.nonce(OWNER, shape)["nonce"]
    return requests.ask(OWNER, {**shape, "reason": "so it is", "nonce": nonce})


def main() -> None:
    requests, _, _ = service_in(Home(Path(sys.argv[1])))
    requests.step()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        ask(requests)


if __name__ == "__main__":
    main()
