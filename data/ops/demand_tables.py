"""The tables of demand: what makes a row one, how its cells come, and how long it is kept.

A DELETE leaves its blocks to later rows: the file does not shrink, and does not grow either once
as much goes as comes.
"""

# ruff: noqa: S608  Names of tables and columns are constants of this file.

from datetime import UTC, datetime

from data.ops.records import MOMENT, TEXT, Connection, table_of
from models.tiers import DAY_SECONDS

WHOLE = "(r ->> {})::INTEGER"
NUMBER = "(r ->> {})::DOUBLE"
NUMBERS = "from_json(r -> {}, '[\"FLOAT\"]')"
YES = "(r ->> {})::BOOLEAN"

FORECASTS = table_of(
    "forecasts",
    ("target", "work", "made_at"),
    "made_at",
    target=TEXT,
    work=TEXT,
    made_at=MOMENT,
    start_at=MOMENT,
    step_seconds=WHOLE,
    model=TEXT,
    asked=TEXT,
    members=TEXT,
    parameters=TEXT,
    why=TEXT,
    means=NUMBERS,
    bands=TEXT,
    naive=NUMBERS,
    state=TEXT,
    cpu_seconds=NUMBER,
)
TRUTHS = table_of(
    "truths",
    ("target", "begun_at"),
    "begun_at",
    target=TEXT,
    begun_at=MOMENT,
    step_seconds=WHOLE,
    value=NUMBER,
    mark=TEXT,
)
ACCURACIES = table_of(
    "accuracies",
    ("target", "made_at", "days", "ahead"),
    "made_at",
    target=TEXT,
    made_at=MOMENT,
    days=WHOLE,
    ahead=WHOLE,
    steps=WHOLE,
    one_minus_wape=NUMBER,
    naive_one_minus_wape=NUMBER,
    noise_floor=NUMBER,
    skill=NUMBER,
    coverage80=NUMBER,
    coverage95=NUMBER,
    pinball=NUMBER,
    bias=NUMBER,
    drifted=YES,
)
FITS = table_of(
    "fits", ("key", "kind"), "fitted_at", key=TEXT, kind=TEXT, fitted_at=MOMENT, document=TEXT
)
MONTH_FORECASTS = table_of(
    "month_forecasts",
    ("bucket_id", "start_at", "made_at"),
    "made_at",
    bucket_id=TEXT,
    start_at=MOMENT,
    end_at=MOMENT,
    made_at=MOMENT,
    document=TEXT,
)
PLANS = table_of(
    "plans",
    ("pool", "planned_at"),
    "planned_at",
    pool=TEXT,
    planned_at=MOMENT,
    wanted=WHOLE,
    reactive=WHOLE,
    predicted=WHOLE,
    allowed=WHOLE,
    reason=TEXT,
    inputs=TEXT,
)
KEPT_DAYS = (
    (FORECASTS, 60),
    (TRUTHS, 400),
    (ACCURACIES, 400),
    (FITS, 60),
    (MONTH_FORECASTS, 400),
    (PLANS, 60),
)


def forget_old_demand(connection: Connection, now: float) -> None:
    """Drop what is past its time. In a transaction."""
    for table, days in KEPT_DAYS:
        before = datetime.fromtimestamp(now - days * DAY_SECONDS, UTC)
        connection.execute(f"DELETE FROM {table.name} WHERE {table.aged_by} < ?", [before])
