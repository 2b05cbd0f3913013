"""Which series is looked at, and what is said while nothing is forecast of it."""

from models.demand.shapes import Measured
from models.demand.targets import is_known, targets_of
from models.errors import AgentSilent, QueryRefused
from models.messages import Message
from models.settings.target import Target
from pages.parts.choices import picker
from pages.parts.demand_source import hours_of
from pages.parts.demand_words import target_name
from pages.parts.empty import draw_empty
from pages.parts.house import home, settings
from pages.parts.texts import texts, told

LOOKED_DAYS = 28
HOURS_MIN = 24
EXAMPLE = '[[target]]\nname = "videos"\nkind = "arrivals"\nonly = "video"'


def chosen_target() -> Target:
    """Of those that are known, by the address; where none is, the first that could be."""
    _ = texts()
    named = {target.name: target for target in shown_targets()}
    key = picker(_("Series"), "series", list(named), lambda name: target_name(named[name]))
    return named[key]


def shown_targets() -> tuple[Target, ...]:
    """All that the settings name; of those that stand for themselves the ones that have values."""
    ours = settings()
    every = targets_of(ours)
    if ours.target:
        return every
    return tuple(target for target in every if _has_values(target)) or every


def _has_values(target: Target) -> bool:
    try:
        return is_known(hours_of(home(), target.name, LOOKED_DAYS))
    except (AgentSilent, QueryRefused):
        return False


def draw_nothing_forecast(measured: Measured, problem: Message | None) -> None:
    """How many hours are still wanted, or what keeps it from being forecast."""
    _ = texts()
    if problem is not None:
        draw_empty(_("It is not forecast: {reason}").format(reason=told(problem)))
        return
    known = sum(value is not None for value in measured.values)
    if known == 0:
        text = _(
            "Nothing of it is measured yet. A forecast begins after 24 hours with values. What is "
            "forecast is named in `sallim.toml`, for example:"
        )
        draw_empty(text, (EXAMPLE, "toml"))
        return
    if known < HOURS_MIN:
        text = _("A forecast begins after 24 hours with values; {hours} are there.")
        draw_empty(text.format(hours=known))
        return
    draw_empty(_("Its first forecast is made within the hour."))
