"""The door to work that waits: what is asked of it, what it tells, and the step of its loop."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence

from agent.asking import Asking
from agent.net.n8n_api import House
from agent.sampling import Clocks
from agent.waiting.by_n8n import N8nReruns
from agent.waiting.by_owner import OwnersReruns
from agent.waiting.finding import Finding
from agent.waiting.judging import Judging
from agent.waiting.rerunning import Hands, Rerunning
from agent.waiting.ways import Way
from data.control import Control
from data.waiting import change, forget_old, items
from models.errors import StoreError
from models.messages import Message, say
from models.settings import Settings
from models.tiers import DAY_SECONDS
from models.waiting.asking import DISMISS, RERUN, chosen, is_over
from models.waiting.item import DISMISSED, GIVEN_UP, RUNNING, WAITING, WaitingItem
from models.waiting.pacing import (
    Next,
    Rule,
    Standing,
    in_line,
    next_to_run,
    share_micro,
    used_micro,
)

log = logging.getLogger(__name__)

SHOWN_MAX = 300
AT_A_STEP_MAX = 8

World = Callable[[], Standing | None]
"""How money stands; None while nobody knows."""
Tell = Callable[[WaitingItem, int], None]
"""There is money for an item, and nobody has said yes; with the count of what waits."""


class Waiting:
    """`step` is for its own loop, everything else for any thread."""

    def __init__(
        self,
        control: Control,
        store: Asking,
        clocks: Clocks,
        world: World,
        tell: Tell,
        hands: Hands,
    ) -> None:
        self.problem: Message | None = None
        self.next = Next(None)
        self._control = control
        self._clocks = clocks
        self._world = world
        self._tell = tell
        self._finding = Finding(control, store, clocks)
        self._judging = Judging(control, store, clocks, self._finding)
        self._rerunning = Rerunning(control, clocks, self._way_of, hands)
        self._settings: Settings | None = None
        self._standing: Standing | None = None
        self._n8n = N8nReruns({}, self._judging.earlier)
        self._owners = OwnersReruns(())
        self._forgot_at = float("-inf")

    def take_over(self, settings: Settings, houses: Mapping[str, House]) -> None:
        self._settings = settings
        self._n8n = N8nReruns(houses, self._judging.earlier)
        self._owners = OwnersReruns(settings.waiting.rerun_by)
        self._rerunning.tries_max = settings.waiting.tries_max

    def step(self) -> None:
        """Never raises for what a file may refuse: it becomes `problem`, and is tried again."""
        settings = self._settings
        # The made-up household has nothing that could run again.
        if settings is None or settings.demo:
            return
        try:
            self._finding.step()
            self._judging.step(settings.waiting.tries_max)
            for item in items(self._control):
                if item.state == RUNNING:
                    self._rerunning.resume(item)
            self._begin(settings)
            self._forget()
        except StoreError as error:
            problem = say("what waits for money is not looked after: {reason}", reason=str(error))
            if problem != self.problem:
                log.error("%s", problem)
            self.problem = problem
        else:
            self.problem = _no_room(self._finding.left_out)

    # --- what people ask ------------------------------------------------------------------------

    def found(self, target: str, kind: str) -> list[WaitingItem]:
        """What a request of that kind means; see `chosen`. Raises StoreError."""
        return chosen(items(self._control), target, kind)

    def can_run(self, item: WaitingItem) -> bool:
        """Whether it is known how it is run again."""
        return self._way_of(item) is not None

    def ask_for(self, target: str, asked: str, request_id: str) -> int:
        """Have it run, now or paced; how many. Raises StoreError."""
        now = self._clocks.wall()

        def wanted(item: WaitingItem) -> WaitingItem:
            if item.state == GIVEN_UP:
                item = item._replace(state=WAITING, tries=0, changed_at=now).with_problem(None)
            return item._replace(asked=asked, request_id=request_id)

        found = filter(self.can_run, self.found(target, RERUN))
        return self._change_all(found, wanted)

    def dismiss(self, target: str, request_id: str) -> int:
        """It is not run again; how many. Raises StoreError."""
        now = self._clocks.wall()
        return self._change_all(
            self.found(target, DISMISS),
            lambda item: item._replace(
                state=DISMISSED, asked="", request_id=request_id, changed_at=now
            ),
        )

    def asked_by(self, request_id: str) -> list[WaitingItem]:
        """What a request has changed. Raises StoreError."""
        return [item for item in items(self._control) if item.request_id == request_id]

    def as_json(self) -> dict[str, object]:
        """Shape of `GET /waiting`: see docs/ARCHITECTURE.md, "The socket". Raises StoreError."""
        settings, now = self._settings or Settings(), self._clocks.wall()
        every = items(self._control)
        line = {item.item_id: place for place, item in enumerate(in_line(every), 1)}
        shown = sorted(
            every,
            key=lambda item: (is_over(item), line.get(item.item_id, 0), -item.changed_at),
        )
        upcoming = self.next
        return {
            "items": [
                {**item.as_json(), "has_way": self.can_run(item)} for item in shown[:SHOWN_MAX]
            ],
            "waiting": sum(item.state == WAITING for item in every),
            "running": sum(item.state == RUNNING for item in every),
            "estimated_micro": sum(i.estimated_micro for i in every if i.state == WAITING),
            "next": None if upcoming.why is None else upcoming.why.as_json(),
            "rerun": settings.waiting.rerun,
            "pace": self._paces(every, settings, now),
        }

    def problems(self) -> Sequence[Message]:
        return [] if self.problem is None else [self.problem]

    # --- its own ----------------------------------------------------------------------------------

    def _begin(self, settings: Settings) -> None:
        self._standing = standing = self._world()
        if standing is None:
            return
        keys, now = settings.waiting, self._clocks.wall()
        rule = Rule(keys.rerun, keys.pace_percent, keys.at_once_max, settings.house.zone)
        for _ in range(AT_A_STEP_MAX):
            every = [
                item for item in items(self._control) if item.state != WAITING or self.can_run(item)
            ]
            self.next = next_to_run(every, standing, rule, now)
            item = self.next.item
            if item is None or not self._rerunning.is_free or not self._rerunning.begin(item):
                break
        first = next(iter(in_line(every)), None)
        if self.next.is_for_a_person and keys.rerun == "ask" and first is not None:
            self._tell(first, len(in_line(every)))

    def _way_of(self, item: WaitingItem) -> Way | None:
        if item.is_n8n:
            return self._n8n
        return self._owners if self._owners.knows(item) else None

    def _change_all(
        self, found: Iterable[WaitingItem], changed: Callable[[WaitingItem], WaitingItem]
    ) -> int:
        return sum(change(self._control, item, changed(item)) for item in found)

    def _paces(
        self, every: Sequence[WaitingItem], settings: Settings, now: float
    ) -> list[Mapping[str, object]]:
        rooms = self._standing.rooms if self._standing is not None else {}
        waiting = {item.bucket_id for item in every if item.state in (WAITING, RUNNING)}
        return [
            {
                "bucket": name,
                "used_micro": used_micro(every, name, now),
                "share_micro": share_micro(rooms[name], settings.waiting.pace_percent),
            }
            for name in sorted(waiting & rooms.keys())
        ]

    def _forget(self) -> None:
        if self._clocks.monotonic() - self._forgot_at >= DAY_SECONDS:
            self._forgot_at = self._clocks.monotonic()
            forget_old(self._control, self._clocks.wall())


def _no_room(count: int) -> Message | None:
    if not count:
        return None
    return say(
        "{count} pieces of work that were refused for want of money find no room among those that "
        "wait; dismiss what is not to run again",
        count=count,
    )
