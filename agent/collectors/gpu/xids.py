"""The driver's error events, fetched without ever waiting for one."""

import ctypes
from collections import Counter
from typing import Any

from agent.collectors.gpu.card import Card

EVENTS_PER_READING_MAX = 64


class XidWatch:
    """An event set over the cards that support it; it lives as long as NVML is open."""

    def __init__(self, nvml: Any) -> None:
        self._nvml = nvml
        self._cards: dict[int | None, Card] = {}
        self._events: Any = None

    def add(self, card: Card) -> None:
        """A card without such events simply has no count of them."""
        nvml = self._nvml
        try:
            if self._events is None:
                self._events = nvml.nvmlEventSetCreate()
            nvml.nvmlDeviceRegisterEvents(
                card.handle, nvml.nvmlEventTypeXidCriticalError, self._events
            )
        except nvml.NVMLError as error:
            card.judge("xid", error.value)
            return
        if card.xids is None:
            card.xids = Counter()
        self._cards[_address(card.handle)] = card

    def drain(self) -> None:
        """Hand every event that waits to its card. An empty set answers with a timeout."""
        for _ in range(EVENTS_PER_READING_MAX if self._cards else 0):
            try:
                event = self._nvml.nvmlEventSetWait(self._events, 0)
            except self._nvml.NVMLError:
                return
            card = self._cards.get(_address(event.device))
            if card is not None:
                card.note_xid(event.eventData)

    def close(self) -> None:
        if self._events is not None:
            try:
                self._nvml.nvmlEventSetFree(self._events)
            except self._nvml.NVMLError:
                return
            finally:
                self._events = None


def _address(handle: Any) -> int | None:
    return ctypes.cast(handle, ctypes.c_void_p).value
