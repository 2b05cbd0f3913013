"""What a whole month ahead may cost, by what the days before were like."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from models.costs.burn import whole_days
from models.costs.course import WHOLE_PPM, Ahead
from models.costs.periods import Period, day_of
from models.costs.projection import project


class Expected(NamedTuple):
    """Won: half, and nine tenths of all such months cost at most that."""

    middle_won: Decimal
    high_won: Decimal
    learning: bool


def month_ahead(
    varying: Mapping[int, Decimal], month: Period, now: float, zone: ZoneInfo
) -> Expected | None:
    """`varying` is what calls did cost by local day; None where fewer than three are known."""
    history = whole_days(varying, day_of(now, zone))
    last_day = day_of(month.until - 1, zone)
    projection = project(history, Ahead(month.first_day, WHOLE_PPM, last_day, 0, 0, 0))
    if projection is None:
        return None
    end = projection.days[-1]
    middle, high = (Decimal(micro).scaleb(-6) for micro in (end.middle_micro, end.high_micro))
    return Expected(middle, high, projection.learning)
