"""Demand that is mostly nothing."""

from models.forecasts.history import History
from models.forecasts.shapes import Values
from models.messages import Message, say


def is_rare(values: Values) -> bool:
    return False


def forecast_rare(history: History, steps: int) -> tuple[Values, Values, Message]:
    return history.values[:steps], history.values[None, :steps], say("rare")
