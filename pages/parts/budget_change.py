"""What a person may ask for: said in a form, shown before it is done, typed, then followed.

Nothing is done here: the agent looks who asks and whether he may, whatever the page shows.
"""

import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import streamlit as st

from models.errors import AgentSilent, RequestRefused
from models.messages import Message
from models.requests import Kind
from models.requests.roles import may
from models.requests.texts import reason as checked
from pages.entry.visitors import ANYBODY, Visitor
from pages.parts.account import visitor
from pages.parts.asking_agent import SILENT, asked, sentence
from pages.parts.budget_forms import draw_fields, shape_of
from pages.parts.budget_source import Standing
from pages.parts.budget_words import KINDS, word
from pages.parts.choices import segments
from pages.parts.formats import krw
from pages.parts.house import home
from pages.parts.source import view_of
from pages.parts.status import HIGH, WATCH, badge
from pages.parts.texts import plain, texts, told

OFFERED: tuple[Kind, ...] = (
    *("raise", "release", "withdraw", "settle"),
    *("stop_all", "resume", "stop", "start"),
    *("pause", "silence", "acknowledge"),
)
PREPARED, REFUSED, FOLLOWED = "prepared", "refused", "followed"
"""In the session: what waits to be confirmed, why nothing was done, and which request is shown."""


class Prepared(NamedTuple):
    """What was shown of a request, with the leave to ask for it once, for a minute."""

    shape: Mapping[str, Any]
    reason: str
    shown: Mapping[str, Any]


def offered_to(role: str) -> list[Kind]:
    """What somebody may ask for here.

    >>> offered_to("operator"), offered_to("viewer")
    (['stop', 'start', 'silence', 'acknowledge'], [])
    """
    return [kind for kind in OFFERED if may(role, kind)]


def draw_change(standing: Standing) -> None:
    """Raises AgentSilent."""
    _ = texts()
    if view_of(home()).silent:
        st.caption(told(SILENT))
        return
    here = visitor()
    kinds = offered_to("" if here is None else here.role)
    if here is None or not kinds:
        st.caption(why_not(here))
        return
    if draw_waiting():
        return
    by_name = {str(kind): kind for kind in kinds}
    kind = by_name[
        segments(_("Request"), "ask", list(by_name), lambda key: word(KINDS, key), many=True)
    ]
    with st.form(f"wish-{kind}"):
        can = draw_fields(kind, standing)
        st.text_input(_("Reason"), max_chars=300, key=f"reason-{kind}")
        st.form_submit_button(
            _("Show what follows"),
            icon=":material/visibility:",
            disabled=not can,
            on_click=_prepare,
            args=(kind,),
        )
    others = [word(KINDS, each) for each in OFFERED if each not in kinds]
    if others:
        st.caption(_("Only an owner may: {kinds}.").format(kinds=", ".join(others)))


def draw_waiting() -> bool:
    """Why nothing was done, and what waits to be confirmed; whether something does."""
    refusal = st.session_state.pop(REFUSED, None)
    if refusal:
        st.error(refusal, icon=":material/block:")
    prepared = st.session_state.get(PREPARED)
    if not isinstance(prepared, Prepared):
        return False
    _draw_prepared(prepared)
    return True


def why_not(here: Visitor | None) -> str:
    _ = texts()
    if here is ANYBODY or here is None:
        return _("Nobody is signed in here, so nothing can be asked for.")
    if here.rests:
        return _(
            "Your rights rest, since this device was not used for a while. Open a new link to sign "
            "in: `python -m agent link`."
        )
    return _("You may look and not change anything; ask somebody who is an owner.")


# What buttons do stands in callbacks: Streamlit calls them once, before anything is drawn anew.


def _prepare(kind: Kind) -> None:
    said = {str(key): value for key, value in st.session_state.items()}
    prepare(shape_of(kind, said, time.time()), str(said[f"reason-{kind}"]))


def prepare(shape: Mapping[str, Any], reason: str) -> None:
    """For a callback: look what would follow, and get the leave to ask for it once."""
    try:
        checked(reason)
        shown = asked("/requests/nonce", shape)
    except (RequestRefused, AgentSilent) as trouble:
        st.session_state[REFUSED] = sentence(trouble)
    else:
        st.session_state[PREPARED] = Prepared(shape, reason, shown)


