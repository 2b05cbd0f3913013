"""Runs again what waits until it is killed: `-m tests.agent.waiting.killed HOME URL WHERE NOW`.

`WHERE` is before or after n8n is asked: there it says so, and waits for its end.
"""

import sys
import threading
from pathlib import Path

from agent.net.n8n_api import House
from agent.waiting.by_n8n import N8nReruns
from tests.agent.waiting.waiting_house import WaitingHouse


class Halting(N8nReruns):
    """As the real one, but for where it stands still."""

    where = ""

    def run(self, item):
        if self.where == "after":
            super().run(item)
        sys.stdout.write("here\n")
        sys.stdout.flush()
        threading.Event().wait()


def main(folder: Path, url: str, where: str, now: float) -> None:
    house = WaitingHouse(folder, rerun="on")
    house.clock.now, house.left = now, 5_000
    Halting.where = where
    houses = {"main": House(url, lambda: "a-key-of-this-n8n", 2.0)}
    house.waiting._n8n = Halting(houses, lambda _: ())  # noqa: SLF001 (halts in the middle)
    house.waiting.step()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4]))
