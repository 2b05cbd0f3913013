"""Metrics of money that are no cost: exchange rates, as floats for a chart and for nothing else."""

from models.metrics.metric import Metric

METRICS: dict[str, Metric] = {
    "fx.won_per_usd": Metric("{won}", "Won for a dollar, by the last day with a rate"),
    "fx.won_per_eur": Metric("{won}", "Won for a euro, by the last day with a rate"),
    "bill.month": Metric("{currency}", "What a provider has charged this month, in UTC"),
    "bill.cash": Metric("{currency}", "What is left of money that was paid ahead"),
    "bill.alarms": Metric("{bill}", "Bills that differ by more than can be explained"),
    "fx.age": Metric("s", "Age of the last day with an exchange rate"),
}
