"""A few jobs a day on up to two machines: ours beside one that stays on, and a start a job."""

from collections.abc import Callable
from typing import NamedTuple

from bench.report import Figure
from bench.scaling_trace import rare_jobs
from models.scaling.jobs import JobPolicy, JobsRun, always, per_job, rare, run_jobs
from models.scaling.rules import Rules

DAYS, JOBS_A_DAY = 28, 12.0
RULES = Rules(
    "gpu",
    instances_max=2,
    start_seconds=600.0,
    hour_micro=400 * 10**6,
    increment_seconds=3_600,
    batch_jobs=4,
    deadline_seconds=7_200.0,
    job_seconds=300.0,
)
POLICIES: dict[str, Callable[[Rules], JobPolicy]] = {
    "ours": rare,
    "one stays on": lambda _: always(),
    "a start a job": per_job,
}
COSTS_PERCENT_MAX = 60.0
"""Of what a start a job costs, where hours are charged whole."""


class Sum(NamedTuple):
    won: float
    late: int
    jobs: int
    starts: float
    waited_minutes: float


def rare_figures(seeds: int) -> list[Figure]:
    """Prints the table."""
    figures = []
    for increment, text in ((3_600, "whole hours"), (60, "minutes")):
        rules = RULES._replace(increment_seconds=increment)
        print(
            f"\nrare jobs: {seeds} times {DAYS} days of {JOBS_A_DAY:g} jobs a day, mostly in "
            f"office hours, {rules.job_seconds / 60:g} min each, due in "
            f"{rules.deadline_seconds / 3_600:g} h; start {rules.start_seconds / 60:g} min, "
            f"400 won an hour, charged by {text}; ours: from {rules.batch_jobs} jobs on"
        )
        print(f"{'':14}  " + "  ".join(f"{each:>9}" for each in HEADS))
        found = {name: _sum(rules, make, seeds) for name, make in POLICIES.items()}
        for name, each in found.items():
            print(f"{name:14}  " + "  ".join(f"{cell:>9}" for cell in _cells(each)))
        share = 100 * found["ours"].won / found["a start a job"].won
        limit = COSTS_PERCENT_MAX if increment == 3_600 else 100.0
        figures.append(Figure(f"rare jobs, {text}: ours of a start a job", share, "% won", limit))
        figures.append(Figure(f"rare jobs, {text}: late", found["ours"].late, "jobs", 0))
    return figures


HEADS = ("won", "late", "jobs", "starts", "waited")


def _cells(each: Sum) -> tuple[str, ...]:
    return (
        f"{each.won:,.0f}",
        f"{each.late:,}",
        f"{each.jobs:,}",
        f"{each.starts:,.0f}",
        f"{each.waited_minutes:.0f} min",
    )


def _sum(rules: Rules, make: Callable[[Rules], JobPolicy], seeds: int) -> Sum:
    """Won and starts of one time, the rest of all."""
    runs: list[JobsRun] = [
        run_jobs(rare_jobs(seed, DAYS, JOBS_A_DAY), rules, make(rules), DAYS * 86_400)
        for seed in range(seeds)
    ]
    return Sum(
        won=sum(each.won_micro for each in runs) / 10**6 / seeds,
        late=sum(each.late for each in runs),
        jobs=sum(each.jobs for each in runs),
        starts=sum(each.starts for each in runs) / seeds,
        waited_minutes=sum(each.waited_seconds_mean for each in runs) / 60 / seeds,
    )
