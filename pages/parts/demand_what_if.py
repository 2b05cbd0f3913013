"""What if: the last week again, by the agent's own decisions, with what the sliders change."""

import streamlit as st

from models.demand.shapes import HOUR_SECONDS
from models.demand.targets import step_seconds_of
from models.scaling.what_if import WhatIf
from models.settings.target import Target
from pages.parts.choices import picker
from pages.parts.demand_outcomes import draw_chart, draw_sentences, draw_table, draw_tiles
from pages.parts.demand_situation import SKETCH, Known, known_of, outcome_of, pools_of
from pages.parts.demand_sliders import changes_of, draw_sliders, forget, ranges_of
from pages.parts.demand_swap import draw_swap, forget_swap
from pages.parts.empty import draw_empty
from pages.parts.house import home
from pages.parts.status import UNKNOWN, badge
from pages.parts.texts import texts, told


def draw_what_if(target: Target) -> None:
    """Raises AgentSilent, QueryRefused."""
    _ = texts()
    if step_seconds_of(target) > HOUR_SECONDS:
        draw_empty(_("Won are no work for machines: choose another series."))
        return
    pool = _pool(target)
    known = known_of(home(), target.name, pool)
    if known is None:
        draw_empty(_("Nothing of it is measured yet; a few hours are enough to begin with."))
        return
    ranges = ranges_of(known.situation)
    said = draw_sliders(known.situation, ranges, pool)
    swap = draw_swap(home()) if any(known.situation.calls_micro) else None
    st.button(
        _("As it is now"), key="as-now", icon=":material/undo:", on_click=_forget, args=(pool,)
    )
    changes = changes_of(said, ranges)._replace(swap=swap)
    found = outcome_of(home(), target.name, pool, changes)
    if found is None:
        draw_empty(_("Nothing of it was measured in the last week."))
        return
    draw_tiles(found)
    draw_sentences(found, known.bucket)
    draw_chart(found)
    draw_table(found)
    _draw_notes(found, known, pool)


def _forget(pool: str) -> None:
    """For a callback: everything as it is now."""
    forget(pool)
    forget_swap()


def _pool(target: Target) -> str:
    """Its pool, by the address where there are several; a sketch where there is none."""
    _ = texts()
    names = [pool.name for pool in pools_of(target)]
    if len(names) > 1:
        return picker(_("Machines"), "pool", names)
    return names[0] if names else SKETCH


def _draw_notes(found: WhatIf, known: Known, pool: str) -> None:
    _ = texts()
    notes = [told(note) for note in found.notes]
    if pool == SKETCH:
        text = _("No [[pool]] has this series for its demand: machines of a sketch are assumed.")
        notes.insert(0, text.replace("[[", "\\[\\["))
    if known.is_spread:
        notes.append(_("Only hours are known of it; each stands for its twelve parts alike."))
    mark = badge(UNKNOWN, _("assumed"))
    st.markdown("  \n".join(f"{mark} {note}" for note in notes))
    st.caption(
        _(
            "The last seven days are taken for the coming ones, and replayed by the very decisions "
            "of the agent with the money that is left. The address holds what is asked: share it."
        )
    )
