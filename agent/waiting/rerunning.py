"""Running again what waited: the intent is on the disk before anything is sent, and whatever ends
in between, the effect is looked for before anything is sent once more.
"""

import logging
import secrets
from collections.abc import Callable
from functools import partial

from agent.sampling import Clocks
from agent.waiting.ways import Lost, Way
from data.control import Control
from data.waiting import change
from models.errors import ActionError, ActionUnconfirmed, StoreError
from models.messages import Message, say
from models.waiting.item import INTENT, RUNNING, SENT, WaitingItem
from models.waiting.proving import given_up, refused_again

log = logging.getLogger(__name__)

AT_ONCE = 8
"""Reruns that are being sent at the same time."""
LOOK_SECONDS = 30.0
"""Between two looks for a rerun of which nobody knows whether it was begun."""
PATIENCE_SECONDS = 1_800.0
"""How long it is looked for; then it waits once more."""

Hands = Callable[[Callable[[], None]], None]
"""Does a job soon: on a thread, or in a test at once."""


class Rerunning:
    """`begin` and `resume` are for one loop; `way_of` says who runs an item again, None: nobody."""

    def __init__(
        self,
        control: Control,
        clocks: Clocks,
        way_of: Callable[[WaitingItem], Way | None],
        hands: Hands,
    ) -> None:
        self.tries_max = 1
        self._control = control
        self._clocks = clocks
        self._way_of = way_of
        self._hands = hands
        self._busy: set[str] = set()
        self._seen_at: dict[str, float] = {}
        """When this process first saw a rerun that it does not send itself, monotonic."""
        self._look_at: dict[str, float] = {}

    @property
    def is_free(self) -> bool:
        return len(self._busy) < AT_ONCE

    def begin(self, item: WaitingItem) -> bool:
        """Whether it was begun: somebody may have changed it meanwhile. Raises StoreError."""
        now = self._clocks.wall()
        begun = item._replace(
            state=RUNNING,
            step=INTENT,
            step_id=secrets.token_hex(16),
            begun_at=now,
            rerun_id="",
            problem="",
            changed_at=now,
        )
        if not change(self._control, item, begun):
            return False
        self._hand_over(begun, partial(self._send, begun))
        return True

    def resume(self, item: WaitingItem) -> None:
        """Of one that runs: where nobody knows whether it was begun, look."""
        if item.step != INTENT:
            self._forget(item)
            return
        now = self._clocks.monotonic()
        if item.item_id in self._busy or now < self._look_at.get(item.item_id, 0.0):
            return
        self._seen_at.setdefault(item.item_id, now)
        self._look_at[item.item_id] = now + LOOK_SECONDS
        self._hand_over(item, partial(self._find_out, item))

    def _send(self, item: WaitingItem, *, is_again: bool = False) -> None:
        """Sent once more under its name, a no may only say that the first is still under way."""
        way = self._way_of(item)
        now = self._clocks.wall()
        self._look_at[item.item_id] = self._clocks.monotonic() + LOOK_SECONDS
        try:
            answer = way.run(item) if way is not None else Lost(_nobody(item))
        except ActionUnconfirmed as error:
            change(self._control, item, item.with_problem(error.reason))
        except ActionError as error:
            self._wait_again(item, error.reason)
        else:
            if not isinstance(answer, Lost):
                self._sent(item, answer.rerun_id)
            elif is_again:
                change(self._control, item, item.with_problem(answer.why))
            else:
                change(self._control, item, given_up(item, answer.why, now))

    def _find_out(self, item: WaitingItem) -> None:
        way = self._way_of(item)
        if way is None:
            change(self._control, item, given_up(item, _nobody(item), self._clocks.wall()))
            return
        try:
            found = way.find(item)
        except ActionError as error:
            log.warning("whether %s runs again is not known: %s", item.title, error.reason)
            return
        now = self._clocks.monotonic()
        waited = now - self._seen_at.get(item.item_id, now)
        if found is not None:
            self._sent(item, found)
        elif self._is_of_the_past(item, max(PATIENCE_SECONDS, way.wait_seconds(item) or 0.0)):
            self._wait_again(item, say("no run of it was seen"))
        else:
            self._send_once_more(item, way, waited)

    def _send_once_more(self, item: WaitingItem, way: Way, waited: float) -> None:
        """Its step_id stays, so that who knows it does it once."""
        pause = way.wait_seconds(item)
        if pause is None:
            if waited >= LOOK_SECONDS:
                change(self._control, item, given_up(item, _not_known(item), self._clocks.wall()))
        elif waited >= pause or self._is_of_the_past(item, pause):
            self._send(item, is_again=True)

    def _is_of_the_past(self, item: WaitingItem, pause: float) -> bool:
        """Begun so long ago, by the clock of the wall, that nothing of it is on its way."""
        return self._clocks.wall() - item.begun_at >= pause

    def _sent(self, item: WaitingItem, rerun_id: str) -> None:
        now = self._clocks.wall()
        sent = item._replace(step=SENT, rerun_id=rerun_id, problem="", changed_at=now)
        change(self._control, item, sent)

    def _wait_again(self, item: WaitingItem, why: Message) -> None:
        now = self._clocks.wall()
        change(self._control, item, refused_again(item, None, why, now, self.tries_max))

    def _hand_over(self, item: WaitingItem, job: Callable[[], None]) -> None:
        def done() -> None:
            try:
                job()
            except StoreError as error:
                log.error("what became of %s is not written yet: %s", item.title, error)
            finally:
                self._busy.discard(item.item_id)

        self._busy.add(item.item_id)
        self._hands(done)

    def _forget(self, item: WaitingItem) -> None:
        self._seen_at.pop(item.item_id, None)
        self._look_at.pop(item.item_id, None)


def _nobody(item: WaitingItem) -> Message:
    return say("nothing says how {name} is run again; run it yourself", name=item.name)


def _not_known(item: WaitingItem) -> Message:
    return item.told_problem or say(
        "the agent ended while it was begun, and no run of it is seen; look, and run it again "
        "where it did not run"
    )
