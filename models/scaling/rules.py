"""What a pool goes by, as numbers: by its settings, and what an hour of a machine costs now."""

from typing import NamedTuple

from models.settings.pool import Pool


class Rules(NamedTuple):
    """`capacity`: of counts so many in five minutes, else so much at once.

    `hour_micro` is what an hour of one machine costs, gross, in micro-won; None where its price or
    an exchange rate is not known: then none is added.
    """

    name: str
    capacity: float = 1.0
    instances_min: int = 0
    instances_max: int = 1
    start_seconds: float = 180.0
    utilization: float = 0.9
    headroom: float = 0.8
    hour_micro: int | None = 0
    increment_seconds: int = 1
    down_seconds: float = 300.0
    batch_jobs: int = 0
    deadline_seconds: float = 0.0
    job_seconds: float = 300.0
    prediction: bool = True

    @property
    def is_rare(self) -> bool:
        return self.batch_jobs > 0


def rules_of(pool: Pool, hour_micro: int | None) -> Rules:
    return Rules(
        name=pool.name,
        capacity=pool.capacity,
        instances_min=pool.instances_min,
        instances_max=pool.instances_max,
        start_seconds=float(pool.start_seconds),
        utilization=pool.utilization_percent / 100,
        headroom=pool.headroom_percent / 100,
        hour_micro=hour_micro,
        increment_seconds=pool.increment_seconds,
        down_seconds=float(pool.down_seconds),
        batch_jobs=pool.batch_jobs,
        deadline_seconds=float(pool.deadline_seconds),
        job_seconds=float(pool.job_seconds),
        prediction=pool.prediction,
    )
