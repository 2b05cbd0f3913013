"""Refusals: HTTP 402 with JSON that says what is left, what is needed and how to go on.

402 and not an exception: the SDKs of OpenAI, Anthropic and Google make one attempt of it, where
they try three times again what a transport raises (measured with openai 3.54, anthropic 2.12).
What frees by itself, such as a quota of a minute, is 429, which says when.
"""

from __future__ import annotations

import json
import time
from typing import NamedTuple

from sallim.ledger.money_rows import BUDGET, HELD, NO_BUDGET, NO_PERIOD, PACE, PPM, QUOTA, Refused
from sallim.ledger.refusals import MINUTE_US
from sallim.ledger.statement_rows import Refusal as Row
from sallim.money import MICRO, won_text

STATUS, SLOW_DOWN = 402, 429
HEADERS = (("content-type", "application/json"), ("x-should-retry", "false"))
"""The second is read by the SDKs of OpenAI and Anthropic."""

UNKNOWN_HOST, UNKNOWN_MODEL = "unknown_host", "unknown_model"
UNPRICED_PATH, UNPRICED_TOOL, UNBOUNDED = "unpriced_path", "unpriced_tool", "unbounded"
UNREADABLE, LEDGER, NO_LEDGER = "unreadable_request", "ledger_unavailable", "no_ledger"
"""Codes of refusals beside those of the ledger (budget, no_budget, no_period, repeated, pace,
quota, held)."""

SET_BUDGET = (
    "Give it one below [budget] in sallim.toml where the agent runs, say `python -m agent reload`, "
    "and send the call again. Where the agent has one, SALLIM_HOME names another folder than its "
    "home, which `python -m agent status` says."
)


RESUME = (
    'Have it go on by `python -m agent budget resume --reason "..."` where the agent runs, or by '
    "/resume from the phone."
)

KINDS = {
    BUDGET: "budget_exceeded",
    PACE: "rate_limit_exceeded",
    QUOTA: "rate_limit_exceeded",
}


