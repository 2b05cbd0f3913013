"""Real threads: what hangs delays nobody who does not need it."""

import threading

import pytest

from agent.sampling import Clocks
from agent.stopping import Book, Stopping
from data.control import Control
from models.operations import STARTED, VERIFIED
from models.settings.automation import Automation
from models.settings.service import Service
from models.wanted import BUDGET
from tests.agent.stopping.house import WHY, World
from tests.processes import until

pytestmark = pytest.mark.slow


class Hanging(World):
    """The stop of one service does not come back before the test lets it."""

    def __init__(self, *names, hangs):
        super().__init__(*names)
        self.hangs = hangs
        self.released = threading.Event()
        self.began = threading.Event()

    def stop(self, service):
        if service.name == self.hangs:
            self.began.set()
            self.released.wait(20)
        super().stop(service)


@pytest.fixture
def control(tmp_path):
    control = Control.open(tmp_path / "control.sqlite3")
    yield control
    control.close()


def test_a_stop_that_hangs_delays_only_what_it_depends_on(control):
    services = (
        Service(name="db"),
        Service(name="worker", requires=("db",)),
        *(Service(name=f"other-{i}") for i in range(5)),
    )
    world = Hanging(*(each.name for each in services), hangs="worker")
    stopping = Stopping(Book(control), Clocks())
    stopping.take_over(services, {"systemd": world}, Automation(stop="on"))
    stopping.stop_paid(WHY)

    def states():
        stopping.step()
        return {row.target: row.state for row in stopping.operations()}

    until(lambda: [states()[f"other-{i}"] for i in range(5)] == [VERIFIED] * 5, 10)
    assert world.began.is_set()
    assert states()["worker"] == STARTED
    assert world.up["db"]
    world.released.set()
    until(lambda: set(states().values()) == {VERIFIED}, 10)
    assert world.calls[-2:] == ["stop worker", "stop db"]


def test_a_person_who_wants_it_up_is_heard_while_the_stop_hangs(control):
    service = Service(name="worker")
    world = Hanging("worker", hangs="worker")
    stopping = Stopping(Book(control), Clocks())
    stopping.take_over((service,), {"systemd": world}, Automation(stop="on"))
    stopping.stop(["worker"], BUDGET, WHY)
    stopping.step()
    assert world.began.wait(10)
    stopping.start(["worker"], "person", WHY)
    world.released.set()

    def done():
        stopping.step()
        return stopping.states()["worker"] == "up" and world.calls[-1:] == ["start worker"]

    until(done, 10)
    assert [row.state for row in stopping.operations()] == ["superseded", "verified"]
