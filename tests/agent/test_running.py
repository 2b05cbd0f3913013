"""The agent as a whole, in this process: a loop that hangs is told to nobody as alive."""

import socket
import threading
import time

import pytest

from agent.notify import Notifier
from agent.running import Agent, Outside
from agent.sampling import Clocks
from data.home import Home
from data.ops.report import StoreLimits
from data.ops.store import Store
from data.reader import Reader
from data.settings_file import LoadedSettings
from models.settings import Settings
from tests.processes import until

pytestmark = pytest.mark.slow

SETTINGS = Settings.model_validate(
    {
        "collectors": {name: {"enabled": "off"} for name in ("host", "gpu", "processes", "itself")},
        "store": {"batch_seconds": 1},
    }
)
SILENT = "no watchdog ping: store do not tick"


class Hurried:
    """Monotonic time, some seconds ahead."""

    ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


class Stuck:
    """A real store whose upkeep hangs until it is freed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.hangs = threading.Event()
        self.free = threading.Event()

    def __getattr__(self, name):
        return getattr(self._store, name)

    def maintain(self, now: float) -> None:
        self.hangs.set()
        self.free.wait(60)


@pytest.fixture
def manager(tmp_path):
    """The socket of a service manager that wants ten signs of life a second."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(30)
        yield listener


@pytest.fixture
def clock():
    return Hurried()


@pytest.fixture
def stuck(tmp_path):
    home = Home(tmp_path / "home")
    home.make()
    stuck = Stuck(Store.open(home, StoreLimits(), time.time()))
    yield stuck
    stuck.close()


@pytest.fixture
def home(tmp_path, manager, clock, stuck, monkeypatch):
    """Where an agent runs over the stuck store."""
    monkeypatch.setenv("WATCHDOG_USEC", "200000")
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    loaded = LoadedSettings(SETTINGS, "defaults", None)
    notifier = Notifier(str(tmp_path / "notify"))
    outside = Outside(Clocks(time.time, clock), notifier, lambda: loaded)
    agent = Agent(Home(tmp_path / "home"), stuck, loaded, outside)
    thread = threading.Thread(target=agent.run)
    thread.start()
    yield Home(tmp_path / "home")
    stuck.free.set()
    agent.stop()
    thread.join(30)


def unread(manager: socket.socket) -> list[bytes]:
    said = []
    manager.setblocking(False)
    try:
        while True:
            said.append(manager.recv(4096))
    except BlockingIOError:
        return said
    finally:
        manager.settimeout(30)


def test_while_a_loop_hangs_the_manager_hears_nothing_and_health_says_which(
    home, manager, clock, stuck, caplog
):
    until(lambda: manager.recv(4096) == b"WATCHDOG=1")
    assert stuck.hangs.wait(30)
    clock.ahead = 15.0
    until(lambda: SILENT in caplog.text)
    unread(manager)
    told = caplog.text.count(SILENT)
    until(lambda: caplog.text.count(SILENT) >= told + 3)
    meanwhile, health = unread(manager), Reader(home).health()
    stuck.free.set()

    assert meanwhile == []
    assert [problem["values"] for problem in health["problems"]] == [{"name": "store"}]
    assert manager.recv(4096) == b"WATCHDOG=1"
