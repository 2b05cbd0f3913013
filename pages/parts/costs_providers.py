"""What providers say: what was paid ahead to them, and what they charge."""

import time

from models.errors import AgentSilent, QueryRefused
from pages.parts.costs_bills import draw_bills
from pages.parts.costs_metered import draw_metered
from pages.parts.costs_prepaid import draw_prepaid
from pages.parts.costs_source import lines_of_bills, prepaid_now
from pages.parts.house import home
from pages.parts.trouble import draw_trouble


def draw_providers(*, only_known: bool = False) -> None:
    """`only_known`: nothing where nothing is known, for who has to read something else first."""
    try:
        if only_known and not (prepaid_now(home()) or lines_of_bills(home())):
            return
        draw_prepaid(time.time())
        draw_bills()
        draw_metered()
    except (AgentSilent, QueryRefused) as refusal:
        draw_trouble(refusal)
