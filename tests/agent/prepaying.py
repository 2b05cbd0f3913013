"""One look of the agent at what was paid ahead, and what pages are told of it."""

from agent.prepaid import Prepaid
from agent.sampling import Clocks
from data.bill_answers import prepaid
from models.settings import Settings
from tests.data.stores import Direct


def watching(home, store, clock, settings=None):
    """`clock` gives UTC epoch seconds, and is the monotonic one as well."""
    watched = Prepaid(home, store, store.record, Clocks(clock, clock))
    watched.take_over(settings or Settings())
    return watched


def looked(home, store, now):
    """Balances as the page of the costs shows them after that look."""
    watching(home, store, lambda: now).step()
    return prepaid(Direct(store))
