"""n8n's metrics: what they tell, what is lazy, what is off, and lines that cannot be read."""

import pytest

from models.monitoring import Execution
from models.workflows.counters import (
    LastRun,
    Window,
    bucket_quantile,
    outcomes,
    scrape_of,
    switched_off,
)
from models.workflows.exposition import exposition

NOW = 1_800_000_000.0
VERSION = 'n8n_version_info{version="v2.40.7",major="2",minor="40",patch="7"} 1\n'
STARTED = 'n8n_workflow_started_total{workflow_id="w1"} 3\n'
RAN = 'n8n_workflow_execution_duration_seconds_bucket{le="+Inf",status="success",mode="x"} 2\n'


def read(text):
    return scrape_of(exposition(text).samples)


def flags(text, runs_since=0):
    return {name: str(message) for name, message in switched_off(read(text), runs_since).items()}


def test_the_version_and_the_gauges_are_read():
    scrape = read(
        VERSION
        + 'n8n_nodejs_version_info{version="v24.1.0"} 1\n'
        + "n8n_active_workflow_count 4\nn8n_scaling_mode_queue_jobs_waiting 7\n"
    )

    assert (scrape.version, scrape.active_workflows) == ("2.40.7", 4.0)
    assert scrape.queue == {"waiting": 7.0}


def test_another_prefix_is_found_by_the_version():
    text = 'flows_version_info{version="v2.0.0"} 1\nflows_active_workflow_count 2\n'

    assert read(text).active_workflows == 2.0


@pytest.mark.parametrize(
    "line",
    [
        "n8n_workflow_failed_total{",
        'n8n_workflow_failed_total{workflow_id="w1} 2',
        "n8n_workflow_failed_total two",
        "n8n_workflow_failed_total{workflow_id=w1} 2",
        "n8n_workflow_failed_total",
        "n8n_workflow_failed_total\x00 1",
    ],
)
def test_a_line_that_cannot_be_read_costs_only_itself(line):
    found = exposition(f"{STARTED}{line}\n{VERSION}")

    assert [sample.name for sample in found.samples] == ["workflow_started_total", "version_info"]
    assert found.unreadable == 1


def test_labels_may_hold_anything():
    [sample] = exposition(
        'n8n_workflow_failed_total{workflow_name="a \\"b\\", {c}\\n🎬",workflow_id="1"} 2 170'
    ).samples

    assert sample.labels == {"workflow_name": 'a "b", {c}\n🎬', "workflow_id": "1"}


def test_what_is_not_a_number_is_left_out():
    assert read('n8n_workflow_failed_total{workflow_id="w"} NaN\n').counters == {}


def test_counters_that_are_absent_are_not_zero():
    counters = read(STARTED).counters

    assert counters["event", "w1", "started"] == 3.0
    assert ("event", "w1", "failed") not in counters


def test_no_flag_is_called_off_before_anything_ran():
    assert flags(VERSION) == {}


def test_the_flag_of_the_event_bus_is_named():
    for text, runs in ((VERSION, 2), (VERSION + RAN, 0)):
        assert "N8N_METRICS_INCLUDE_MESSAGE_EVENT_BUS_METRICS=true" in flags(text, runs)["events"]


def test_the_event_bus_is_on_when_it_counts_something_else():
    assert "events" not in flags(VERSION + "n8n_audit_user_login_success_total 1\n", 5)


def test_the_flag_of_the_workflow_id_is_named():
    text = "n8n_workflow_started_total 3\n"

    assert "N8N_METRICS_INCLUDE_WORKFLOW_ID_LABEL=true" in flags(text)["workflow ids"]
    assert flags(STARTED) == {}


def test_the_flag_of_the_queue_is_named_where_there_is_a_queue():
    text = STARTED + "n8n_queue_job_enqueued_total 3\n"

    assert "N8N_METRICS_INCLUDE_QUEUE_METRICS=true" in flags(text)["queue"]
    assert flags(text + "n8n_scaling_mode_queue_jobs_waiting 0\n") == {}


