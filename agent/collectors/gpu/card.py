"""One card: who it is, what it cannot answer, and what it says now."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from agent.collectors.gpu.driver import (
    NEVER_SUPPORTED,
    NOT_OURS,
    OF_A_LOST_CARD,
    OF_THE_WHOLE_DRIVER,
    DriverGoneError,
)
from agent.collectors.gpu.fields import (
    FIELDS,
    PROCESS_LISTS,
    Answer,
    Field,
    Measure,
    by_process_name,
    errors,
)
from models.gpu import xid_meaning
from models.monitoring import Labels, Reading

log = logging.getLogger(__name__)


class CardLostError(Exception):
    """The card no longer answers; the others may."""


class Card:
    """A card under its address; it outlives handles, which every opening of NVML makes anew."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.handle: Any = None
        self.is_lost = False
        self.is_known = False
        self.xids: Counter[int] | None = None
        self._identity: Labels = (("hw.id", address), ("hw.name", "NVIDIA"))
        self._unsupported: set[str] = set()
        self._labels: dict[Labels, Labels] = {}

    def attach(self, nvml: Any, find: Callable[[], Any]) -> bool:
        """Take a handle and the name under which the card's history goes.

        False: the card was never ours to read. Raises CardLostError and DriverGoneError.
        """
        try:
            handle = find()
            self._identify(nvml.nvmlDeviceGetUUID(handle), nvml.nvmlDeviceGetName(handle))
        except nvml.NVMLError as error:
            if error.value in OF_THE_WHOLE_DRIVER:
                raise DriverGoneError(error.value) from error
            if error.value in NOT_OURS and not self.is_known:
                return False
            raise CardLostError from error
        self.handle = handle
        return True

    def detach(self) -> None:
        """Forget the handle, and that the card was lost: the next reading looks again."""
        self.handle = None
        self.is_lost = False

    def lose(self) -> None:
        self.handle = None
        self.is_lost = True

    def asleep(self) -> list[Reading]:
        return [self._reading(Measure("hw.gpu.asleep", 1))]

    def lost(self) -> list[Reading]:
        return [self._reading(errors("lost", 1))]

    def read(self, nvml: Any, with_processes: bool) -> list[Reading]:
        """Raises CardLostError and DriverGoneError; a field that fails alone is left out."""
        measures = [Measure("hw.gpu.asleep", 0), errors("lost", 0), *self._xid_measures()]
        measures += self._ask(nvml, FIELDS)
        if with_processes:
            measures += by_process_name(self._ask(nvml, PROCESS_LISTS))
        return [self._reading(measure) for measure in measures]

    def note_xid(self, code: int) -> None:
        log.warning("gpu %s: XID %d: %s", self._identity[0][1], code, xid_meaning(code))
        if self.xids is not None:
            self.xids[code] += 1

    def judge(self, question: str, code: int) -> None:
        """What an NVML error of one question means; returns where it is about that question."""
        if code in OF_A_LOST_CARD:
            raise CardLostError
        if code in OF_THE_WHOLE_DRIVER:
            raise DriverGoneError(code)
        if code in NEVER_SUPPORTED:
            self._unsupported.add(question)

    def _identify(self, uuid: str, model: str) -> None:
        self.is_known = True
        self._identity = (("hw.id", uuid), ("hw.name", model))
        self._labels.clear()

    def _ask(self, nvml: Any, fields: Mapping[str, Field[Answer]]) -> list[Answer]:
        answers: list[Answer] = []
        for question, field in fields.items():
            if question in self._unsupported:
                continue
            if field.instead_of and field.instead_of not in self._unsupported:
                continue
            try:
                answers += field.read(nvml, self.handle)
            except nvml.NVMLError as error:
                self.judge(question, error.value)
        return answers

    def _xid_measures(self) -> list[Measure]:
        """All of them, and each number that was seen by itself ("xid 79")."""
        if self.xids is None:
            return []
        each = [errors(f"xid {code}", count) for code, count in sorted(self.xids.items())]
        return [errors("xid", self.xids.total()), *each]

    def _reading(self, measure: Measure) -> Reading:
        labels = self._labels.get(measure.labels)
        if labels is None:
            labels = self._labels[measure.labels] = tuple(sorted(self._identity + measure.labels))
        return Reading(measure.name, measure.value, labels)
