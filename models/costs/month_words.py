"""How the end of a month is seen, in words."""

from models.costs.burn_shapes import BurnDown
from models.messages import Message, say

WAYS = {
    "none": say("only what is reserved and what runs"),
    "steady": say("the days since the level last changed"),
    "weeks": say("the last weeks"),
    "newest": say("the last days"),
    "trend": say("the trend of the last weeks"),
    "theta": say("theta with a season of a week"),
    "holt_winters": say("Holt-Winters with a season of a week"),
}
"""By what weighs most; see `models/costs/levels.py`."""


def why(burn: BurnDown) -> Message | None:
    """Which way weighs most, from how many days it was tried out, and whether the child fitted it;
    None where nothing is projected.
    """
    if burn.course is None:
        return None
    way = WAYS.get(burn.course.model, say("several ways"))
    if not burn.course.origins:
        return say("by {way}", way=way)
    days = burn.course.origins
    if burn.fitted_at is None:
        return say(
            "mostly by {way}, weekday by weekday, tried out from {days} earlier days; reckoned at "
            "once",
            way=way,
            days=days,
        )
    return say(
        "mostly by {way}, weekday by weekday, tried out from {days} earlier days; fitted within "
        "the last day and a half",
        way=way,
        days=days,
    )
