"""The demo's machines as a collector."""

from datetime import UTC, datetime

import numpy as np
import pytest

from agent.collectors.demo import DemoCollector, DemoSource, demo_collectors
from models.demo import RENTED, VPS, values
from models.demo.pipeline import executions
from models.demo.services import SOURCES
from models.demo.signals import Clock
from models.monitoring import Absent, Detailed, Execution

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


def test_every_source_has_the_name_and_the_details_of_a_real_one():
    found = {source.name: source for source in demo_collectors(lambda: IN_OFFICE_HOURS)}

    assert found.keys() >= {"postgres:main", "redis:main", "n8n:main", "endpoint:old-cdn"}
    assert all(isinstance(found[name], Detailed) for name in SOURCES)


def test_a_source_continues_the_history_that_was_filled():
    filled = SOURCES["postgres:main"](Clock(np.array([IN_OFFICE_HOURS]), np))

    harvest = DemoSource("postgres:main", lambda: IN_OFFICE_HOURS).collect(0.0)

    found = {(reading.name, reading.labels): reading.value for reading in harvest.readings}
    assert found == {key: pytest.approx(float(np.ravel(value)[0])) for key, value in filled.items()}


def test_runs_go_on_where_the_history_ends_and_each_is_told_until_its_end():
    begun, hours = IN_OFFICE_HOURS, 2
    moments = iter(begun + 10.0 * step for step in range(hours * 360 + 1))
    source = DemoSource("n8n:main", lambda: next(moments))

    kept = {}
    for _ in range(hours * 360 + 1):
        kept |= {
            record.execution_id: record
            for record in source.collect(0.0).records
            if isinstance(record, Execution)
        }

    end = begun + hours * 3_600
    expected = {run.execution_id: run.status for run in executions(begun, end, end)}
    assert {i: run.status for i, run in kept.items() if run.started_at >= begun} == expected
    assert len(expected) > 10


def test_a_certificate_that_ends_soon_is_said_though_the_source_is_there():
    [problem] = DemoSource("endpoint:site", lambda: IN_OFFICE_HOURS).left_out.values()

    assert "the certificate ends in" in str(problem)
    assert not DemoSource("endpoint:api", lambda: IN_OFFICE_HOURS).left_out
