"""Metrics of money that are no cost: exchange rates, as floats for a chart and for nothing else."""

from models.metrics.metric import Metric

METRICS: dict[str, Metric] = {
    "fx.won_per_usd": Metric("{won}", "Won for a dollar, by the last day with a rate"),
    "fx.won_per_eur": Metric("{won}", "Won for a euro, by the last day with a rate"),
    "bill.month": Metric("{currency}", "What a provider has charged this month, in UTC"),
    "bill.cash": Metric("{currency}", "What is left of money that was paid ahead"),
    "bill.alarms": Metric("{bill}", "Bills that differ by more than can be explained"),
    "key.used": Metric("{USD}", "What a key for calls has used in its day, week and month of UTC"),
    "key.left": Metric("{USD}", "What a key for calls may use yet, by its own limit"),
    "price.listed": Metric("{currency}", "What a server costs by its provider's list, without VAT"),
    "price.differences": Metric("{price}", "Prices in the settings that are not those of the list"),
    "usage.age": Metric("s", "Time since a provider was asked what was used"),
    "usage.settled": Metric("{call}", "Calls in doubt that are settled by what a provider counts"),
    "usage.outside": Metric("{token}", "Tokens that a provider counts and no guard has seen"),
    "fx.age": Metric("s", "Age of the last day with an exchange rate"),
}
