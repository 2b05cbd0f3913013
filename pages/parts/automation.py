"""The tab `automation`: what Sallim may do by itself, and what it would have done since install."""

from collections.abc import Mapping
from typing import Any, get_args

import streamlit as st

from models.messages import Message, say
from models.operations import ASKED, DECLINED, WOULD, Undone
from models.settings.automation import Permission
from models.typed import typed
from pages.parts.budget_source import stops_now
from pages.parts.budget_words import BYS, VERBS, word
from pages.parts.formats import moment
from pages.parts.house import home, house, settings
from pages.parts.status import FINE, UNKNOWN, WATCH, badge
from pages.parts.texts import texts, told
from pages.parts.values import draw_rows

RIGHTS: Mapping[str, Message] = {
    "count": say("**Count** what everything costs, and tell it"),
    "block": say("**Block** calls that no longer fit a budget"),
    "stop": say("**Stop** each service at 100 %, and bring it back"),
    "scale": say("**Scale**: buy and return machines"),
    "repair": say("**Repair** what is down"),
}
PERMISSIONS: tuple[Permission, ...] = get_args(Permission)


def draw_automation() -> None:
    _ = texts()
    stops = stops_now()
    in_force = stops.get("automation") or settings().automation.model_dump()
    st.subheader(_("What may Sallim do by itself?"))
    st.markdown("  \n".join(f"{_scale(in_force[key])} {told(RIGHTS[key])}" for key in RIGHTS))
    st.caption(
        _(
            "*off* writes down what would have been done, *ask* waits for a person's yes, *on* "
            "does it. Nothing switches itself to *on*, and what a person asks for is done in any "
            "case."
        )
    )
    st.code(
        "\n".join(["[automation]", *(f'{key} = "{in_force[key]}"' for key in RIGHTS)]),
        language="toml",
    )
    st.caption(
        _(
            "No page writes the settings: change these lines in `sallim.toml`, and `{command}` "
            "takes them over."
        ).format(command=typed("reload", home()))
    )
    _draw_would(stops)


def _scale(permission: str) -> str:
    """Off – ask – on, the one that holds as a badge."""
    _ = texts()
    words = {"off": _("off"), "ask": _("ask"), "on": _("on")}
    looks = {"off": UNKNOWN, "ask": WATCH, "on": FINE}
    return " – ".join(
        badge(looks[each], words[each]) if each == permission else words[each]
        for each in PERMISSIONS
    )


def _draw_would(stops: Mapping[str, Any]) -> None:
    _ = texts()
    st.subheader(_("What it would have done"))
    if not stops:
        st.caption(_("○ Only the agent knows, and it is silent."))
        return
    rows = [Undone(**each) for each in stops.get("undone", ())]
    if not rows:
        st.caption(_("○ Nothing so far: whatever was ordered was done."))
        return
    words = {
        WOULD: _("only written down"),
        ASKED: _("asked, no answer yet"),
        DECLINED: _("declined"),
    }
    draw_rows(
        {
            _("Last"): [moment(row.last_at, house().zone)[:16] for row in rows],
            _("What"): [f"{word(VERBS, row.verb)}: {row.target}" for row in rows],
            _("By"): [word(BYS, row.ordered_by) for row in rows],
            _("State"): [words[row.state] for row in rows],
            _("Times"): [row.times for row in rows],
        },
        key="would",
        alt=_("What Sallim would have done by itself"),
    )
