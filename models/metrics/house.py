"""Metrics of the house: jobs that say that they ran, and what a probe keeps for the hub."""

from models.metrics.metric import Metric

METRICS: dict[str, Metric] = {
    "beat.age": Metric("s", "Time since a job last said that it ran"),
    "beat.late": Metric("s", "How long a job is overdue, its grace included"),
    "probe.spool.size": Metric("By", "What the probe keeps on its disk for the hub"),
    "probe.spool.limit": Metric("By", "Size at which the oldest of the probe's spool goes"),
    "probe.spool.buckets": Metric("{bucket}", "Buckets that the hub has not stored yet"),
}
