"""How far a request may go: amounts against what the settings allow, ends against now.

`check_*` raise RequestRefused with a sentence that says the most that would be taken.
"""

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from models.errors import RequestRefused
from models.messages import say
from models.requests.shapes import Request
from models.settings import Settings
from models.tiers import DAY_SECONDS
from sallim.money import MICRO, won_text

PERCENT = 100


class Allowed(NamedTuple):
    """What the settings allow: of a cap, how many times a month, for how many days."""

    raise_percent_max: int
    raises_max: int
    quiet_days_max: int
    zone: ZoneInfo


def allowed_of(settings: Settings) -> Allowed:
    rules = settings.requests
    return Allowed(
        rules.raise_percent_max, rules.raises_max, rules.quiet_days_max, settings.house.zone
    )


class Raisable(NamedTuple):
    """A bucket as it stands: the owner's cap, what raises add to it now, its period's end.

    `raises` are those that were made in this period, whether they still run or not.
    """

    bucket_id: str
    cap_micro: int
    raised_micro: int
    raises: int
    ends_at: int


def room_micro(bucket: Raisable, allowed: Allowed) -> int:
    """The most by which it may still be raised, in whole won.

    >>> kst = ZoneInfo("Asia/Seoul")
    >>> bucket = Raisable("api", 15_000 * MICRO, 3_000 * MICRO, 1, 1_796_050_800)
    >>> room_micro(bucket, Allowed(50, 3, 7, kst)) // MICRO
    4500
    """
    most = bucket.cap_micro * allowed.raise_percent_max // PERCENT
    return max(most - bucket.raised_micro, 0) // MICRO * MICRO


def check_raise(request: Request, bucket: Raisable, allowed: Allowed, now: float) -> int:
    """By how many micro-won it is raised: for a release, by all that may be."""
    _check_end(request, bucket.ends_at, allowed.zone, now)
    if bucket.raises >= allowed.raises_max:
        raise RequestRefused(
            say(
                "{bucket} was raised {count} times this month, and [requests] raises_max is "
                "{most}: change that or its cap in the settings",
                bucket=bucket.bucket_id,
                count=bucket.raises,
                most=allowed.raises_max,
            )
        )
    room = room_micro(bucket, allowed)
    wanted = room if request.kind == "release" else request.amount_micro
    if wanted % MICRO:
        raise RequestRefused(say("amount_krw must be whole won, such as 3000"))
    if not 0 < wanted <= room:
        raise RequestRefused(
            say(
                "{bucket} can be raised by 1 to {most} won now ([requests] raise_percent_max is "
                "{percent}); asked for were {wanted}",
                bucket=bucket.bucket_id,
                most=won_text(room),
                percent=allowed.raise_percent_max,
                wanted=won_text(wanted),
            )
        )
    return wanted


def check_quiet(request: Request, allowed: Allowed, now: float) -> None:
    """Of a silence or a pause: it must end, and soon."""
    _check_end(request, int(now) + allowed.quiet_days_max * DAY_SECONDS, allowed.zone, now)


def check_settled(request: Request, worst_micro: int) -> None:
    """A call never costs more than what was kept free for it."""
    if not 0 <= request.amount_micro <= worst_micro:
        raise RequestRefused(
            say(
                "{target} was reserved at {most} won and can have cost no more; a bill that says "
                "otherwise is typed in by `python -m agent costs bill`",
                target=request.target,
                most=won_text(worst_micro),
            )
        )


def moment_text(at: float, zone: ZoneInfo) -> str:
    """As the owner's clock shows it.

    >>> moment_text(1_796_050_800, ZoneInfo("Asia/Seoul"))
    '2026-12-01 00:00'
    """
    return datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d %H:%M")


def _check_end(request: Request, latest: int, zone: ZoneInfo, now: float) -> None:
    if not now < request.until <= latest:
        raise RequestRefused(
            say(
                "until is {until}: it must lie ahead, and not after {latest}",
                until=moment_text(request.until, zone),
                latest=moment_text(latest, zone),
            )
        )
