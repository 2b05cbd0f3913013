"""Tokens of the gateway: one that is suspended spends nothing, and is the same token afterwards."""

from collections.abc import Callable

from data.home import Home
from data.tokens import SUSPENDED, VALID, resume, standing, suspend
from models.errors import ActionRefused, StoreError
from models.messages import Message, say
from models.settings.service import Service
from models.typed import typed


class GatewayTokens:
    kind = "gateway_token"
    repeats_safely = True

    def __init__(self, home: Home, clock: Callable[[], float]) -> None:
        self._home = home
        self._clock = clock

    def stop(self, service: Service) -> None:
        self._change(service, suspend)

    def start(self, service: Service) -> None:
        self._change(service, resume)

    def is_up(self, service: Service) -> bool | None:
        try:
            state = standing(self._home, service.subject, self._clock())
        except StoreError as error:
            raise _unreadable(error) from error
        if state not in (VALID, SUSPENDED):
            raise ActionRefused(_no_token(service.subject))
        return state == VALID

    def _change(self, service: Service, change: Callable[[Home, str, float], bool]) -> None:
        try:
            done = change(self._home, service.subject, self._clock())
        except StoreError as error:
            raise _unreadable(error) from error
        if not done:
            raise ActionRefused(_no_token(service.subject))


def _unreadable(error: StoreError) -> ActionRefused:
    return ActionRefused(Message("{error}", {"error": str(error)}))


def _no_token(name: str) -> Message:
    return say(
        "no token named {token} is valid; make one with `{command}`, or correct `target` of the "
        "[[service]]",
        token=name,
        command=typed(f"token create {name} --for gateway"),
    )
