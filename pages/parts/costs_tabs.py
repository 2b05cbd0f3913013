"""What each tab of the costs draws, and what is drawn where nothing was ever let through."""

from models.costs.periods import Unit
from pages.parts.costs_advice import draw_advice
from pages.parts.costs_calls import draw_calls
from pages.parts.costs_models import draw_cost_of_analyses, draw_models
from pages.parts.costs_providers import draw_providers
from pages.parts.costs_refused import draw_only_refused, draw_refused
from pages.parts.empty import draw_no_calls
from pages.parts.house import home

OF_A_SPAN = {
    "models": draw_models,
    "analyses": draw_cost_of_analyses,
    "calls": draw_calls,
    "refused": draw_refused,
}
OF_NO_SPAN = {"providers": draw_providers, "advice": draw_advice}


def draw_tab(key: str, unit: Unit) -> None:
    """Raises AgentSilent, QueryRefused."""
    if key in OF_NO_SPAN:
        OF_NO_SPAN[key]()
    else:
        OF_A_SPAN[key](unit)


def draw_without_calls() -> None:
    draw_no_calls(home())
    draw_only_refused("year")
    draw_providers(only_known=True)
