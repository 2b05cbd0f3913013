"""A house whose services are objects: each is up or down, and does as the test says."""

from itertools import pairwise

from agent.sampling import Clocks
from agent.stopping import Book, Stopping
from data.control import Control
from models.errors import ActionRefused
from models.messages import say
from models.settings.automation import Automation
from models.settings.service import Service

NOON = 1_795_900_000.0
WHY = say("a test wants it")


class World:
    """Answers for every kind of service. `calls` is what was done, in order."""

    kind = "systemd"

    def __init__(self, *names, repeats_safely=True):
        self.up = dict.fromkeys(names, True)
        self.repeats_safely = repeats_safely
        self.calls = []
        self.fails = {}
        """By verb and name, how often it fails."""
        self.deaf = set()
        """What does nothing, and says it had."""
        self.unseen = set()

    def stop(self, service):
        self._change("stop", service.name, up=False)

    def start(self, service):
        self._change("start", service.name, up=True)

    def is_up(self, service):
        if service.name in self.unseen:
            raise ActionRefused(say("{name} cannot be seen", name=service.name))
        return self.up[service.name]

    def at_work(self, service):
        return say("a run is cut off") if service.name == "worker" else None

    def _change(self, verb, name, *, up):
        self.calls.append(f"{verb} {name}")
        if self.fails.get((verb, name), 0) > 0:
            self.fails[verb, name] -= 1
            raise ActionRefused(say("{verb} of {name} fails", verb=verb, name=name))
        if name not in self.deaf:
            self.up[name] = up


class House:
    """Everything on one thread, with clocks that the test turns; `again` is after a kill -9."""

    def __init__(self, path, services, world, **automation):
        self.path, self.services, self.world = path, services, world
        self.automation = Automation(**{"stop": "on", **automation})
        self.now = 0.0
        self.set_back = 0.0
        """By how much the wall clock was changed; the monotonic one never is."""
        self.told = []
        self.resting = ()
        """What a person has paused."""
        self.open()

    def open(self):
        self.control = Control.open(self.path / "control.sqlite3")
        clocks = Clocks(wall=self.clock, monotonic=lambda: self.now)
        self.book = Book(self.control, lambda _, row: self.told.append((row.target, row.state)))
        self.stopping = Stopping(
            self.book, clocks, hands=lambda job: job(), resting=lambda: self.resting
        )
        self.take_over()

    def take_over(self):
        kinds = {service.kind for service in self.services}
        self.stopping.take_over(self.services, dict.fromkeys(kinds, self.world), self.automation)

    def allow(self, **automation):
        self.automation = self.automation.model_copy(update=automation)
        self.take_over()

    def again(self):
        self.control.close()
        self.open()

    def clock(self):
        return NOON + self.now - self.set_back

    def run(self, seconds=0.0, every=1.0):
        """Step until nothing is open, or so long."""
        end = self.now + seconds
        while True:
            self.stopping.step()
            if self.now >= end:
                return self
            self.now += every

    def states(self, batch):
        return [(row.target, row.state) for row in self.stopping.batch(batch)]

    def close(self):
        self.control.close()


def chain(*names, **more):
    """Services each of which requires the one before it."""
    later = [Service(name=name, requires=(needed,), **more) for needed, name in pairwise(names)]
    return (Service(name=names[0], **more), *later)
