"""The sentences about budgets: what happened, what was done, what a person can do."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from models.budget.orders import Severity, Step
from models.budget.state import BucketState
from models.messages import Message, say
from models.requests.limits import moment_text
from models.settings import Settings
from models.settings.budget import Budget, Mode

WARN_PERCENT = 90


def severity_of(percent: int, mode: Mode, settings: Budget) -> Severity:
    """Where calls begin to be refused somebody must look.

    >>> [severity_of(percent, "block", Budget()) for percent in (80, 90, 95)]
    ['info', 'warn', 'critical']
    """
    if percent < WARN_PERCENT:
        return "info"
    return "critical" if percent >= settings.important_percent and mode != "count" else "warn"


def line_message(bucket_id: str, percent: int, spent_won: Decimal, cap_won: Decimal) -> Message:
    """That a line is reached, by how much.

    >>> str(line_message("api", 70, Decimal(10_600), Decimal(15_000)))
    '70 % of the budget api is spent: 10,600 of 15,000 won'
    """
    return say(
        "{percent} % of the budget {bucket} is spent: {spent} of {cap} won",
        percent=percent,
        bucket=bucket_id,
        spent=won(spent_won),
        cap=won(cap_won),
    )


def full_message(bucket: BucketState) -> Message:
    """That what runs has no room for its next hours.

    >>> total = BucketState("total", 0, 1, Decimal(24_900), Decimal(24_600), open_won=Decimal(290))
    >>> str(full_message(total))
    'the next hours of what runs do not fit into the budget total: 10 of 24,900 won are left'
    """
    return say(
        "the next hours of what runs do not fit into the budget {bucket}: {left} of {cap} won are "
        "left",
        bucket=bucket.bucket_id,
        left=won(max(bucket.cap_won - bucket.committed_won, Decimal(0))),
        cap=won(bucket.cap_won),
    )


def overrun_message(bucket_id: str, provider: str, model: str) -> Message:
    return say(
        "a call of {provider} {model} did cost more than was kept free for it in the budget "
        "{bucket}: the difference is counted, and its price may be wrong",
        provider=provider,
        model=model,
        bucket=bucket_id,
    )


def projection_message(bucket: BucketState, cap_at: float, zone: str) -> Message:
    """On which day of the owner's zone the cap is reached.

    >>> api = BucketState("api", 0, 9e9, Decimal(15_000), Decimal(10_600))
    >>> str(projection_message(api, 1_795_359_600.0, "Asia/Seoul"))
    'at this pace 100 % of the budget api (15,000 won) is reached on 2026-11-23'
    """
    day = datetime.fromtimestamp(cap_at, ZoneInfo(zone)).date()
    return say(
        "at this pace 100 % of the budget {bucket} ({cap} won) is reached on {day}",
        bucket=bucket.bucket_id,
        cap=won(bucket.cap_won),
        day=day.isoformat(),
    )


def done_message(
    bucket: BucketState, refused: tuple[str, ...], stops: bool, zone: str = "UTC"
) -> Message:
    """What Sallim did about it."""
    if bucket.mode == "count":
        return say("nothing is refused: this budget only counts (budget.modes)")
    if stops:
        return _stops_message(bucket, zone)
    if not bucket.blocks:
        return say("nothing is refused: budgets only count (automation.block)")
    return (
        say("nothing is refused yet"),
        say("optional calls are refused"),
        say("optional and important calls are refused; essential ones go on"),
        say("all calls that cost something are refused"),
    )[len(refused)]


def _stops_message(bucket: BucketState, zone: str) -> Message:
    """As far as `[automation]` goes, and a pause of it."""
    if bucket.paused_until is not None and bucket.stops != "off":
        return _paused_message(bucket, moment_text(bucket.paused_until, ZoneInfo(zone)))
    if bucket.blocks and bucket.stops == "on":
        return say("new calls are refused, and what costs money and is not essential is stopped")
    if bucket.stops == "on":
        return say("what costs money and is not essential is stopped; no call is refused")
    is_asked = bucket.stops == "ask"
    if bucket.blocks:
        return (
            say("new calls are refused; services are stopped when you say yes")
            if is_asked
            else say("new calls are refused; no service is stopped (automation.stop)")
        )
    return (
        say("no call is refused; services are stopped when you say yes")
        if is_asked
        else say("no call is refused, and no service is stopped (automation)")
    )


def _paused_message(bucket: BucketState, until: str) -> Message:
    if bucket.blocks:
        return say(
            "new calls are refused; nothing was stopped: automation is paused until {until}",
            until=until,
        )
    return say(
        "no call is refused, and nothing was stopped: automation is paused until {until}",
        until=until,
    )


def only_counting(settings: Settings) -> list[Message]:
    """That no call is refused at all, which is a problem until somebody changes it.

    >>> only_counting(Settings())
    []
    """
    if settings.automation.block == "on" or settings.demo:
        return []
    text = say(
        'budgets only count, no call is refused: automation.block is "{value}"; set it to "on"',
        value=settings.automation.block,
    )
    return [text]


def advice_message(step: Step) -> Message:
    """What the owner allows to be advised before anything is refused."""
    if step == "batch":
        return say("send what can wait as a batch, which costs half")
    return say("use a cheaper model where it will do")


def to_do_message(bucket_id: str) -> Message:
    return say(
        "to go on, raise or release {bucket} on the page Budget, or change [budget] in the "
        "settings; else it goes on with the next month",
        bucket=bucket_id,
    )


def won(amount: Decimal) -> str:
    """Whole won with commas."""
    return f"{amount.quantize(Decimal(1), ROUND_HALF_UP):,}"
