"""Metrics of pools: how many machines each should have, and what that is made of."""

from models.metrics.metric import Metric

METRICS: dict[str, Metric] = {
    "pool.wanted": Metric("{machine}", "Machines that a pool should have"),
    "pool.predicted": Metric("{machine}", "Machines that the forecast asks for, where it may"),
    "pool.allowed": Metric("{machine}", "Machines that budget and settings let a pool have"),
}
