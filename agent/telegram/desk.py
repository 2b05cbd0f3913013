"""What the phone reaches of the house: how it stands, and whatever requests are taken for it."""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence

from agent.sampling import Clocks
from data.home import Home
from models.messages import Message, say
from models.phone import Who, Wish
from sallim.ledger import LedgerError
from sallim.ledger.accounts import Accounts
from sallim.money import won_text

log = logging.getLogger(__name__)

Handler = Callable[[Wish, Who], Message]
PROBLEMS_MAX = 5


class HouseDesk:
    """`handlers` carry out what they are named for."""

    def __init__(
        self,
        home: Home,
        clocks: Clocks,
        handlers: Mapping[str, Handler],
        problems: Callable[[], Sequence[Message]],
    ) -> None:
        self._home = home
        self._clocks = clocks
        self._handlers = handlers
        self._problems = problems
        self._preview: Callable[[Wish, Who], Sequence[Message]] = lambda *_: ()
        self._audit: Callable[[Who], None] = lambda _: None

    def answer_by(
        self,
        handlers: Mapping[str, Handler],
        preview: Callable[[Wish, Who], Sequence[Message]],
        audit: Callable[[Who], None],
    ) -> None:
        """`preview` says what one of them would do; `audit` writes down who may do nothing."""
        self._handlers, self._preview, self._audit = handlers, preview, audit

    def kinds(self) -> Collection[str]:
        return self._handlers.keys()

    def status(self) -> Sequence[Message]:
        """Budgets, then the first few problems."""
        problems = self._problems()
        lines = [*self._budgets(), *problems[:PROBLEMS_MAX]]
        further = len(problems) - PROBLEMS_MAX
        if further > 0:
            lines.append(say("and {count} more problems", count=further))
        return lines if problems else [*lines, say("Everything is well.")]

    def preview(self, wish: Wish, who: Who) -> Sequence[Message]:
        return self._preview(wish, who)

    def ask(self, wish: Wish, who: Who) -> Message:
        return self._handlers[wish.kind](wish, who)

    def note_foreign(self, who: Who) -> None:
        log.warning("%s of %s may not command this house and is ignored", who.name, who.address)
        self._audit(who)

    def _budgets(self) -> list[Message]:
        if not self._home.ledger.exists():
            return []
        try:
            accounts = Accounts.open(self._home.ledger)
            try:
                balances = accounts.balances(int(self._clocks.wall() * 1e6))
            finally:
                accounts.close()
        except LedgerError as error:
            return [say("{reason}", reason=str(error))]
        return [
            say(
                "{name}: {spent} of {cap} won spent",
                name=each.bucket_id,
                spent=won_text(each.settled_micro + each.unverified_micro),
                cap=won_text(each.cap_micro),
            )
            for each in balances
        ]
