"""What happens in the month, and how much the programs ask for: the same each time it is lived.

Won are spent at the same rate however coarse the steps are: with fewer analyses each sends more.
"""

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from tests.month.clock import SEOUL, moment
from tests.month.crew import Role

BEGINS, ROLL, ENDS = moment(1), moment(1, month=12), moment(3, month=12)
DAY_SECONDS, HOUR_SECONDS = 86_400.0, 3_600.0
WON_A_DAY = 480.0
"""What the programs spend of the APIs as long as nobody refuses them."""
LETTERS_A_WON = 18_700
"""Of gpt-5-mini with half of the prompt from the cache, at 1,383 won a dollar, VAT and card fee."""
BURST = 20
LOOP_PROGRAM, LOOP_LETTERS = "summaries", 240_000
LOOP_WON_ASKED = 4_500
HELD_PROGRAM = "ocr"
RAISED_KRW = 3_000
RATES = ((1, 1_383.0), (10, 1_493.6), (18, 1_418.9))
"""From which day on what a dollar costs: plus 8 %, minus 5 %."""


class Scale(NamedTuple):
    """How finely the month is lived: minutes a step, analyses a day; and how many steps are between
    two looks of the store's loop.
    """

    step_minutes: int
    calls_a_day: int
    keep_every: int

    @property
    def letters(self) -> int:
        return int(WON_A_DAY / self.calls_a_day * LETTERS_A_WON)


WHOLE, SHORT = Scale(30, 112, 4), Scale(180, 56, 2)


def weight(at: float) -> float:
    """How busy an hour of a day is, 1 on average: most at 14:00, least at 02:00."""
    hour = datetime.fromtimestamp(at, SEOUL).hour
    return 1 + 0.8 * math.sin((hour - 8) / 24 * math.tau)


@dataclass
class Asking:
    """Which analyses are asked for in each step."""

    scale: Scale
    chance: random.Random = field(default_factory=lambda: random.Random(29))  # noqa: S311
    made: int = 0

    def of(self, role: Role, at: float, bursts: bool) -> list[tuple[str, int]]:
        """Of one program in the step that begins at that moment; in an hour of it `bursts`."""
        hours = self.scale.step_minutes / 60
        an_hour = role.share * self.scale.calls_a_day / 24
        number = an_hour * hours * weight(at) + (an_hour * (BURST - 1) if bursts else 0)
        count = int(number) + (self.chance.random() < number % 1)
        return [self.one(role.name, self.scale.letters) for _ in range(count)]

    def loop(self) -> list[tuple[str, int]]:
        """A program that asks again and again."""
        count = LOOP_WON_ASKED * LETTERS_A_WON // LOOP_LETTERS
        return [self.one("loop", LOOP_LETTERS) for _ in range(count)]

    def one(self, name: str, letters: int) -> tuple[str, int]:
        self.made += 1
        return f"{name}-{self.made}", letters


class Happening(NamedTuple):
    """`what` is a method of the month; it is called in the first step at or after that moment."""

    at: float
    what: str
    said: str


HAPPENINGS = (
    Happening(moment(5, 13), "crash", "n8n crashes"),
    Happening(moment(9, 11), "loop", "a program runs away"),
    Happening(moment(12, 10), "kill", "a program is killed in the middle of a call"),
    Happening(moment(24, 10), "raise_api", "the owner raises the APIs by 3,000 won"),
)
BURSTS = {"ocr": moment(6, 14), "titles": moment(15, 20)}


def steps(scale: Scale) -> Iterator[float]:
    """The moments at which they begin."""
    at = BEGINS
    while at < ENDS:
        yield at
        at += scale.step_minutes * 60


def due(scale: Scale, at: float) -> Callable[[float], bool]:
    """Whether a moment lies within the step that begins then."""
    return lambda when: at <= when < at + scale.step_minutes * 60
