"""The series that are forecast, out of the store, on an even grid: functions over a cursor.

Counts come out of jobs, executions and calls, levels out of samples (how many wait or run: out of
jobs and executions). What nobody saw is None: an hour in which the agent did not run says nothing,
though a count that came over later stands.
"""

from zoneinfo import ZoneInfo

from data.ops.records import Connection
from models.demand.shapes import Measured
from models.settings.target import Target

Span = tuple[int, int]
"""[since, until) in UTC epoch seconds."""


def measured(connection: Connection, target: Target, span: Span, zone: ZoneInfo) -> Measured:
    """Whole hours of a span (of `spend`: whole local days), without those before the first value.

    Raises StoreError that names the target where its own SQL is refused.
    """
    raise NotImplementedError


def recent(
    connection: Connection, target: Target, until: int, steps: int, step_seconds: int = 300
) -> Measured:
    """The `steps` whole steps before `until`: a level is as high as its highest minute."""
    raise NotImplementedError


def refused(connection: Connection, target: Target, grid: Measured) -> tuple[int, ...]:
    """How many calls its budget, or one above it, refused in each step of a grid."""
    raise NotImplementedError


def daily_won(connection: Connection, bucket_id: str, span: Span, zone: ZoneInfo) -> Measured:
    """Won a local day of calls that count in a bucket: floats, for a fit and for nothing else."""
    raise NotImplementedError
