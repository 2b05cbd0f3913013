"""Rows and programs for the tests of the ledger."""

import os
import subprocess
import sys
from pathlib import Path

from sallim.ledger import Ledger
from sallim.ledger.processes import own_process
from sallim.ledger.rows import JobRow

ROOT = Path(__file__).parents[2]
NOON_US = 1_763_985_600_000_000
MINUTE_US = 60_000_000
DAY_US = 86_400_000_000


def row(job_id: str, state: str = "running", **changed: object) -> JobRow:
    """A job that this process began at noon."""
    ended_us = NOON_US + MINUTE_US if state in ("succeeded", "failed") else None
    known = JobRow(
        *(job_id, 0, "", "analysis", "", "video-17"),
        *(os.uname().nodename, os.getpid(), own_process(), state),
        *(None, NOON_US, ended_us, ended_us and MINUTE_US, "", ended_us or NOON_US),
    )
    return known._replace(**changed)


def states(ledger: Ledger) -> dict[str, str]:
    return {job.job_id: job.state for job in ledger.jobs_since(0, 1_000)}


def program(code: str, python: str = sys.executable, **environ: str) -> subprocess.Popen[str]:
    """A program of the owner's, with nothing but the package on its path."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("SALLIM_")}
    return subprocess.Popen(
        [python, "-c", code],
        env={**kept, "PYTHONPATH": str(ROOT), **environ},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ran(code: str, **environ: str) -> str:
    """What a program says in its log; it must end well."""
    process = program(code, **environ)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 0, told
    return told
