"""The phone's wishes as people's requests: the same checks, the same audit, one use.

Whoever may command is named in the settings by his chat, so he is taken for the owner.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from agent.requests import Requests
from agent.requests.raising import Override
from agent.requests.state import live
from agent.sampling import Clocks
from agent.telegram.desk import Handler
from models.costs.periods import period_at
from models.errors import RequestRefused, StoreError
from models.messages import Message, say
from models.phone import ACTING, Who, Wish
from models.requests import Actor, Caller
from models.requests.shapes import TELEGRAM
from sallim.ledger import LedgerError

log = logging.getLogger(__name__)

UNTIL_KINDS = ("raise", "release")
WITHDRAW = "withdraw"


class AskedByPhone:
    """What the desk of the phone answers by."""

    def __init__(
        self,
        requests: Requests,
        clocks: Clocks,
        zone: Callable[[], ZoneInfo],
        raised: Callable[[], Sequence[Override]],
    ) -> None:
        """`raised`: every raise and release that is kept."""
        self._requests = requests
        self._clocks = clocks
        self._zone = zone
        self._raised = raised

    @property
    def handlers(self) -> Mapping[str, Handler]:
        return dict.fromkeys(ACTING, self._asked)

    def preview(self, wish: Wish, who: Who) -> Sequence[Message]:
        if wish.kind == "acknowledge":
            return ()  # The question says it.
        try:
            shown = self._requests.preview(_caller(who), self._shape(wish))
        except RequestRefused as refused:
            return (refused.message,)
        except (StoreError, LedgerError) as trouble:
            return (say("what would follow is not known: {reason}", reason=str(trouble)),)
        lines = shown["lines"]
        assert isinstance(lines, list), "as `Requests.preview` says"  # noqa: S101
        return tuple(Message.from_json(line) for line in lines)

    def foreign(self, who: Who) -> None:
        stranger = Actor(who.name, "viewer", TELEGRAM, who.address)
        message = say("{name} may not command this house", name=who.name)
        try:
            self._requests.turned_away(stranger, message, "telegram")
        except StoreError as trouble:
            log.error("that %s wrote to the bot is not in the audit: %s", who.name, trouble)

    def _asked(self, wish: Wish, who: Who) -> Message:
        caller = _caller(who)
        try:
            shape = self._shape(wish)
            shown = self._requests.nonce(caller, shape)
            reason = wish.reason or "by the phone"
            # The button that was pressed says the figure or the name.
            told = {"reason": reason, "confirm": shown["confirm"], "nonce": shown["nonce"]}
            return self._requests.ask(caller, {**shape, **told}).told
        except RequestRefused as refused:
            return refused.message
        except (StoreError, LedgerError) as trouble:
            return say("it is not done: {reason}", reason=str(trouble))

    def _shape(self, wish: Wish) -> Mapping[str, object]:
        """Raises RequestRefused."""
        if wish.kind == WITHDRAW:
            name = self._override(wish.target)
            return {"kind": wish.kind, "target": name, "args": {"bucket": wish.target}}
        args = _args(wish, self._clocks, self._zone())
        return {"kind": wish.kind, "target": wish.target, "args": args}

    def _override(self, bucket_id: str) -> str:
        """The only one of a bucket that holds: on a phone nobody types its name."""
        found = [
            each.override_id
            for each in live(self._raised(), self._clocks.wall())
            if each.bucket_id == bucket_id
        ]
        if len(found) == 1:
            return found[0]
        raise RequestRefused(
            say(
                "{count} raises and releases of {bucket} hold: the page Budget names each",
                count=len(found),
                bucket=bucket_id,
            )
        )


def _caller(who: Who) -> Caller:
    return Caller(Actor(who.name, "owner", TELEGRAM, who.address), f"phone:{who.address}")


def _args(wish: Wish, clocks: Clocks, zone: ZoneInfo) -> Mapping[str, object]:
    if wish.kind not in UNTIL_KINDS:
        return {}
    end = period_at(clocks.wall(), "month", zone).until
    until = {"until": datetime.fromtimestamp(end, zone).isoformat()}
    return {**until, "amount_krw": int(wish.args["krw"])} if wish.kind == "raise" else until
