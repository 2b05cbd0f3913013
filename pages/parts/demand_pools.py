"""What a forecast may do: whether it starts machines of a pool, since when and why."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from models.messages import Message
from models.scaling.shapes import Plan
from models.settings.pool import Pool
from models.settings.target import Target
from pages.parts.demand_source import plans_of
from pages.parts.formats import moment
from pages.parts.house import home, house, settings
from pages.parts.status import FINE, UNKNOWN, badge
from pages.parts.texts import plain, texts, told

PLAN_DAYS = 2


def draw_pools(target: Target, said: Mapping[str, Any]) -> None:
    """`said` is the answer of `GET /demand`. Raises AgentSilent, QueryRefused."""
    _ = texts()
    pools = [pool for pool in settings().pool if pool.target == target.name]
    if not pools:
        return
    st.subheader(_("Machines"))
    by_name = {each.get("pool"): each for each in said.get("pools", ())}
    lines = []
    for pool in pools:
        plans = plans_of(home(), pool.name, PLAN_DAYS)
        last = plans[-1] if plans else None
        lines.append(_switch_line(pool, by_name.get(pool.name), last))
        if last is not None:
            text = _("Planned {moment}: {reason}.")
            at = moment(last.at, house().zone)[5:16]
            lines.append(text.format(moment=at, reason=told(last.reason)))
    st.markdown("  \n".join(lines))
    st.caption(
        _(
            "A forecast only ever adds machines, within what the settings and the budget let. "
            "Machines are given back by what is measured. In this version it is planned, and "
            "nothing is bought."
        )
    )


def _switch_line(pool: Pool, switch: Mapping[str, Any] | None, last: Plan | None) -> str:
    """As the agent tells it; to whom it tells nothing, as it last planned."""
    _ = texts()
    title = f"**{plain(pool.name)}**"
    if pool.batch_jobs:
        text = _("{name}: for rare work machines start by what waits.").format(name=title)
        return badge(UNKNOWN, _("no forecast needed")) + " " + text
    if not pool.prediction:
        text = _("{name}: the settings let no forecast start machines.").format(name=title)
        return badge(UNKNOWN, _("prediction off")) + " " + text
    if switch is not None and switch.get("since") is not None:
        text = _("{name} since {moment}: {reason}").format(
            name=title,
            moment=moment(float(switch["since"]), house().zone)[:16],
            reason=told(Message.from_json(switch["reason"])),
        )
        return _mark(bool(switch.get("is_on"))) + " " + text
    if last is not None and "is_on" in last.inputs:
        why = last.inputs.get("gate")
        reason = f": {told(Message.from_json(why))}" if isinstance(why, dict) else ""
        return f"{_mark(bool(last.inputs['is_on']))} {title}{reason}"
    return badge(UNKNOWN, _("not known")) + " " + title


def _mark(is_on: bool) -> str:
    _ = texts()
    return badge(FINE, _("prediction on")) if is_on else badge(UNKNOWN, _("prediction off"))
