"""What pages ask the store about bills. Everything raises AgentSilent and QueryRefused."""

from datetime import datetime
from zoneinfo import ZoneInfo

from data.rows import Answers, rows_of

OPENINGS = """
SELECT id AS bucket FROM things
WHERE kind = 'opening' AND detail = 'open' AND name = $1 ORDER BY id
"""


def incomplete(reader: Answers, at: float, zone: ZoneInfo) -> list[str]:
    """The buckets of which, in the month of `at`, the part before Sallim began is not known.

    `at` is UTC epoch seconds. While there are any, sums of that month are too small.
    """
    month = datetime.fromtimestamp(at, zone).strftime("%Y-%m")
    return [row["bucket"] for row in rows_of(reader.columns(OPENINGS, [month]))]
