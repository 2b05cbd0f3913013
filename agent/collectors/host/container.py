"""Readings of the control group, and the rates in them."""

from pathlib import Path

from agent.collectors.host.cgroup import Group, find_group
from models.containers import GroupState
from models.monitoring import Reading
from models.rates import Rates

FOUND_KEPT_SECONDS = 60.0
CPUS_MAX = 10_000.0
"""More than any machine has: a faster counter jumped."""


class Container:
    """Brings nothing where the machine is not a container."""

    def __init__(self, proc: Path, sys: Path) -> None:
        self._proc = proc
        self._sys = sys
        self._group: Group | None = None
        self._found_at = 0.0
        self._rates = Rates()
        self.state = GroupState()
        """As of the last reading."""
        self.cpus_used: float | None = None

    def read(self, monotonic_seconds: float) -> list[Reading]:
        state = self.state = self._find(monotonic_seconds).state()
        readings = []
        self.cpus_used = None
        if state.cpu_seconds is not None:
            self.cpus_used = self._rates.per_second(
                "cpu", state.cpu_seconds, monotonic_seconds, CPUS_MAX
            )
            readings.append(Reading("container.cpu.usage", self.cpus_used))
        if state.cpu_limit is not None:
            share = self._throttled(state, monotonic_seconds)
            readings.append(Reading("container.cpu.throttled", share))
        if state.memory_used is not None:
            readings.append(Reading("container.memory.usage", state.memory_used))
            readings.append(Reading("container.memory.working_set", state.working_set))
        if state.oom_kills is not None:
            readings.append(Reading("container.memory.oom_kills", state.oom_kills))
        return readings

    def _find(self, monotonic_seconds: float) -> Group:
        """Processes seldom move; a look each minute is enough."""
        if self._group is None or monotonic_seconds - self._found_at >= FOUND_KEPT_SECONDS:
            self._group = find_group(self._proc, self._sys)
            self._found_at = monotonic_seconds
        return self._group

    def _throttled(self, state: GroupState, monotonic_seconds: float) -> float | None:
        """Share of periods held back; 0 while nothing ran, since then no period passed."""
        if state.periods is None or state.throttled is None:
            return None
        periods = self._rates.per_second("periods", state.periods, monotonic_seconds)
        throttled = self._rates.per_second("throttled", state.throttled, monotonic_seconds)
        if periods is None or throttled is None:
            return None
        return min(throttled / periods, 1.0) if periods else 0.0
