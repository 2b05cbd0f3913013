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


class Pace:
    """For one thread at a time. `monotonic` gives seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._all = Turnstile(monotonic, ASKED_A_MINUTE / MINUTE_SECONDS, ASKED_A_MINUTE)
        self._dangerous = Turnstile(
            monotonic, DANGEROUS_A_MINUTE / MINUTE_SECONDS, DANGEROUS_A_MINUTE
        )
        self._told_at: dict[str, float] = {}

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

    def is_news(self, name: str) -> bool:
        """Once a minute a person: a flood of refusals must not fill the audit."""
        now = self._monotonic()
        if now - self._told_at.get(name, float("-inf")) < MINUTE_SECONDS:
            return False
        self._told_at[name] = now
        return True
