"""An agent that does nothing but keep a provider's limit, as a process of its own, to be killed.

    fencer.py FOLDER URL ON POINT

At the transaction with the number POINT it kills itself with -9: just before an odd one commits,
just after an even one has. 0: never. It writes its own number into FOLDER/pid first.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from agent.fences.openai import OpenAiFence
from agent.fencing import Fencing
from agent.sampling import Clocks
from data.control import Control
from data.home import Home
from models.fence.kept import PLANNED
from models.settings import Settings
from tests.faults.stopper import set_fuse
from tests.standins.limits import OPENAI_KEY


class Hours:
    """A clock on which an hour passes between two steps, so that every pause is over."""

    def __init__(self, wall: float) -> None:
        self._start, self.passed = wall, 0.0

    def wall(self) -> float:
        return self._start + self.passed

    def monotonic(self) -> float:
        return self.passed


def fencing_at(folder, url, on, hours) -> tuple[Control, Fencing]:
    home = Home(folder)
    control = Control.open(home.control)
    clocks = Clocks(wall=hours.wall, monotonic=hours.monotonic)
    there = OpenAiFence(OPENAI_KEY, url)
    fencing = Fencing(home, control, clocks, lambda *_: there, lambda *_: None)
    fencing.take_over(Settings.model_validate({"fence": {"openai": on}}))
    return control, fencing


def main(folder, url, on, point) -> None:
    hours = Hours(float((folder / "now").read_text()))
    (folder / "pid").write_text(str(os.getpid()))
    control, fencing = fencing_at(folder, url, on, hours)
    set_fuse(control, point)
    for _ in range(5):
        fencing.step()
        hours.passed += 3_600.0
    last = fencing._last.get("openai")  # noqa: SLF001  # what a test is told
    if last is not None and last.state == PLANNED:
        raise SystemExit(f"still open: {last}")
    control.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))
