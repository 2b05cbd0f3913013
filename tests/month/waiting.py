"""Work that was refused for want of money, and is asked for again once there is some: by priority,
the oldest first, and within any 24 hours at most a tenth of the month's cap.

`WaitingWork.hand_out` is the only place at which it comes back.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from sallim.ledger.money_rows import PRIORITIES
from tests.month.plan import DAY_SECONDS

DAY_PART = 10
"""Of a month's cap, within a day."""


class Waiting(NamedTuple):
    """An analysis of a program: since when it waits, by which bucket; won that it costs, about, and
    that it may need at the most.
    """

    rank: int
    since: float
    number: int
    program: str
    name: str
    letters: int
    bucket: str
    won: float
    needed: float

    @property
    def priority(self) -> str:
        return PRIORITIES[self.rank]


@dataclass
class WaitingWork:
    """`begun` is all that was handed out, `served` what came of it, each with its moment."""

    month_won: float
    waiting: list[Waiting] = field(default_factory=list)
    begun: list[tuple[float, Waiting]] = field(default_factory=list)
    served: list[tuple[float, Waiting]] = field(default_factory=list)

    def hand_out(self, now: float, left: Mapping[str, float]) -> list[Waiting]:
        """What is to be asked for now. `left` is what each priority may still use, in won."""
        chosen = list(self._next(now, left))
        self.begun += [(now, each) for each in chosen]
        self.waiting = sorted(set(self.waiting) - set(chosen))
        return chosen

    def keep(self, each: Waiting) -> None:
        """It was refused, for the first time or once more: it has its place by its age."""
        self.waiting.append(each)

    def _next(self, now: float, left: Mapping[str, float]) -> Iterator[Waiting]:
        room = self.month_won / DAY_PART
        room -= sum(each.won for at, each in self.begun if now - DAY_SECONDS < at <= now)
        taken, stuck = 0.0, set()
        for each in sorted(self.waiting):
            if each.bucket in stuck:
                continue
            if taken + each.needed > left[each.priority]:
                stuck.add(each.bucket)
                continue
            if each.won > room:
                return
            room -= each.won
            taken += each.needed
            yield each
