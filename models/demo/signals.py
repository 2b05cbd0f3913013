"""What the demo's curves are drawn with: calendar, noise, sessions, jobs.

Everything is a pure function of time and works on one float (`xp=math`, as in the agent) and on
a numpy array (`xp=numpy`, as in the filler) alike. So there is no `if` on a value: a truth is
multiplied. Times are UTC epoch seconds; the household keeps Korean office hours.
"""

from typing import Any, NamedTuple

Signal = Any
"""A float, or a numpy array of floats; truths are bools or arrays of them."""

HOUR = 3_600
DAY = 86_400
KST_SECONDS = 9 * HOUR


def positive(x: Signal) -> Signal:
    """The value where it is above zero, else zero.

    >>> positive(-2.0), positive(3.0)
    (0.0, 3.0)
    """
    return x * (x > 0) + 0.0  # The sum turns the -0.0 of a product into a zero without a sign.


def clipped(x: Signal, low: float, high: float) -> Signal:
    """Hold a value between two limits.

    >>> clipped(7.0, 0.0, 1.0), clipped(-7.0, 0.0, 1.0), clipped(0.25, 0.0, 1.0)
    (1.0, 0.0, 0.25)
    """
    return low + positive(x - low) - positive(x - high)


class Clock(NamedTuple):
    """A moment, or many, and the namespace to compute with."""

    t: Signal
    xp: Any

    def ago(self, seconds: float) -> "Clock":
        return Clock(self.t - seconds, self.xp)

    def chance(self, seed: int, step: Signal) -> Signal:
        """A number in [0, 1) for each whole `step`, the same for ever: a hash by sine."""
        x = self.xp.sin((step % 65_536) * 12.9898 + seed * 78.233) * 43_758.5453
        return x - self.xp.floor(x)

    def step(self, period_seconds: float) -> Signal:
        return self.xp.floor(self.t / period_seconds)

    def noise(self, seed: int) -> Signal:
        """White noise in [-1, 1), new every 2 seconds."""
        return 2 * self.chance(seed, self.step(2)) - 1

    def drift(self, seed: int, period_seconds: float) -> Signal:
        """Smooth noise in [-1, 1] that turns about once in a period."""
        step = self.step(period_seconds)
        share = self.t / period_seconds - step
        eased = share * share * (3 - 2 * share)
        before, after = self.chance(seed, step), self.chance(seed, step + 1)
        return 2 * (before + (after - before) * eased) - 1

    @property
    def house_day(self) -> Signal:
        """Number of the day; days change at 06:00 in Korea, so that a night is in one piece."""
        return self.xp.floor((self.t + KST_SECONDS - 6 * HOUR) / DAY)

    @property
    def house_hour(self) -> Signal:
        """Hours since 06:00 in Korea, 0 to 24."""
        return ((self.t + KST_SECONDS - 6 * HOUR) % DAY) / HOUR

    @property
    def weekday(self) -> Signal:
        """0 is Monday."""
        return (self.house_day + 3) % 7

    def between(self, start_hour: Signal, end_hour: Signal, ease_hours: float) -> Signal:
        """1 between two house hours, 0 outside, with soft edges."""
        hour = self.house_hour
        rise = self.xp.tanh((hour - start_hour) / ease_hours)
        fall = self.xp.tanh((hour - end_hour) / ease_hours)
        return (rise - fall) / 2

    @property
    def office(self) -> Signal:
        """How busy people are, 0 to about 1.2: office hours, lunch, quieter weekends."""
        day = self.house_day
        hours = self.between(3.0, 12.6, 0.6) - 0.45 * self.between(6.0, 7.0, 0.25)
        evening = 0.25 * self.between(13.5, 17.0, 0.8)
        weekend = 1 - 0.72 * (self.weekday >= 5)
        return (hours + evening) * weekend * (0.75 + 0.5 * self.chance(1, day)) + 0.03

    def now_and_then(self, seed: int, every_days: int) -> Signal:
        """True on one house day of so many, never twice in a row."""
        period = self.xp.floor(self.house_day / every_days)
        chosen = self.xp.floor(self.chance(seed, period) * (every_days - 1))
        return self.house_day % every_days == chosen


class Session(NamedTuple):
    """A stretch in which the rented machine is on; `start` and `end` are house hours."""

    wanted: Signal
    start: Signal
    end: Signal


def sessions(clock: Clock) -> tuple[Session, Session]:
    """The working day, and the batch of videos: two nights a week and some Sundays."""
    day, weekday = clock.house_day, clock.weekday

    def jitter(seed: int) -> Signal:
        return clock.chance(seed, day) - 0.5

    work = Session(
        (weekday < 5) & (clock.chance(11, day) > 0.05), 3 + 0.6 * jitter(12), 13 + 1.4 * jitter(13)
    )
    night = (weekday == 1) | (weekday == 3)
    sunday = (weekday == 6) & (clock.chance(14, day) > 0.4)
    batch = Session(
        night | sunday, 16 - 10 * sunday + jitter(15), 20 - 9 * sunday + 1.6 * jitter(16)
    )
    return work, batch


class Jobs(NamedTuple):
    """The video analysis that runs at this moment: 1 or 0, and how far it is, 0 to 1."""

    busy: Signal
    progress: Signal


JOB_SECONDS = 420


def jobs(clock: Clock) -> Jobs:
    """Analyses come by slots: one in a slot or none, dense in a batch, with the office's hours."""
    work, batch = sessions(clock)
    slot = clock.step(JOB_SECONDS)
    hour = clock.house_hour
    warm = 0.06
    at_work = work.wanted & (hour >= work.start + warm) & (hour < work.end)
    in_batch = batch.wanted & (hour >= batch.start + warm) & (hour < batch.end)
    demand = at_work * clipped(0.7 * clock.office, 0.0, 0.85) + in_batch * 0.97
    length = 0.35 + 0.6 * clock.chance(21, slot)
    progress = (clock.t / JOB_SECONDS - slot) / length
    busy = (clock.chance(22, slot) < demand) & (progress < 1)
    return Jobs(1.0 * busy, progress * busy)
