"""Memory and swap by state, and how fast pages move to swap and back."""

from agent.kernel_files import content_if_any, table
from models.containers import Headline
from models.host import memory_bytes
from models.monitoring import Labels, Reading
from models.rates import Rates

_WANTED = frozenset(
    (
        *("MemTotal", "MemFree", "MemAvailable", "Buffers", "Cached", "SReclaimable"),
        *("SwapTotal", "SwapFree"),
    )
)
PAGES_PER_SECOND_MAX = 1e9


def _state(name: str) -> Labels:
    return (("state", name),)


class Memory:
    def __init__(self, proc: str) -> None:
        self._memory_path = f"{proc}/meminfo"
        self._paging_path = f"{proc}/vmstat"
        self._rates = Rates()
        self.headline: Headline | None = None
        """Bytes in use and bytes there are, as of the last reading; None when unreadable."""

    def read(self, monotonic_seconds: float) -> list[Reading]:
        found = memory_bytes(content_if_any(self._memory_path) or "", _WANTED)
        total = found.get("MemTotal", 0)
        if not total:
            self.headline = None
            return []
        return [
            *self._usage(found, total),
            *_swap(found.get("SwapTotal", 0), found.get("SwapFree", 0)),
            *self._paging(monotonic_seconds),
        ]

    def _usage(self, found: dict[str, int], total: int) -> list[Reading]:
        """The states add up to the total; `cached` includes what the kernel can give back."""
        free, buffers = found.get("MemFree", 0), found.get("Buffers", 0)
        cached = found.get("Cached", 0) + found.get("SReclaimable", 0)
        used = max(0, total - free - buffers - cached)
        available = found.get("MemAvailable", free + buffers + cached)
        self.headline = Headline(total - available, total)
        states = {"used": used, "free": free, "buffers": buffers, "cached": cached}
        return [
            Reading("system.memory.limit", total),
            Reading("system.linux.memory.available", available),
            *(Reading("system.memory.usage", size, _state(name)) for name, size in states.items()),
            *(
                Reading("system.memory.utilization", size / total, _state(name))
                for name, size in states.items()
            ),
        ]

    def _paging(self, monotonic_seconds: float) -> list[Reading]:
        counters = table(content_if_any(self._paging_path))
        return [
            Reading(
                "system.paging.operations",
                self._rates.per_second(
                    counter, counters[counter], monotonic_seconds, PAGES_PER_SECOND_MAX
                ),
                (("direction", direction),),
            )
            for direction, counter in (("in", "pswpin"), ("out", "pswpout"))
            if counter in counters
        ]


def _swap(total: int, free: int) -> list[Reading]:
    used = max(0, total - free)
    readings = [
        Reading("system.paging.usage", used, _state("used")),
        Reading("system.paging.usage", free, _state("free")),
    ]
    if total:
        readings.append(Reading("system.paging.utilization", used / total, _state("used")))
    return readings
