"""How often one person may ask: a stolen session, or a page in a loop, does little in a minute."""

from collections.abc import Callable

from agent.turnstile import Turnstile
from models.errors import RequestRefused
from models.messages import say
from models.requests import Kind
from models.requests.roles import DANGEROUS

MINUTE_SECONDS = 60.0
DANGEROUS_A_MINUTE = 5
ASKED_A_MINUTE = 60
"""Of everything: previews, nonces, requests."""
NOTED_A_MINUTE = 10
"""Refusals of one person in the audit."""


class Pace:
    """For one thread at a time. `monotonic` gives seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._all = Turnstile(monotonic, ASKED_A_MINUTE / MINUTE_SECONDS, ASKED_A_MINUTE)
        self._dangerous = Turnstile(
            monotonic, DANGEROUS_A_MINUTE / MINUTE_SECONDS, DANGEROUS_A_MINUTE
        )
        self._notes = Turnstile(monotonic, NOTED_A_MINUTE / MINUTE_SECONDS, NOTED_A_MINUTE)

    def check(self, name: str, kind: Kind | None = None) -> None:
        """Count one; `kind` is of what is asked for in earnest. Raises RequestRefused."""
        waits = [self._all.wait_seconds(name)]
        if kind in DANGEROUS:
            waits.append(self._dangerous.wait_seconds(name))
        if max(waits):
            raise RequestRefused(
                say(
                    "too many requests of {name}: ask again in {seconds} s",
                    name=name,
                    seconds=int(max(waits)) + 1,
                ),
                429,
            )

    def may_note(self, name: str) -> bool:
        """Count a refusal that would be written down: a flood must not fill the audit."""
        return not self._notes.wait_seconds(name)
