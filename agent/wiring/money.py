"""What others publish about money, as the settings want it; each source with its timing."""

from collections.abc import Callable, Iterator, Sequence

from agent.wiring.source import Source
from data.bills.rates import known_rates, put_rates
from data.home import Home
from models.costs.fx import DayRate
from models.errors import SourceUnreachable, StoreError
from models.messages import say
from models.monitoring import Timing
from models.settings import Settings
from models.tiers import HOUR_SECONDS

FX = Timing(interval_seconds=6.0 * HOUR_SECONDS, timeout_seconds=60, series_max=10)
"""Rates come once a day, at about 16:00 CET; so one is taken over after six hours at most."""


def money_sources(
    settings: Settings,
    machine: str,
    home: Home,
    clock: Callable[[], float],
    renew: Callable[[], None] = lambda: None,
) -> Iterator[Source]:
    """`renew` is called when what guards read has to be written anew. `clock`: UTC epoch."""
    if settings.exchange.online and not settings.demo:
        from agent.bills.fx import FxCollector

        def keep(rates: Sequence[DayRate]) -> None:
            try:
                put_rates(home, rates, clock())
            except StoreError as error:
                raise SourceUnreachable("fx", say("{reason}", reason=str(error))) from error
            renew()

        yield Source(FxCollector(lambda: known_rates(home)[0], keep, clock), FX, machine)
