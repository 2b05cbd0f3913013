"""The demand of the demo: forecasts, how good they were, and plans, as an agent had made them."""

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import TypeVar

from agent.demand.past import Past
from agent.planning.past import known_of, plans, rules_in_won
from agent.planning.paying import purses_told
from agent.planning.trusting import Trusting
from data import outbox
from data.control import Control
from data.home import Home
from data.ops.asked import Connection
from data.ops.connection import open_for_writing
from data.ops.demand import DemandBatch, put_demand
from data.ops.demand_keeping import news
from models.alerts import Alert
from models.demand.gate import Gate
from models.demand.targets import target_named, targets_of
from models.settings import Settings
from models.settings.pool import Pool

T = TypeVar("T")


class Asked:
    """A store that nobody else has open, as the parts of the agent ask it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def read(self, ask: Callable[[Connection], T]) -> T:
        return ask(self._connection)

    def keep(self, batch: DemandBatch) -> None:
        self._connection.execute("BEGIN")
        put_demand(self._connection, batch)
        self._connection.execute("COMMIT")


def forecast(home: Home, settings: Settings, now: float) -> None:
    """Into the files of a home that nobody else has open. Raises StoreError."""
    with closing(Control.open(home.control)) as control, closing(open_for_writing(home.ops)) as ops:
        store = Asked(ops)
        past = Past(store, settings, int(now))
        past.forecast(targets_of(settings))
        for pool in settings.pool:
            gates = [] if pool.batch_jobs else _gates(control, store, pool, past.days)
            _plan(store, settings, pool, past, gates)
        ops.execute("CHECKPOINT")


def _gates(
    control: Control, store: Asked, pool: Pool, days: Sequence[int]
) -> list[tuple[int, Gate]]:
    """Whether its forecast might start machines, as each day began."""
    moment = 0.0

    def tell(connection: outbox.Connection, alert: Alert) -> None:
        outbox.put(connection, alert, moment)

    trusting = Trusting(control, store, tell)
    found = []
    for day in days:
        moment = float(day)
        found.append((day, trusting.gate(pool, moment, moment)))
    return found


def _plan(
    store: Asked, settings: Settings, pool: Pool, past: Past, gates: list[tuple[int, Gate]]
) -> None:
    target = target_named(settings, pool.target)
    if target is None:
        return
    rules = rules_in_won(pool)
    money = purses_told(store, pool, past.now)
    known = known_of(
        store, target, rules, past.now, (past.shorts.get(target.name, ()), gates, money)
    )
    store.keep(DemandBatch(plans=list(news(plans(rules, known)))))
