"""Memory and swap by state, and how fast pages move to swap and back."""

from agent.kernel_files import content_if_any, table
from models.containers import Headline
from models.host import memory_bytes
from models.machine import memory_headline, memory_readings, paging_readings
from models.monitoring import Reading
from models.rates import Rates

_WANTED = frozenset(
    (
        *("MemTotal", "MemFree", "MemAvailable", "Buffers", "Cached", "SReclaimable"),
        *("SwapTotal", "SwapFree"),
    )
)


class Memory:
    def __init__(self, proc: str) -> None:
        self._memory_path = f"{proc}/meminfo"
        self._paging_path = f"{proc}/vmstat"
        self._rates = Rates()
        self.headline: Headline | None = None
        """Bytes in use and bytes there are, as of the last reading; None when unreadable."""

    def read(self, monotonic_seconds: float) -> list[Reading]:
        found = memory_bytes(content_if_any(self._memory_path) or "", _WANTED)
        self.headline = memory_headline(found)
        if self.headline is None:
            return []
        counts = table(content_if_any(self._paging_path))
        return [
            *memory_readings(found),
            *paging_readings(self._rates, counts, monotonic_seconds),
        ]
