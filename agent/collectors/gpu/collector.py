"""The collector: which cards are awake, and one reading of each."""

from pathlib import Path
from typing import Any

from agent.collectors.gpu.bus import PciBus
from agent.collectors.gpu.card import Card, CardLostError
from agent.collectors.gpu.driver import (
    CARD_WITHOUT_DRIVER,
    NO_CARD,
    NO_DRIVER,
    Driver,
    DriverGoneError,
    verdict,
)
from agent.collectors.gpu.xids import XidWatch
from models.monitoring import Absent, Reading

LOST_RETRY_SECONDS = 30.0
RESCAN_SECONDS = 300.0
INDEX = "card "
"""How a card is called that has no address: by NVML's order."""


class GpuCollector:
    """Reads every NVIDIA card that is awake.

    A card that sleeps is seen in sysfs only, from the first look on: its handle is made by PCI
    address when it wakes. Where sysfs shows no card (WSL) the cards are counted by NVML.
    """

    name = "gpu"

    def __init__(
        self, sys_root: Path = Path("/sys"), process_interval_seconds: float = 30.0
    ) -> None:
        self._process_interval_seconds = process_interval_seconds
        self._bus = PciBus(sys_root)
        self._driver = Driver()
        self._cards: dict[str, Card] = {}
        self._counted_by_nvml = False
        self._xids: XidWatch | None = None
        self._processes_due = float("-inf")
        self._rescan_due = float("-inf")
        self._lost_retry_due = float("inf")

    def collect(self, monotonic_seconds: float) -> list[Reading] | Absent:
        now = monotonic_seconds
        try:
            self._look_for_cards(now)
            if not self._driver.is_installed():
                return CARD_WITHOUT_DRIVER if self._cards else NO_DRIVER
            return self._read_cards(now) or NO_CARD
        except DriverGoneError as gone:
            self.close()
            self._cards.clear()
            self._rescan_due = float("-inf")
            return verdict(gone.code)

    def close(self) -> None:
        """Leave NVML; the next reading opens it again, with new handles."""
        if self._xids is not None:
            self._xids.close()
            self._xids = None
        for card in self._cards.values():
            card.detach()
        self._driver.close()
        self._lost_retry_due = float("inf")

    def _look_for_cards(self, now: float) -> None:
        if now < self._rescan_due:
            return
        self._rescan_due = now + RESCAN_SECONDS
        seen = self._bus.nvidia_cards()
        self._counted_by_nvml = not seen
        # A known card that is gone from the bus stays: it is lost, and has to say so.
        known = {address: card for address, card in self._cards.items() if card.is_known}
        self._cards = {
            address: self._cards.get(address) or Card(address) for address in seen
        } | known

    def _read_cards(self, now: float) -> list[Reading]:
        if now >= self._lost_retry_due:
            self.close()
        if self._counted_by_nvml:
            self._count_cards()
        with_processes = now >= self._processes_due
        if with_processes:
            self._processes_due = now + self._process_interval_seconds
        if self._xids is not None:
            self._xids.drain()
        readings: list[Reading] = []
        for card in self._cards.values():
            readings += self._read_card(card, now, with_processes)
        return readings

    def _count_cards(self) -> None:
        nvml = self._driver.open()
        try:
            count = nvml.nvmlDeviceGetCount()
        except nvml.NVMLError as error:
            raise DriverGoneError(error.value) from error
        for index in range(count):
            self._cards.setdefault(f"{INDEX}{index}", Card(f"{INDEX}{index}"))

    def _read_card(self, card: Card, now: float, with_processes: bool) -> list[Reading]:
        if self._bus.sleeps(card.address):
            return card.asleep()
        if card.is_lost:
            return card.lost()
        nvml = self._driver.open()
        try:
            if card.handle is None and not self._attach(nvml, card):
                return []
            return card.read(nvml, with_processes)
        except CardLostError:
            card.lose()
            self._lost_retry_due = min(self._lost_retry_due, now + LOST_RETRY_SECONDS)
            return card.lost()

    def _attach(self, nvml: Any, card: Card) -> bool:
        if not card.attach(nvml, lambda: _handle(nvml, card.address)):
            return False
        if self._xids is None:
            self._xids = XidWatch(nvml)
        self._xids.add(card)
        return True


def _handle(nvml: Any, address: str) -> Any:
    if address.startswith(INDEX):
        return nvml.nvmlDeviceGetHandleByIndex(int(address.removeprefix(INDEX)))
    return nvml.nvmlDeviceGetHandleByPciBusId(address)