class Refusal(NamedTuple):
    """Why a call is not sent. Money is in micro-won; None where it is no matter of money."""

    code: str
    message: str
    how: str
    """What a person can do, such as the lines to paste."""

    bucket: str = ""
    left_micro: int | None = None
    needed_micro: int | None = None
    resets_us: int = 0
    zone: str = ""
    """Of the household whose month it is, as in Asia/Seoul."""

    @property
    def status(self) -> int:
        """Of HTTP."""
        return SLOW_DOWN if self.code in (PACE, QUOTA) else STATUS

    def headers(self) -> tuple[tuple[str, str], ...]:
        """Of HTTP: an SDK must not try again by itself, also where a caller may later on."""
        if self.status != SLOW_DOWN or not self.resets_us:
            return HEADERS
        seconds = max(1, -(-(self.resets_us - time.time_ns() // 1_000) // MICRO))
        return (*HEADERS, ("retry-after", str(seconds)))

    def body(self) -> bytes:
        """JSON as the SDKs look for it; amounts are decimal texts in won, so nothing rounds."""
        error = {
            "type": KINDS.get(self.code, "call_refused"),
            "code": self.code,
            "message": f"Sallim: {self.message} {self.how}".strip(),
            "left_krw": _won(self.left_micro),
            "needed_krw": _won(self.needed_micro),
            "bucket": self.bucket,
            "resets_at": _moment(self.resets_us),
            "resets_at_local": _local(self.resets_us, self.zone),
            "time_zone": self.zone or None,
            "how_to_raise": self.how,
        }
        # `type` beside `error` is where Anthropic's SDK looks.
        return json.dumps({"type": "error", "error": error}, ensure_ascii=False).encode()


def row_of(refusal: Refusal, provider: str, name: str, priority: str) -> Row:
    """As it is counted where the ledger was not asked for money; `name` is a model, else a path."""
    now_us = time.time_ns() // 1_000
    key = ("", provider, name, now_us - now_us % MINUTE_US)
    return Row(0, *key, refusal.code, priority, 1, 0, now_us)


FEWER_TOKENS = "bound the call by its max tokens"


def of_ledger(refused: Refused, lessen: str = FEWER_TOKENS) -> Refusal:
    """What the ledger said, as a sentence.

    `lessen` is how such a call can be made to need less; "" where it cannot.
    """
    needed, zone = refused.needed_micro, _zone_of(refused.calendar)
    if refused.code == NO_BUDGET:
        return Refusal(
            NO_BUDGET,
            "there is no budget yet, so nothing may be spent.",
            SET_BUDGET,
            refused.bucket_id,
            needed_micro=needed,
        )
    if refused.code == NO_PERIOD:
        return Refusal(
            NO_PERIOD,
            f"the budget {refused.bucket_id!r} has no month that holds now.",
            "Start the agent, which writes its months ahead (`python -m agent doctor`).",
            refused.bucket_id,
            needed_micro=needed,
        )
    if refused.code == HELD:
        return Refusal(
            HELD,
            "a person stopped everything that costs money, API calls of every priority too "
            f"(since {_said(refused.since_us, zone)}).",
            RESUME,
            refused.bucket_id,
            needed_micro=needed,
            zone=zone,
        )
    if refused.code in (PACE, QUOTA):
        return _slow_down(refused)
    if refused.code != BUDGET:
        return Refusal(
            refused.code, "this attempt is over already.", "Ask again.", refused.bucket_id
        )
    return Refusal(
        BUDGET,
        f"{won_text(needed)} won may be needed, and {won_text(refused.left_micro)} are left of "
        f"{won_text(refused.limit_micro)} for {refused.priority} calls in {refused.bucket_id!r} "
        f"(until {_said(refused.resets_us, zone)}).",
        _raise_it(refused, lessen),
        refused.bucket_id,
        refused.left_micro,
        needed,
        refused.resets_us,
        zone,
    )


def _slow_down(refused: Refused) -> Refusal:
    needed, bucket = refused.needed_micro, refused.bucket_id
    frees = _moment(refused.resets_us) or "never"
    if refused.code == QUOTA:
        name, _, window = bucket.rpartition(":")
        name = name.partition(":")[2]
        return Refusal(
            QUOTA,
            f"the quota {name!r} lets {refused.calls_max} calls a {window} through, and has none "
            f"left until {frees}.",
            f"Wait until then, or change the [[quota]] {name!r} in sallim.toml where the agent "
            "runs.",
            bucket,
            needed_micro=needed,
            resets_us=refused.resets_us,
        )
    return Refusal(
        PACE,
        f"calls in {bucket!r} use money so fast that it looks like a loop: "
        f"{won_text(refused.used_micro)} of {won_text(refused.limit_micro)} won that "
        f"{refused.priority} calls may use at once, and {won_text(refused.cap_micro)} won an hour "
        f"come back; {won_text(needed)} won may be needed, for which there is room at {frees}.",
        "Wait until then, bound the call by its max tokens, or raise pace_factor or "
        "pace_burst_percent below [budget] in sallim.toml where the agent runs.",
        bucket,
        refused.left_micro,
        needed,
        refused.resets_us,
    )


def _raise_it(refused: Refused, lessen: str) -> str:
    part = 100 * refused.limit_micro * PPM // max(refused.cap_micro, 1) // PPM
    stops = f" {refused.priority} calls stop at {part} % of it;" if part < 100 else ""
    return (
        f"Raise the cap of {refused.bucket_id!r} below [budget] in sallim.toml where the agent "
        f"runs{_or(stops, lessen)}."
    )


def _or(stops: str, lessen: str) -> str:
    if stops:
        return f";{stops} or {lessen}" if lessen else f";{stops.rstrip(';')}"
    return f"; or {lessen}" if lessen else ""


def _zone_of(calendar: str) -> str:
    """The part behind the unit.

    >>> _zone_of("month:Asia/Seoul"), _zone_of("")
    ('Asia/Seoul', '')
    """
    return calendar.partition(":")[2]


def _said(us: int, zone: str) -> str | None:
    """In the house's zone, by which its months go, and in UTC."""
    local = _local(us, zone)
    if local is None:
        return _moment(us)
    return f"{local[:16].replace('T', ' ')} in {zone}, which is {_moment(us)}"


def _local(us: int, zone: str) -> str | None:
    """As RFC 3339 with the offset of the zone; None where this machine does not know it."""
    if not us or not zone:
        return None
    from datetime import datetime
    from zoneinfo import ZoneInfo

    try:
        return datetime.fromtimestamp(us // MICRO, ZoneInfo(zone)).isoformat()
    except (KeyError, ValueError, OSError):
        return None


def _won(micro: int | None) -> str | None:
    """Won with six decimals, exactly.

    >>> _won(1_500_000), _won(-1)
    ('1.500000', '-0.000001')
    """
    if micro is None:
        return None
    whole, part = divmod(abs(micro), MICRO)
    return f"{'-' if micro < 0 else ''}{whole}.{part:06d}"


def _moment(us: int) -> str | None:
    """UTC, as RFC 3339."""
    if not us:
        return None
    from datetime import datetime, timezone

    moment = datetime.fromtimestamp(us // MICRO, timezone.utc)  # noqa: UP017 Python 3.9
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
