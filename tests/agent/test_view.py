from agent.folding import Folder
from agent.live import LiveBoard
from agent.records import RecordQueue
from agent.sampling import Audience, Clocks, Runner, Sinks
from agent.view import AgentView, Identity
from data.ops.report import MEGABYTE, OpenReport, StoreStatus
from models.errors import SourceUnreachable
from models.messages import say
from models.monitoring import Reading, Timing


class Canned:
    """A store that is well, and as large as it is told."""

    report = OpenReport()

    def __init__(self, size_bytes: int) -> None:
        self.size_bytes = size_bytes

    def status(self) -> StoreStatus:
        return StoreStatus("ok", None, self.size_bytes, 100 * MEGABYTE, 0, 0, 0, 0, 0, 0, 0)


def problems_with(size_bytes: int) -> list[str]:
    clocks = Clocks()
    identity = Identity("vps", "1", demo=False, pid=1, started_at=0.0)
    view = AgentView(identity, LiveBoard(), Canned(size_bytes), Audience(clocks), clocks)
    return [str(problem) for problem in view.problems(0.0, {})]


def test_a_store_beyond_its_limit_is_said_with_a_cure():
    [problem] = problems_with(180 * MEGABYTE)

    assert problem.startswith("the store holds 180 MB, its limit is 100 MB")
    assert "raise store.size_max_mb" in problem


def test_a_full_store_is_well():
    assert problems_with(100 * MEGABYTE) == []


class Notices:
    """A collector that reads well, or not, and has found something."""

    name = "prices:main"
    findings = (say("vps: the price went stale"),)
    fails = False

    def collect(self, _monotonic_seconds):
        if self.fails:
            raise SourceUnreachable(self.name, say("answers 500"))
        return [Reading("price.differences", 1.0)]


def test_what_a_source_finds_is_a_problem_until_it_can_no_longer_be_read():
    clocks = Clocks()
    identity = Identity("vps", "1", demo=False, pid=1, started_at=0.0)
    board, audience = LiveBoard(), Audience(clocks)
    view = AgentView(identity, board, Canned(0), audience, clocks)
    sinks = Sinks(board, Folder(), RecordQueue())
    collector = Notices()
    runner = Runner(collector, Timing(60, 5, 10), "vps", sinks, audience, clocks)
    view.runners = [runner]
    assert [str(problem) for problem in view.problems(0.0, {})] != ["vps: the price went stale"]

    runner.collect_once()
    assert [str(problem) for problem in view.problems(0.0, {})] == ["vps: the price went stale"]
    assert runner.state(clocks.monotonic()).reason == collector.findings[0]
    collector.fails = True
    runner.collect_once()
    assert [str(problem) for problem in view.problems(0.0, {})] == [
        "the source prices:main is error"
    ]
