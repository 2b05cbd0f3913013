"""That what was told as refused or stopped is over: said once, with what was brought back."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from models.budget.alert import LINK, Alert, key_of
from models.budget.kept import Told
from models.budget.orders import TellKind
from models.budget.policy import ALL_PERCENT, blocked, is_stopping
from models.budget.state import MICRO, PERCENT_PPM, BucketState
from models.budget.words import won
from models.messages import Message, say
from models.operations import ASKED, FAILED, REFUSED, VERIFIED, WOULD, Operation
from models.settings.budget import Budget
from sallim.ledger.money_rows import OPTIONAL

RESOLVED: TellKind = "resolved"
THRESHOLD: TellKind = "threshold"
NEWS_SECONDS = 3 * 86_400.0
"""A month that ended longer ago, while no agent ran, is no news."""


class Back(NamedTuple):
    """What was ordered to be started again, and how far that has come."""

    up: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    would: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    is_open: bool = False


def back_of(operations: Iterable[Operation]) -> Back:
    """Of starts, in the order in which they were planned; the last of each target counts."""
    last = {each.target: each for each in operations}

    def those(*states: str) -> tuple[str, ...]:
        return tuple(name for name, each in last.items() if each.state in states)

    return Back(
        those(VERIFIED),
        those(ASKED),
        those(WOULD),
        those(FAILED, REFUSED),
        any(each.is_open for each in last.values()),
    )


def limited_rows(
    states: Mapping[str, BucketState], told: Iterable[Told], settings: Budget, now: float
) -> list[Told]:
    """Of each bucket the last line that was told as refused or stopped, where that is over."""
    rows, ended = list(told), set()
    last: dict[str, Told] = {}
    for row in rows:
        if row.kind == RESOLVED:
            ended.add((row.bucket_id, row.once))
        elif _limits(row, states.get(row.bucket_id), settings):
            before = last.get(row.bucket_id)
            last[row.bucket_id] = row if before is None else max(before, row, key=_turn)
    return [
        row
        for row in last.values()
        if (row.bucket_id, once_of(row)) not in ended
        and now - row.end_us / MICRO < NEWS_SECONDS
        and _is_over(row, states[row.bucket_id], settings)
    ]


def once_of(row: Told) -> str:
    """Tells one time that a bucket was limited from another."""
    return f"{row.start_us}/{row.version}/{row.threshold_ppm}"


def told_of(row: Told, bucket: BucketState, now: float) -> Told:
    """That what this row told of is over, as it is remembered."""
    return row._replace(
        version=bucket.version,
        kind=RESOLVED,
        once=once_of(row),
        cap_micro=int(bucket.cap_won * MICRO),
        spent_micro=int(bucket.spent_won * MICRO),
        call_id="",
        at_us=int(now * MICRO),
        told_at=now,
    )


def alert_of_end(row: Told, before: Told, bucket: BucketState, back: Back, rules: Budget) -> Alert:
    """`row` is that of the end, `before` that of what is over."""
    title = say(
        "the limit of the budget {bucket} is over: {spent} of {cap} won are spent",
        bucket=bucket.bucket_id,
        spent=won(bucket.spent_won),
        cap=won(bucket.cap_won),
    )
    calls = (
        say("essential and important calls are let through again; optional ones are refused")
        if blocked(bucket, rules)
        else say("calls of every priority are let through again")
    )
    lines = (_reason(before, bucket), calls, *_brought_back(back))
    return Alert(key_of(row), f"budget.{RESOLVED}", "info", title, lines, LINK, bucket.bucket_id)


def _limits(row: Told, bucket: BucketState | None, settings: Budget) -> bool:
    if bucket is None or row.kind != THRESHOLD or bucket.mode == "count":
        return False
    percent = row.threshold_ppm // PERCENT_PPM
    if not bucket.blocks:
        return bucket.mode == "stop" and percent >= ALL_PERCENT
    return percent >= min(settings.optional_percent, settings.important_percent)


def _turn(row: Told) -> tuple[int, int, int]:
    return row.start_us, row.at_us, row.threshold_ppm


def _is_over(row: Told, bucket: BucketState, settings: Budget) -> bool:
    if is_stopping(bucket) or bucket.stopped is not None:
        return False
    refused = blocked(bucket, settings)
    was_hard = row.threshold_ppm // PERCENT_PPM >= settings.important_percent
    return not refused or (was_hard and refused == (OPTIONAL,))


def _reason(before: Told, bucket: BucketState) -> Message:
    if int(bucket.start * MICRO) != before.start_us:
        return say("a new month has begun")
    if bucket.cap_won * MICRO > before.cap_micro:
        return say("its cap is higher now")
    if bucket.is_released:
        return say("a person released it")
    return say("less is spent than was counted")


def _brought_back(back: Back) -> list[Message]:
    lines = (
        (back.up, say("started again: {names}", names=", ".join(back.up))),
        (back.asked, say("is started when you say yes: {names}", names=", ".join(back.asked))),
        (back.would, say("not started, only written down: {names}", names=", ".join(back.would))),
        (back.failed, say("could not be started: {names}", names=", ".join(back.failed))),
    )
    return [line for names, line in lines if names]
