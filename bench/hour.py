"""An agent that lives through an hour at once: its own code, with clocks that jump.

    python -m bench.hour HOME DONE

Every tick is what the agent does in ten seconds: each source that is due is read, the bucket is
folded, written and rolled up, under a clock that moves by ten seconds. Then the file DONE is made
and the agent goes on as usual. Only waiting is left out.
"""

import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from data.lean import stay_lean

stay_lean()

# What follows loads duckdb, which must not find what stay_lean() bars.
from agent.folding import Folder  # noqa: E402
from agent.notify import Notifier  # noqa: E402
from agent.running import Agent, Outside  # noqa: E402
from agent.sampling import Clocks, Runner  # noqa: E402
from agent.storing import StoreLoop  # noqa: E402
from agent.wiring import store_limits  # noqa: E402
from data.home import Home  # noqa: E402
from data.ops.store import Store  # noqa: E402
from data.settings_file import load, settings_path  # noqa: E402

ROOT = Path(__file__).parents[1]
TICK_SECONDS = 10
TICKS = 3600 // TICK_SECONDS


class JumpingClock:
    """Both clocks of the agent, `ahead` seconds before the real ones."""

    def __init__(self) -> None:
        self.ahead = -float(TICKS * TICK_SECONDS)

    def wall(self) -> float:
        return time.time() + self.ahead

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead


class HurriedStoreLoop(StoreLoop):
    """The store's loop; where it would wait for its next round, ten seconds pass at once."""

    def __init__(self, store: Store, folder: Folder, clock: JumpingClock, done: Path) -> None:
        super().__init__(store, folder, Clocks(clock.wall, clock.monotonic), TICK_SECONDS)
        self.runners: Callable[[], Sequence[Runner]] = tuple
        self._clock = clock
        self._done = done
        self._ticks = 0

    def _delay_seconds(self) -> float:
        if self._ticks == TICKS:
            self._done.touch()
            return super()._delay_seconds()
        while not all(runner.answered for runner in self.runners()):
            time.sleep(0.05)
        self._clock.ahead += TICK_SECONDS
        for runner in self.runners():
            if self._ticks * TICK_SECONDS % runner.timing.interval_seconds == 0:
                runner.collect_once()
        self._ticks += 1
        return 0


class HurriedAgent(Agent):
    """The agent with that loop in the place of its own."""

    def __init__(self, home: Home, store: Store, clock: JumpingClock, done: Path) -> None:
        loaded = load(settings_path({}, ROOT, home), home)
        outside = Outside(Clocks(clock.wall, clock.monotonic), Notifier(None), lambda: loaded)
        super().__init__(home, store, loaded, outside)
        loop = HurriedStoreLoop(store, self._parts.sinks.folder, clock, done)
        loop.runners = lambda: self._view.runners
        self._parts = replace(self._parts, store_loop=loop)
        self._view.store_loop = loop


def main() -> None:
    home, done = Home(Path(sys.argv[1])), Path(sys.argv[2])
    home.make()
    clock = JumpingClock()
    limits = store_limits(load(settings_path({}, ROOT, home), home).settings)
    store = Store.open(home, limits, clock.wall())
    agent = HurriedAgent(home, store, clock, done)
    signal.signal(signal.SIGTERM, lambda *_: agent.stop())
    try:
        agent.run()
    finally:
        store.close()


if __name__ == "__main__":
    main()
