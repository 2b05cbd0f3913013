"""What waits for money, as lines of text."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from models.messages import Message
from models.requests.limits import moment_text
from models.waiting.item import WAITING
from sallim.money import won_text


def waiting_lines(state: Mapping[str, Any], zone: ZoneInfo) -> list[str]:
    """`state` is what `GET /waiting` says."""
    lines = [_line(each, zone) for each in state["items"]]
    lines = lines or ["Nothing waits for money."]
    if state["waiting"]:
        won = won_text(state["estimated_micro"])
        lines.append(f"{state['waiting']} wait, about {won} won; rerun is {state['rerun']!r}")
    if state["next"] is not None:
        lines.append(str(Message.from_json(state["next"])))
    return lines


def _line(item: Mapping[str, Any], zone: ZoneInfo) -> str:
    since = moment_text(item["since"], zone)
    own = item["key"] or item["execution_id"]
    hint = ""
    if item["problem"]:
        hint = f" – {Message.from_json(item['problem'])}"
    elif item["state"] == WAITING and not item["has_way"]:
        hint = " – run it yourself, or name a [[waiting.rerun_by]]"
    return (
        f"{item['item_id']} {item['state']}: {item['name']} {own} since {since}, refused by "
        f"{item['bucket_id']}, about {won_text(item['estimated_micro'])} won{hint}"
    )
