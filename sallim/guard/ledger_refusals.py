"""What the ledger refuses, as a sentence and with what a person can do."""

from __future__ import annotations

from sallim.guard.refusing import Refusal, local_of, moment_of
from sallim.ledger.money_rows import BUDGET, HELD, NO_BUDGET, NO_PERIOD, PACE, PPM, QUOTA, Refused
from sallim.money import won_text

SET_BUDGET = (
    "Give it one below [budget] in sallim.toml where the agent runs, say `python -m agent reload`, "
    "and send the call again. Where the agent has one, SALLIM_HOME names another folder than its "
    "home, which `python -m agent status` says."
)
RESUME = (
    'Have it go on by `python -m agent budget resume --reason "..."` where the agent runs, or by '
    "/resume from the phone."
)

FEWER_TOKENS = "bound the call by its max tokens"


def of_ledger(refused: Refused, lessen: str = FEWER_TOKENS) -> Refusal:
    """What the ledger said, as a sentence.

    `lessen` is how such a call can be made to need less; "" where it cannot.
    """
    if refused.code == BUDGET:
        return _too_dear(refused, lessen)
    if refused.code == PACE:
        return _too_fast(refused, lessen)
    if refused.code == QUOTA:
        return _too_many(refused)
    return _whatever_it_costs(refused)


def _whatever_it_costs(refused: Refused) -> Refusal:
    needed, zone = refused.needed_micro, _zone_of(refused.calendar)
    if refused.code == NO_BUDGET:
        message, how = "there is no budget yet, so nothing may be spent.", SET_BUDGET
    elif refused.code == NO_PERIOD:
        message = f"the budget {refused.bucket_id!r} has no month that holds now."
        how = "Start the agent, which writes its months ahead (`python -m agent doctor`)."
    elif refused.code == HELD:
        message = (
            "a person stopped everything that costs money, API calls of every priority too "
            f"(since {_said(refused.since_us, zone)})."
        )
        how = RESUME
    else:
        message, how = "this attempt is over already.", "Ask again."
    return Refusal(refused.code, message, how, refused.bucket_id, needed_micro=needed, zone=zone)


def _too_dear(refused: Refused, lessen: str) -> Refusal:
    needed, zone = refused.needed_micro, _zone_of(refused.calendar)
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


def _too_many(refused: Refused) -> Refusal:
    name, _, window = refused.bucket_id.rpartition(":")
    name = name.partition(":")[2]
    calls = "1 call" if refused.calls_max == 1 else f"{refused.calls_max} calls"
    return Refusal(
        QUOTA,
        f"the quota {name!r} lets {calls} a {window} through, and has none left until "
        f"{moment_of(refused.resets_us) or 'never'}.",
        f"Wait until then, or change the [[quota]] {name!r} in sallim.toml where the agent runs.",
        refused.bucket_id,
        needed_micro=refused.needed_micro,
        resets_us=refused.resets_us,
    )


def _too_fast(refused: Refused, lessen: str) -> Refusal:
    """A call that is larger than all that may be used at once waits until nothing is used."""
    bucket, needed, frees = refused.bucket_id, refused.needed_micro, moment_of(refused.resets_us)
    at_once = f"{won_text(refused.limit_micro)} won that {refused.priority} calls in {bucket!r}"
    back = f"{won_text(refused.cap_micro)} won an hour come back"
    message = (
        f"{won_text(needed)} won may be needed, more than the {at_once} may use at once; there is "
        f"room for it when nothing of that is used any more, at {frees} ({back})."
        if needed > refused.limit_micro
        else f"of the {at_once} may use at once, {won_text(refused.used_micro)} are used, so fast "
        f"that it looks like a loop; {back}, and for the {won_text(needed)} won that may be "
        f"needed there is room at {frees}."
    )
    return Refusal(
        PACE,
        message,
        f"Wait until then{f', {lessen}' if lessen else ''}, or raise what may be used at once: "
        f'pace_factor, pace_burst_percent, or paces = ["{bucket}=.../hour"] below [budget] in '
        "sallim.toml where the agent runs.",
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
    local = local_of(us, zone)
    if local is None:
        return moment_of(us)
    return f"{local[:16].replace('T', ' ')} in {zone}, which is {moment_of(us)}"
