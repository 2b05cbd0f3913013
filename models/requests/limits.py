"""How far a request may go, where no budget says it. `check_*` raise RequestRefused."""

from datetime import datetime
from zoneinfo import ZoneInfo

from models.errors import RequestRefused
from models.messages import say
from models.requests.shapes import Request
from models.tiers import DAY_SECONDS
from models.typed import typed
from sallim.money import won_text

QUIET_DAYS_MAX = 7
"""The longest that a silence or a pause may last: what is longer is forgotten, or a setting."""


def check_quiet(request: Request, zone: ZoneInfo, now: float) -> None:
    """Of a silence or a pause: it must end, and soon."""
    latest = int(now) + QUIET_DAYS_MAX * DAY_SECONDS
    if not now < request.until <= latest:
        raise RequestRefused(
            say(
                "until is {until}: it must lie ahead, and not after {latest}",
                until=moment_text(request.until, zone),
                latest=moment_text(latest, zone),
            )
        )


def check_settled(request: Request, worst_micro: int) -> None:
    """A call never costs more than what was kept free for it."""
    if not 0 <= request.amount_micro <= worst_micro:
        raise RequestRefused(
            say(
                "{target} was reserved at {most} won and can have cost no more; a bill that says "
                "otherwise is typed in by `{command}`",
                target=request.target,
                most=won_text(worst_micro),
                command=typed("costs bill"),
            )
        )


def moment_text(at: float, zone: ZoneInfo) -> str:
    """As the owner's clock shows it.

    >>> moment_text(1_796_050_800, ZoneInfo("Asia/Seoul"))
    '2026-12-01 00:00'
    """
    return datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d %H:%M")
