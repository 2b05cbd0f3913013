"""Jobs whose process is gone, and those of processes that cannot be seen."""

import os
import subprocess
from pathlib import Path

from sallim.ledger import Ledger
from tests.sallim.rows import DAY_US, MINUTE_US, NOON_US, row, states


def test_a_job_of_a_process_that_is_gone_is_abandoned_and_of_one_that_runs_is_not(ledger):
    with subprocess.Popen(["true"]) as gone:
        pass
    ledger.start_job(row("here"))
    ledger.start_job(row("gone", pid=gone.pid))
    ledger.start_job(row("waits", "queued", pid=gone.pid))

    assert [job.job_id for job in ledger.abandon(NOON_US)] == ["gone"]
    job = next(job for job in ledger.jobs_since(0, 10) if job.job_id == "gone")
    assert (job.state, job.ended_us) == ("abandoned", NOON_US)
    assert job.error == f"its process {gone.pid} on {os.uname().nodename} is gone"
    assert ledger.abandon(NOON_US) == []


def test_another_process_with_the_same_number_is_not_taken_for_it(ledger):
    boot, namespace, start = row("a").process.split("/")
    ledger.start_job(row("reused", process=f"{boot}/{namespace}/{int(start) - 1}"))
    ledger.start_job(row("before the reboot", process=f"00000000/{namespace}/{start}"))
    ledger.start_job(row("clone", process=f"00000000/{namespace}/{start}", host="gpu-1"))
    ledger.start_job(row("container", pid=2**30, process=f"{boot}/1/{start}"))
    ledger.start_job(row("unknown", pid=2**30, process=""))

    assert {job.job_id for job in ledger.abandon(NOON_US)} == {"reused", "before the reboot"}


def test_a_process_that_ended_and_waits_for_its_parent_is_gone(ledger):
    zombie = subprocess.Popen(["sleep", "60"])
    try:
        stat = Path(f"/proc/{zombie.pid}/stat").read_text()
        start = stat.rpartition(")")[2].split()[19]
        process = row("a").process.rpartition("/")[0] + f"/{start}"
        ledger.start_job(row("a", pid=zombie.pid, process=process))
        assert ledger.abandon(NOON_US) == []

        zombie.kill()
        os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
        assert [job.job_id for job in ledger.abandon(NOON_US)] == ["a"]
    finally:
        zombie.kill()
        zombie.wait()


def test_what_cannot_be_seen_is_abandoned_by_its_age_and_what_can_is_not(ledger):
    ledger.start_job(row("here"))
    ledger.start_job(row("far", host="gpu-1", process=""))
    ledger.start_job(row("fresh", host="gpu-1", process="", updated_us=NOON_US + MINUTE_US))
    ledger.start_job(row("waits", "queued", host="gpu-1", process=""))

    done = ledger.abandon(NOON_US + DAY_US, older_than_us=NOON_US + 1)
    assert {job.job_id for job in done} == {"far", "waits"}


def test_what_ended_since_the_last_look_is_not_abandoned(ledger):
    with subprocess.Popen(["true"]) as gone:
        pass
    ledger.start_job(row("a", pid=gone.pid))
    other = Ledger.open(ledger.path)
    other.end_job(row("a", "succeeded"))

    assert ledger.abandon(NOON_US) == []
    assert states(other) == {"a": "succeeded"}
    other.close()


def test_a_ledger_that_was_replaced_is_looked_through_anew(ledger, tmp_path):
    with subprocess.Popen(["true"]) as gone:
        pass
    ledger.put_jobs(row(f"{number}", "succeeded") for number in range(10))
    ledger.abandon(NOON_US)
    for path in tmp_path.iterdir():
        path.rename(tmp_path / f"{path.name}.away")
    ledger.start_job(row("a", pid=gone.pid))

    assert [job.job_id for job in ledger.abandon(NOON_US)] == ["a"]
