"""The demo's machines as a collector."""

from datetime import UTC, datetime

import numpy as np
import pytest

from agent.collectors.demo import DemoCollector
from models.demo import RENTED, VPS, values
from models.monitoring import Absent

IN_OFFICE_HOURS = datetime(2026, 11, 18, 5, 0, tzinfo=UTC).timestamp()  # 14:00 in Korea
IN_THE_MORNING = datetime(2026, 11, 17, 21, 0, tzinfo=UTC).timestamp()  # 06:00 in Korea


def test_a_sample_continues_the_history_that_was_filled():
    filled = values(VPS, np.array([IN_OFFICE_HOURS]), np)

    readings = DemoCollector(VPS, lambda: IN_OFFICE_HOURS).collect(0.0)

    assert {(r.name, r.labels) for r in readings} == {(k.name, k.labels) for k in filled}
    cpu = next(r for r in readings if r.name == "machine.cpu.utilization")
    assert cpu.value == pytest.approx(filled[VPS, "machine.cpu.utilization", ()][0])


def test_a_machine_that_is_not_rented_now_is_absent_and_not_zero():
    answer = DemoCollector(RENTED, lambda: IN_THE_MORNING).collect(0.0)

    assert isinstance(answer, Absent)
    assert str(answer.reason) == "gpu-rented is not rented at this hour"


def test_collectors_of_two_machines_have_two_names():
    assert DemoCollector(VPS, lambda: 0.0).name != DemoCollector(RENTED, lambda: 0.0).name
