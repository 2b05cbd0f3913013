"""A bucket over its month, out of the store. Everything raises AgentSilent and QueryRefused."""

import json
from zoneinfo import ZoneInfo

from data.bill_answers import hourly
from data.cost_sql import BUCKET_DAYS, local_day
from data.demand import month_document
from data.rows import Answers, rows_of
from models.costs.burn import HISTORY_BEFORE_DAYS, burn_down
from models.costs.burn_shapes import BurnDown, DaySpent, Known
from models.costs.month_document import Kept, kept_from
from models.costs.periods import DAY_SECONDS
from models.costs.shapes import Bucket


def burn_down_of(reader: Answers, bucket: Bucket, now: float, zone: ZoneInfo) -> BurnDown:
    """Its period day by day, and how it may go on by what the days before were like."""
    span = (bucket.start - HISTORY_BEFORE_DAYS * DAY_SECONDS, bucket.end)
    sql = BUCKET_DAYS.format(day=local_day(span, zone))
    rows = rows_of(reader.columns(sql, [*span, bucket.bucket_id]))
    days = {row["day"]: DaySpent(row["won"], row["unverified"], row["varying"]) for row in rows}
    return burn_down(bucket, days, now, zone, Known(hourly(reader), _kept(reader, bucket)))


def _kept(reader: Answers, bucket: Bucket) -> Kept | None:
    """What the agent had fitted last; what cannot be read is reckoned at once instead."""
    found = month_document(reader, bucket.bucket_id, int(bucket.start))
    if found is None:
        return None
    try:
        return kept_from(json.loads(found[1]))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
