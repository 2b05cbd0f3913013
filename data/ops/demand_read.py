"""What the agent asks the store about forecasts: functions over a cursor, for `Store.read`."""

from data.ops.demand import KeptFit, MonthForecast
from data.ops.records import Connection
from models.demand.accuracy import Accuracy
from models.demand.shapes import Forecast


def latest_forecast(connection: Connection, target: str) -> Forecast | None:
    """The newest, without its state."""
    raise NotImplementedError


def latest_daily(connection: Connection, target: str) -> Forecast | None:
    """The last one that was fitted, with the state from which `refresh` goes on."""
    raise NotImplementedError


def first_made_at(connection: Connection, target: str) -> int | None:
    """When the oldest forecast that is kept was made."""
    raise NotImplementedError


def last_truth(connection: Connection, target: str) -> int | None:
    """When the last step began of which the truth is kept."""
    raise NotImplementedError


def fit_of(connection: Connection, key: str, kind: str) -> KeptFit | None:
    raise NotImplementedError


def fits(connection: Connection, kind: str) -> list[KeptFit]:
    """Of that kind, by their keys."""
    raise NotImplementedError


def month_forecast(connection: Connection, bucket_id: str, start_at: int) -> MonthForecast | None:
    """The newest of the period that begins then."""
    raise NotImplementedError


def judged(
    connection: Connection, target: str, now: int, floor: float | None = None, drifted: bool = False
) -> list[Accuracy]:
    """How good the stored forecasts of the last 28 days were, by the truths that are kept."""
    raise NotImplementedError


def errors(connection: Connection, target: str, span: tuple[int, int], ahead: int) -> list[float]:
    """Forecast minus truth of the steps in [since, until), oldest first, `ahead` steps ahead."""
    raise NotImplementedError
