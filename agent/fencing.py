"""Keeping the limits of providers in step with our caps: intent, effect, proof.

Whoever is killed in between finds the intent, asks the provider what stands there, and goes on
from that.
"""

import logging
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import NamedTuple, Protocol

from agent.sampling import Clocks
from agent.ticking import Ticking
from data.control import Control
from data.fences import Tell, fence_rows, keep_fence
from data.home import Home
from models.errors import ActionError, ActionPostponed, ActionRefused, StoreError
from models.fence.kept import PLANNED, REFUSED, Cents, FenceRow
from models.fence.policy import REFUSED_SECONDS, Look, needs_look, next_row, refused_row
from models.fence.words import NAMES, Shown, change_of, is_news, shown_of
from models.fence.worth import Wanted, are_months_apart, caps_in_force, wanted_of
from models.messages import Message
from models.operations import text_of
from models.settings import Settings
from sallim.ledger import LedgerError
from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import Exchange
from sallim.money import MICRO

log = logging.getLogger(__name__)

PERIOD_SECONDS = 10.0
LOOK_SECONDS = 3_600.0
"""What somebody changes there himself is seen within this time."""
AGAIN_SECONDS, AGAIN_SECONDS_MAX = 60.0, 3_600.0


class Fence(Protocol):
    """The limit at a provider, in cents; None: none. Both raise ActionError."""

    def read(self) -> Cents: ...
    def write(self, cents: Cents) -> None: ...


There = Callable[[str, Settings], Fence]
"""Of a provider, by its key. Raises ActionRefused where that cannot be had."""

Worth = tuple[Wanted | None, Exchange | None]
"""What a fence should be, and by which rate."""


class Seen(NamedTuple):
    """A limit that was read, and when by the monotonic clock."""

    at: float
    cents: Cents


