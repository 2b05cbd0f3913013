"""What was a cycle ago: the baseline of every comparison, and the last fall-back."""

from models.forecasts.cycle import Cycle
from models.forecasts.profiles import repeated
from models.forecasts.shapes import Values


def seasonal_naive(y: Values, steps: int, cycle: Cycle) -> Values:
    """The value a week ago, a day ago where less than two weeks are known (forecasting.md 6.2)."""
    return last_values(y, steps, cycle.lag(len(y)))


def last_cycle(y: Values, steps: int, cycle: Cycle) -> Values:
    """The value a short cycle ago: of an hourly series that of yesterday."""
    return last_values(y, steps, max(cycle.short, 1))


def last_value(y: Values, steps: int, _: Cycle) -> Values:
    """The newest value, at each step."""
    return last_values(y, steps, 1)


def last_values(y: Values, steps: int, lag: int) -> Values:
    last = y[-min(lag, len(y)) :]
    return repeated(last, 0, steps)
