"""Whatever n8n does between two questions, and whenever the agent restarts: nothing is lost, and
nothing is told twice. n8n is a small model of its own: what runs is missing from its plain list.
"""

from hypothesis import given, settings
from hypothesis import strategies as st

from models.monitoring import Execution
from models.workflows.feed import HOLE_ROUNDS, Feed
from models.workflows.payloads import Page, Run

NOW = 1_800_000_000.0
PAGE = 4
PAGES_A_POLL = 3


class Model:
    """n8n's executions by id, and the agent that reads them."""

    def __init__(self) -> None:
        self.states: dict[int, str] = {}
        self.told: list[tuple[int, str]] = []
        self.stored: dict[int, Run] = {}
        self.watermark: int | None = None
        self.feed = Feed(None, ())

    def start(self) -> None:
        self.states[len(self.states) + 1] = "running"

    def finish(self, which: int) -> None:
        running = [number for number, state in self.states.items() if state == "running"]
        if running:
            self.states[running[which % len(running)]] = "success"

    def poll(self, between) -> None:
        """List, running ones, then those that dropped out; anything happens in between."""
        for _ in range(PAGES_A_POLL):
            if not self.feed.take(self._page(self.feed.cursor), NOW):
                break
            between()
        between()
        listed = {str(n) for n, state in self.states.items() if state == "running"}
        for number in listed:
            self.feed.see(self._run(int(number)))
        between()
        for number in self.feed.not_listed(listed):
            self.feed.see(self._run(int(number)))
        for run in self.feed.changes():
            self.told.append((run.number, run.execution.status))
            self.stored[run.number] = run
        self.watermark = self.feed.watermark

    def restart(self) -> None:
        """The agent begins anew with what the store has."""
        self.feed = Feed(self.watermark, list(self.stored.values()))

    def _page(self, cursor: str | None) -> Page:
        ended = [n for n, state in self.states.items() if state != "running"]
        below = sorted((n for n in ended if cursor is None or n < int(cursor)), reverse=True)
        page = below[:PAGE]
        return Page([self._run(n) for n in page], str(page[-1]) if below[PAGE:] else None)

    def _run(self, number: int) -> Run:
        state = self.states[number]
        stopped = NOW if state != "running" else None
        return Run(
            Execution("n8n:main", "w", str(number), state, "trigger", None, NOW, stopped, NOW)
        )

    def act(self, step: str | int, between) -> None:
        if step == "start":
            self.start()
        elif step == "poll":
            self.poll(between)
        elif step == "restart":
            self.restart()
        else:
            self.finish(int(step))

    def come_to_rest(self) -> None:
        for number in self.states:
            self.states[number] = "success"
        for _ in range(len(self.states) // PAGE + HOLE_ROUNDS + 2):
            self.poll(lambda: None)


MEANWHILE = st.one_of(st.just("start"), st.integers(min_value=0, max_value=30))
STEP = st.one_of(st.just("poll"), st.just("restart"), MEANWHILE)


@settings(max_examples=200, deadline=None)
@given(st.lists(STEP, max_size=80), st.lists(MEANWHILE, max_size=60))
def test_every_end_is_told_exactly_once(steps, meanwhile):
    model = Model()

    def between() -> None:
        for step in meanwhile[:3]:
            model.act(step, between)
        del meanwhile[:3]

    model.poll(between)
    for step in steps:
        model.act(step, between)
    model.come_to_rest()

    ends = [number for number, state in model.told if state == "success"]
    assert sorted(ends) == sorted(model.states)
