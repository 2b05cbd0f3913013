"""Demand by a SELECT of the owner's own, under the rules of the reading door."""

from data.ops.demand_steps import Steps, Values
from data.ops.query import Question, answer_rows, check
from data.ops.records import Connection
from models.errors import QueryRefused, StoreError
from models.messages import say
from models.settings.target import Target

SECONDS_MAX = 5.0
ROWS_MAX = 100_000
FOLDS = {"mean": "avg(told.value)", "sum": "sum(told.value)", "max": "max(told.value)"}
# The text ends with a line of its own: a comment in it must not hide the rest.
AROUND = """
SELECT (floor(epoch(told.at) / {seconds})::BIGINT * {seconds})::BIGINT AS begun, ({fold})::DOUBLE
FROM (
{sql}
) AS told
WHERE told.at >= to_timestamp({since}) AND told.at < to_timestamp({until})
  AND told.value IS NOT NULL
GROUP BY 1 ORDER BY 1
"""


def asked(connection: Connection, target: Target, steps: Steps, seconds: int) -> Values:
    """In steps of so many seconds. Raises StoreError that names the target."""
    sql = target.sql.rstrip().rstrip(";")
    question = AROUND.format(
        seconds=seconds,
        fold=FOLDS[target.hourly],
        sql=sql,
        since=steps.since,
        until=steps.until,
    )
    try:
        # By itself first: what is put into brackets could otherwise close them.
        check(connection, sql)
        rows = answer_rows(connection, Question(question, (), ROWS_MAX, SECONDS_MAX))
    except QueryRefused as error:
        raise StoreError(
            str(
                say(
                    "[[target]] {name}: its sql gives no series ({reason}) Write one SELECT with "
                    "the columns at (TIMESTAMPTZ) and value (a number)",
                    name=target.name,
                    reason=str(error),
                )
            )
        ) from error
    return dict(rows)
