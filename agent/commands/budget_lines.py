"""How the budgets stand, as lines of text."""

from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from models.costs.limited import PERCENT_PPM, Limited
from models.messages import Message
from models.requests.limits import moment_text
from sallim.money import PPM, won_text

HELD = {
    "stop_all": "stopped by a person:",
    "pause": "pause of what Sallim does by itself",
    "silence": "silence of",
    "acknowledge": "acknowledged",
}


def budget_lines(state: Mapping[str, Any], zone: ZoneInfo) -> list[str]:
    """`state` is what `GET /budget` says, or the part of it that the ledger knows."""
    lines = [line for each in state["buckets"] for line in _bucket(Limited.from_json(each), zone)]
    lines = lines or ["There is no budget in the ledger yet; the agent writes it when it starts."]
    if state.get("held_since"):
        since = moment_text(state["held_since"], zone)
        lines.insert(0, f"No call that costs something is let through: stopped since {since}.")
    lines += [
        f"in doubt: {call['call']} attempt {call['attempt']} ({call['provider']} {call['model']}), "
        f"counted at its worst case of {won_text(call['worst_micro'])} won"
        for call in state["unverified"]
    ]
    lines += [_raise(one, zone) for one in state.get("raises", ())]
    lines += [_plan(one) for one in state.get("plans", ())]
    lines += [_order(order, zone) for order in state.get("orders", ())]
    return lines + [line for fence in state.get("fences", ()) for line in _fence(fence)]


def _bucket(bucket: Limited, zone: ZoneInfo) -> Iterator[str]:
    until = moment_text(bucket.until, zone)
    spent, cap = bucket.spent_micro, bucket.cap_micro
    part = f" ({spent * 100 // cap}%)" if cap else ""
    yield (
        f"{bucket.bucket_id}: {won_text(spent)} of {won_text(cap)} won spent{part}, "
        f"{won_text(bucket.reserved_micro)} kept free for open calls and what falls due, "
        f"{won_text(bucket.left_micro)} left until {until}"
    )
    if bucket.lines_ppm:
        passed = ", ".join(f"{line // PERCENT_PPM}%" for line in bucket.lines_ppm)
        yield f"  lines passed: {passed} of {PPM // PERCENT_PPM}%"
    if bucket.refused:
        names = ", ".join(bucket.refused)
        yield f"  limited: {names} calls are refused until {until}, or until it is raised"


def _raise(one: Mapping[str, Any], zone: ZoneInfo) -> str:
    what = f"raised by {one['delta_krw']:,} won" if one["delta_krw"] else "released"
    until = moment_text(one["until"], zone)
    return f"{one['bucket']} is {what} until {until}, by {one['by']}: {one['reason']} [{one['id']}]"


def _plan(one: Mapping[str, Any]) -> str:
    amounts = ", ".join(f"{name} {amount:,}" for name, amount in sorted(one["amounts"].items()))
    return f"planned from {one['month']} on, by {one['planned_by']}: {amounts} won"


def _order(order: Mapping[str, Any], zone: ZoneInfo) -> str:
    until = order["until_at"]
    end = f" until {moment_text(until, zone)}" if until else ""
    return (
        f"{HELD[order['kind']]} {order['target']}{end}, by {order['ordered_by']}: {order['reason']}"
    )


def _fence(fence: Mapping[str, Any]) -> Iterator[str]:
    yield str(Message.from_json(fence["text"]))
    for note in fence["notes"]:
        yield f"  {Message.from_json(note)}"
