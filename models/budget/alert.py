"""What is handed to the outbox when something about a budget has to be told."""

from decimal import Decimal
from typing import NamedTuple

from models.budget.kept import Told
from models.budget.orders import Severity, Tell, TellKind
from models.budget.policy import advice, blocked, is_stopping
from models.budget.state import BucketState
from models.budget.words import (
    advice_message,
    done_message,
    full_message,
    line_message,
    overrun_message,
    projection_message,
    severity_of,
    to_do_message,
)
from models.messages import Message
from models.settings.budget import Budget
from sallim.ledger.money_rows import OVERRUN
from sallim.ledger.statement_rows import LimitEvent

MICRO = 1_000_000
PERCENT_PPM = 10_000
PROJECTION: TellKind = "projection"
FULL: TellKind = "full"
LINK = "budget"
"""The page that answers it."""


class Alert(NamedTuple):
    """`dedup_key` is the same however often it is put; `lines`: what was done, what can be."""

    dedup_key: str
    kind: str
    severity: Severity
    title: Message
    lines: tuple[Message, ...]
    link: str
    bucket_id: str


def told_of_event(event: LimitEvent, now: float) -> Told:
    """An event of the ledger as it is remembered."""
    return Told(
        bucket_id=event.bucket_id,
        start_us=event.start_us,
        version=event.version,
        kind=event.kind,
        threshold_ppm=event.threshold_ppm,
        # Of overruns each model is told by itself.
        once=f"{event.provider}\n{event.model}" if event.kind == OVERRUN else "",
        end_us=event.end_us,
        cap_micro=event.cap_micro,
        spent_micro=event.spent_micro,
        call_id=event.call_id,
        at_us=event.at_us,
        told_at=now,
    )


def told_of_tell(tell: Tell, bucket: BucketState, now: float) -> Told:
    """What the policy found by itself, under the same key as the event of the ledger has."""
    return Told(
        bucket_id=tell.bucket_id,
        start_us=int(bucket.start * MICRO),
        version=bucket.version,
        kind=tell.kind,
        threshold_ppm=tell.percent * PERCENT_PPM,
        once="",
        end_us=int(bucket.end * MICRO),
        cap_micro=int(bucket.cap_won * MICRO),
        spent_micro=int(bucket.spent_won * MICRO),
        call_id="",
        at_us=int(now * MICRO),
        told_at=now,
    )


def alert_of(row: Told, bucket: BucketState | None, settings: Budget, zone: str) -> Alert:
    """`bucket` as it stands now, None where it has no budget any more."""
    percent = row.threshold_ppm // PERCENT_PPM
    lines = [to_do_message(row.bucket_id)]
    if bucket is not None and int(bucket.start * MICRO) == row.start_us:
        refused = blocked(bucket, settings)
        lines.insert(0, done_message(bucket, refused, is_stopping(bucket), zone))
        lines[1:1] = [advice_message(each.step) for each in advice(bucket, settings)]
    return Alert(
        key_of(row),
        f"budget.{row.kind}",
        _severity(row, settings),
        _title(row, percent, bucket, zone),
        tuple(lines),
        LINK,
        row.bucket_id,
    )


def key_of(row: Told) -> str:
    """The `dedup_key` of its alert."""
    return ":".join(map(str, ("budget", *row[:6]))).replace("\n", "/")


def _severity(row: Told, settings: Budget) -> Severity:
    if row.kind == OVERRUN:
        return "critical"
    if row.kind == PROJECTION:
        return "warn"
    mode = settings.mode_of(row.bucket_id)
    if row.kind == FULL:
        return "critical" if mode == "stop" else "warn"
    return severity_of(row.threshold_ppm // PERCENT_PPM, mode, settings)


def _title(row: Told, percent: int, bucket: BucketState | None, zone: str) -> Message:
    if row.kind == OVERRUN:
        return overrun_message(row.bucket_id, *row.once.split("\n", 1))
    if row.kind == PROJECTION and bucket is not None and bucket.cap_at is not None:
        return projection_message(bucket, bucket.cap_at, zone)
    if row.kind == FULL and bucket is not None:
        return full_message(bucket)
    spent, cap = (Decimal(each) / MICRO for each in (row.spent_micro, row.cap_micro))
    return line_message(row.bucket_id, percent, spent, cap)