def _draw_prepared(prepared: Prepared) -> None:
    _ = texts()
    wanted = str(prepared.shown["confirm"])
    title = f"**{word(KINDS, prepared.shape['kind'])}**"
    with st.container(border=True):
        st.markdown("  \n".join([title, *lines_of(prepared.shown)]))
        if wanted:
            st.text_input(
                _("Type {wanted} to confirm").format(wanted=plain(wanted)),
                key="confirm",
                autocomplete="off",
            )
        st.caption(_("This is good for one minute, and once."))
        with st.container(horizontal=True):
            st.button(_("Do it"), type="primary", key="do", on_click=_do)
            st.button(_("Leave it"), key="leave", on_click=_leave)


def _leave() -> None:
    st.session_state.pop(PREPARED, None)


def _do() -> None:
    """The leave is given up before it is used: whatever happens, it is used once."""
    _ = texts()
    prepared, typed = st.session_state.get(PREPARED), str(st.session_state.get("confirm", ""))
    if not isinstance(prepared, Prepared):
        return
    wanted = str(prepared.shown["confirm"])
    if is_typed(typed, wanted):
        _leave()
        _send(prepared, typed)
    else:
        st.session_state[REFUSED] = _("Type {wanted} to confirm; nothing was done.").format(
            wanted=plain(wanted)
        )


def is_typed(typed: str, wanted: str) -> bool:
    """The agent decides; here it only saves a minute's leave from a slip of the finger.

    >>> is_typed(" 3,000 ", "3000"), is_typed("", "3000")
    (True, False)
    """
    return typed.strip().replace(",", "") == wanted.replace(",", "")


def _send(prepared: Prepared, typed: str) -> None:
    _ = texts()
    whole = {
        **prepared.shape,
        "reason": prepared.reason,
        "confirm": typed,
        "nonce": prepared.shown["nonce"],
    }
    try:
        kept = asked("/requests", whole)
    except RequestRefused as refusal:
        st.session_state[REFUSED] = sentence(refusal)
        if refusal.kept:
            st.session_state[FOLLOWED] = refusal.kept
    except AgentSilent:
        st.session_state[REFUSED] = _(
            "The agent did not answer in time. Look among the requests what became of it before "
            "you ask again."
        )
    else:
        st.session_state[FOLLOWED] = str(kept["request_id"])


def draw_answers_to(batch: str) -> None:
    """Yes and no, for whoever may."""
    _ = texts()
    here = visitor()
    if here is None or not may(here.role, "agree"):
        return
    with st.container(horizontal=True):
        for kind, title in (("agree", _("Yes")), ("decline", _("No"))):
            st.button(title, key=f"{kind}-{batch}", on_click=ask_at_once, args=(kind, batch))


def ask_at_once(kind: Kind, target: str) -> None:
    """Both steps at once: what would follow stands beside the button, and nothing is typed."""
    _ = texts()
    shape = {"kind": kind, "target": target, "args": {}}
    try:
        shown = asked("/requests/nonce", shape)
    except (RequestRefused, AgentSilent) as trouble:
        st.session_state[REFUSED] = sentence(trouble)
    else:
        _send(Prepared(shape, _("answered on the page"), shown), "")


def lines_of(shown: Mapping[str, Any]) -> list[str]:
    """What would follow, as lines of Markdown: of a stop also what goes on billing and is lost."""
    _ = texts()
    lines = [told(Message.from_json(line)) for line in shown["lines"]]
    effect = shown["effect"]
    words = {
        "stops": (HIGH, _("stops")),
        "still_bills": (WATCH, _("still billed")),
        "lost": (HIGH, _("is lost")),
    }
    for key, (look, title) in words.items():
        things = [_thing(each) for each in effect.get(key) or ()]
        if things:
            joint = " → " if key == "stops" else ", "
            lines.append(f"{badge(look, title)} {joint.join(things)}")
    saved = effect.get("saved_hour_krw")
    if saved:
        lines.append(_("saves {won} an hour").format(won=krw(Decimal(saved))))
    return lines


def _thing(each: object) -> str:
    if not isinstance(each, dict):
        return plain(str(each))
    what = each.get("what") or ""
    text = told(Message.from_json(what)) if isinstance(what, dict) else plain(str(what))
    name = plain(str(each.get("target", "")))
    return f"{name} ({text})" if text else name