def grown(*looks):
    window = Window()
    for at, counters in looks:
        growth = window.growth(counters, NOW + at)
    return growth


KEY = ("event", "w", "failed")


def test_growth_is_what_came_within_the_hour():
    assert grown((0, {KEY: 5.0}), (1800, {KEY: 7.0}))[KEY] == 2.0
    looks = [(300.0 * n, {KEY: float(n)}) for n in range(40)]
    assert grown(*looks)[KEY] == pytest.approx(12.0, abs=1.0)


def test_the_first_event_of_a_lazy_counter_counts():
    assert grown((0, {}), (20, {KEY: 1.0}))[KEY] == 1.0


def test_a_restart_of_n8n_begins_anew():
    assert grown((0, {KEY: 50.0}), (20, {KEY: 51.0}), (40, {KEY: 2.0}))[KEY] == 2.0


def test_a_canceled_run_is_no_failure():
    growth = {("event", "w", "failed"): 3.0, ("event", "w", "cancelled"): 2.0}

    assert outcomes(growth)["w"].failed == 1.0


def test_without_the_event_bus_the_histogram_counts_runs():
    text = "".join(
        f'n8n_workflow_execution_duration_seconds_bucket{{le="+Inf",status="{status}",'
        f'mode="trigger",workflow_id="w"}} {count}\n'
        for status, count in (("success", 4), ("failed", 1))
    )

    assert outcomes(read(text).counters)["w"] == (5.0, 4.0, 1.0)


def test_quantiles_come_out_of_the_buckets():
    growth = {
        ("bucket", "w", bound): count
        for bound, count in (("1", 50.0), ("2", 90.0), ("10", 100.0), ("+Inf", 100.0))
    }

    assert bucket_quantile(growth, "w", 0.5) == pytest.approx(1.0)
    assert bucket_quantile(growth, "w", 0.95) == pytest.approx(6.0)


def test_without_runs_there_is_no_quantile():
    assert bucket_quantile({("bucket", "w", "+Inf"): 0.0}, "w", 0.5) is None
    assert bucket_quantile({}, "w", 0.5) is None


def test_what_took_longer_than_every_bucket_is_at_least_the_last():
    growth = {("bucket", "w", "600"): 0.0, ("bucket", "w", "+Inf"): 3.0}

    assert bucket_quantile(growth, "w", 0.95) == 600.0


def execution(began_at, status="success"):
    return Execution("n8n:main", "w", "7", status, "webhook", None, began_at, NOW, NOW)


def test_what_a_crash_ended_stands_in_the_histogram_and_is_no_sign_of_a_flag():
    crashed = RAN.replace("success", "failed")

    assert flags(VERSION + crashed) == {}


def test_a_run_counts_from_the_second_scrape_after_its_end_on():
    ran = LastRun()
    ran.take(execution(NOW - 60))
    ran.scraped()
    assert ran.counted_at is None

    ran.take(execution(NOW - 10))
    ran.scraped()
    assert ran.counted_at == NOW - 60


@pytest.mark.parametrize("status", ["crashed", "canceled", "running", "waiting"])
def test_how_a_run_ended_that_no_counter_tells_of_says_nothing(status):
    ran = LastRun()
    ran.take(execution(NOW, status))
    ran.scraped()
    ran.scraped()

    assert ran.counted_at is None


def test_the_start_of_n8n_is_read():
    assert read("n8n_process_start_time_seconds 1700000000\n").started_at == 1_700_000_000.0


def test_the_buckets_of_many_workflows_may_be_left_out():
    text = VERSION + RAN + RAN.replace('"+Inf"', '"600"')

    samples = exposition(text, with_buckets=False).samples

    assert [sample.labels.get("le") for sample in samples] == [None, "+Inf"]
    assert bucket_quantile(scrape_of(samples).counters, "", 0.5) is None