class Fencing:
    """`step` and `take_over` may come from different threads; `shown` from any."""

    def __init__(
        self, home: Home, control: Control, clocks: Clocks, there: There, tell: Tell
    ) -> None:
        self.ticking = Ticking("fences", self.step, PERIOD_SECONDS, clocks)
        self._home = home
        self._control = control
        self._clocks = clocks
        self._there = there
        self._tell = tell
        self._settings: Settings | None = None
        self._anew: set[str] = set()
        self._last = {row.provider: row for row in fence_rows(control)}
        self._seen: dict[str, Seen] = {}
        self._trouble: dict[str, Message] = {}
        self._not_before: dict[str, float] = {}
        self._failures: dict[str, int] = {}
        self._worth: Mapping[str, Worth] = {}

    def take_over(self, settings: Settings) -> None:
        """Whoever has read the settings anew has perhaps done what a refusal asks for."""
        self._settings = settings
        self._not_before, self._anew = {}, set(NAMES)

    def start(self) -> None:
        self.ticking.start()

    def stop(self, seconds: float) -> None:
        self.ticking.stop(seconds)

    def shown(self) -> list[Shown]:
        found = [
            shown_of(name, self._last.get(name), *worth, self._trouble.get(name))
            for name, worth in self._worth.items()
        ]
        return [each for each in found if each is not None]

    def step(self) -> None:
        """Never raises; what could not be done is tried again."""
        settings = self._settings
        # The made-up household has no provider.
        if settings is None or settings.demo or not self._is_at_work(settings):
            self._worth = {}
            return
        try:
            self._worth = self._worth_of(settings)
        except (LedgerError, OSError, ValueError) as error:
            log.error("the outer fences stay as they are: %s", error)
            return
        for name, (wanted, _) in self._worth.items():
            if needs_look(self._last.get(name), wanted):
                self._keep_in_step(name, wanted, settings)

    def _is_at_work(self, settings: Settings) -> bool:
        return bool(settings.fence.on) or any(row.is_ours for row in self._last.values())

    def _worth_of(self, settings: Settings) -> dict[str, Worth]:
        """By provider. A fence refuses calls, so none is wanted where none may be refused.

        Nothing is known, and nothing changed, before there is a budget and a rate of exchange.
        """
        found: dict[str, Worth] = dict.fromkeys(NAMES, (None, None))
        on = settings.fence.on if settings.automation.block == "on" else ()
        if not on:
            return found
        if not self._home.ledger.exists():
            return {}
        wall = self._clocks.wall()
        with closing(Accounts.open(self._home.ledger)) as accounts:
            balances = accounts.balances(int(wall * MICRO))
            rates = {name: accounts.exchange_for(name) for name in on}
        if not balances or None in rates.values():
            return {}
        caps = caps_in_force(balances, settings.budget)
        is_wide = are_months_apart(min(each.start_us for each in balances) / MICRO, wall)
        for name, rate in rates.items():
            if rate is not None:
                found[name] = (wanted_of(name, caps, rate, is_wide=is_wide), rate)
        return found

    def _keep_in_step(self, name: str, wanted: Wanted | None, settings: Settings) -> None:
        monotonic = self._clocks.monotonic()
        if monotonic < self._not_before.get(name, monotonic):
            return
        known = self._seen.get(name)
        is_fresh = known is not None and monotonic - known.at < LOOK_SECONDS
        if known is not None and is_fresh and self._next(name, known.cents, wanted) is None:
            return
        try:
            self._carry_out(name, wanted, self._there(name, settings))
        except ActionRefused as refusal:
            self._refused(name, wanted, refusal.reason)
        except ActionError as trouble:
            self._later(name, trouble)
        except StoreError as error:
            log.error("the outer fence at %s stays as it is: %s", NAMES[name], error)
        else:
            self._trouble.pop(name, None)
            self._failures.pop(name, None)

    def _carry_out(self, name: str, wanted: Wanted | None, there: Fence) -> None:
        """Until there is nothing more to be done now. Raises ActionError, StoreError."""
        row = self._next(name, self._look(name, there), wanted)
        self._anew.discard(name)
        while row is not None:
            row = self._keep(row)
            if row.state == PLANNED:
                self._write(row, there)
                self._look(name, there)
            row = self._next(name, self._seen[name].cents, wanted)

    def _write(self, row: FenceRow, there: Fence) -> None:
        try:
            there.write(row.to_cents)
        except ActionPostponed:
            # It was not tried.
            self._keep(row._replace(attempt=row.attempt - 1))
            raise
        except ActionRefused as refusal:
            now, problem = self._clocks.wall(), text_of(refusal.reason)
            self._keep(row._replace(state=REFUSED, problem=problem, changed_at=now))

    def _look(self, name: str, there: Fence) -> Cents:
        cents = there.read()
        self._seen[name] = Seen(self._clocks.monotonic(), cents)
        return cents

    def _next(self, name: str, current: Cents, wanted: Wanted | None) -> FenceRow | None:
        look = Look(name, current, wanted, self._clocks.wall(), name in self._anew)
        return next_row(self._last.get(name), look)

    def _keep(self, row: FenceRow) -> FenceRow:
        is_new = is_news(self._last.get(row.provider), row)
        kept = keep_fence(self._control, row, self._tell if is_new else None)
        log.log(logging.ERROR if is_new else logging.INFO, "%s", change_of(kept))
        self._last[row.provider] = kept
        return kept

    def _refused(self, name: str, wanted: Wanted | None, reason: Message) -> None:
        """Not even the limit that stands there is told."""
        look = Look(name, None, wanted, self._clocks.wall())
        self._not_before[name] = self._clocks.monotonic() + REFUSED_SECONDS
        try:
            self._keep(refused_row(self._last.get(name), look, text_of(reason)))
        except StoreError as error:
            log.error("%s", error)

    def _later(self, name: str, trouble: ActionError) -> None:
        failures = self._failures[name] = self._failures.get(name, 0) + 1
        asked = trouble.seconds if isinstance(trouble, ActionPostponed) else 0.0
        wait = min(AGAIN_SECONDS * 2 ** min(failures - 1, 10), AGAIN_SECONDS_MAX)
        self._not_before[name] = self._clocks.monotonic() + max(asked, wait)
        if self._trouble.get(name) != trouble.reason:
            log.warning("%s", trouble.reason)
        self._trouble[name] = trouble.reason
