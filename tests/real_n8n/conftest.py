"""A real n8n for each file of tests, with an owner; and the collector that looks at it."""

import time
from zoneinfo import ZoneInfo

import pytest

from agent.collectors.n8n import House, N8nCollector
from models.settings.n8n import N8n
from tests.real_n8n.gpu import serving
from tests.real_n8n.machine import SCOPES, Owner, RealN8n, installed
from tests.real_n8n.pipeline import Pipeline

POLL_SECONDS = 30.0
KEY = "REAL_N8N_KEY"
RUNNING_AT_ONCE = 2


class Instance:
    """One n8n, which may be killed and started again at the same address."""

    def __init__(self, folder) -> None:
        self.folder = folder
        self.settings = {"N8N_CONCURRENCY_PRODUCTION_LIMIT": str(RUNNING_AT_ONCE)}
        self.process = RealN8n(folder, **self.settings)
        self.url = self.process.url

    def start_again(self) -> None:
        self.process = RealN8n(self.folder, port=self.process.port, **self.settings)


@pytest.fixture(scope="module")
def n8n(tmp_path_factory):
    if not (installed() / ".installed").exists():
        pytest.fail("No n8n is installed for tests; run `make test-n8n`, which does it first")
    instance = Instance(tmp_path_factory.mktemp("n8n"))
    try:
        instance.process.wait_until_ready()
        yield instance
    finally:
        instance.process.stop()


@pytest.fixture(scope="module")
def owner(n8n):
    owner = Owner(n8n.process)
    owner.set_up()
    owner.use_key(owner.key("everything", *owner.scopes()))
    yield owner
    owner.close()


@pytest.fixture(scope="module")
def key(owner):
    return owner.key("sallim", *SCOPES)


@pytest.fixture(scope="module")
def gpu():
    with serving() as gpu:
        yield gpu


@pytest.fixture(scope="module")
def pipeline(n8n, owner, gpu):
    pipeline = Pipeline(n8n, owner, gpu)
    pipeline.make_history()
    pipeline.run()
    return pipeline


class Watch:
    """The collector, polled at its own interval; only its monotonic clock is ours."""

    def __init__(self, url: str, api_key: str) -> None:
        settings = N8n(name="real", url=url, api_key=KEY)
        self.collector = N8nCollector(settings, api_key, House(ZoneInfo("Asia/Seoul"), time.time))
        self.records = []
        self.polls = 0

    def poll(self):
        harvest = self.collector.collect(self.polls * POLL_SECONDS)
        self.polls += 1
        self.records += harvest.records
        return harvest

    def lines(self):
        """What the page shows, by the name of the workflow."""
        return {line["name"]: line for line in self.collector.details()["workflows"]}

    @property
    def left_out(self) -> str:
        return "\n".join(map(str, self.collector.left_out.values()))

    def polled(self, name: str, field: str):
        """After one more poll: a field of a workflow's line."""
        self.poll()
        return self.lines()[name][field]


@pytest.fixture
def watch_with(n8n):
    """Make a watcher with a key; it is closed at the end."""
    made = []

    def make(api_key: str) -> Watch:
        made.append(Watch(n8n.url, api_key))
        return made[-1]

    yield make
    for watch in made:
        watch.collector.close()
