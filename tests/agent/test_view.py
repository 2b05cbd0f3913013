from agent.live import LiveBoard
from agent.sampling import Audience, Clocks
from agent.view import AgentView, Identity
from data.ops.report import MEGABYTE, OpenReport, StoreStatus


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
