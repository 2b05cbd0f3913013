"""The phone's wishes as people's requests: the same checks, the same audit, one use.

Whoever may command is named in the settings by his chat, so he is taken for the owner.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from agent.requests import Requests
from agent.sampling import Clocks
from agent.telegram.desk import Handler
from models.costs.periods import period_at
from models.errors import RequestRefused, StoreError
from models.messages import Message, say
from models.phone import ACTING, Who, Wish
from models.requests import Actor, Caller
from models.requests.shapes import TELEGRAM

UNTIL_KINDS = ("raise", "release")


def phone_handlers(
    requests: Requests, clocks: Clocks, zone: Callable[[], ZoneInfo]
) -> Mapping[str, Handler]:
    def asked(wish: Wish, who: Who) -> Message:
        caller = Caller(Actor(who.name, "owner", TELEGRAM, who.address), f"phone:{who.address}")
        shape = {"kind": wish.kind, "target": wish.target, "args": _args(wish, clocks, zone())}
        try:
            shown = requests.nonce(caller, shape)
            reason = wish.reason or "by the phone"
            # The button that was pressed says the figure or the name.
            told = {"reason": reason, "confirm": shown["confirm"], "nonce": shown["nonce"]}
            return requests.ask(caller, {**shape, **told}).told
        except RequestRefused as refused:
            return refused.message
        except StoreError as trouble:
            return say("it is not done: {reason}", reason=str(trouble))

    return dict.fromkeys(ACTING, asked)


def _args(wish: Wish, clocks: Clocks, zone: ZoneInfo) -> Mapping[str, object]:
    if wish.kind not in UNTIL_KINDS:
        return {}
    end = period_at(clocks.wall(), "month", zone).until
    until = {"until": datetime.fromtimestamp(end, zone).isoformat()}
    return {**until, "amount_krw": int(wish.args["krw"])} if wish.kind == "raise" else until
