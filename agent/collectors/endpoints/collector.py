"""Addresses that must answer: web pages, ports, certificates. One collector each, so that one that
hangs delays no other.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping

from agent.collectors.endpoints.check import Expected, check
from agent.net.dialing import Dialer, DialError
from models.addresses import target_of
from models.endpoints import (
    RESULTS_KEPT,
    Result,
    Standing,
    after,
    certificate_problem,
    days_left,
    readings_of,
)
from models.errors import SourceRefused
from models.messages import Message
from models.monitoring import Reading
from models.redaction import redact
from models.settings.endpoint import Endpoint


class EndpointCollector:
    """Down is a result and no error: the next check comes at its usual time."""

    def __init__(
        self,
        settings: Endpoint,
        wall: Callable[[], float] = time.time,
        dialer: Dialer | None = None,
    ) -> None:
        self.name = f"endpoint:{settings.name}"
        self._settings = settings
        self._target = target_of(settings.url)
        self._labels = (("source", settings.name),)
        self._expected = Expected(settings.expect_status, settings.expect_text)
        self._dialer = dialer or Dialer(settings.allow_private, settings.ca_file)
        self._wall = wall
        self._standing = Standing()
        self._results: deque[Result] = deque(maxlen=RESULTS_KEPT)
        self._details: Mapping[str, object] = {}
        self.left_out: Mapping[str, Message] = {}
        """What is wrong with the last result, if anything."""

    def collect(self, monotonic_seconds: float) -> list[Reading]:  # noqa: ARG002  # every check is of now
        """Raises SourceRefused where the rules forbid the address that the name has now."""
        timeout = self._settings.timeout_seconds
        try:
            result = check(self._target, self._expected, self._dialer, timeout, self._wall())
        except DialError as error:
            # Not asked, so nobody knows how it is.
            self._standing, self.left_out = Standing(), {}
            self._details = {"url": redact(self._settings.url), "up": None}
            raise SourceRefused(self.name, error.reason) from error
        self._standing = after(self._standing, result.problem is None, result.at)
        self._results.append(result)
        problem = result.problem or certificate_problem(
            result.certificate_until_at, result.at, self._settings.tls_days_min
        )
        self.left_out = {} if problem is None else {self._settings.url: problem}
        self._details = self._snapshot(result, problem)
        return readings_of(result, self._standing, self._target, self._labels)

    def details(self) -> Mapping[str, object]:
        """Shape: see `_snapshot`; empty before the first check."""
        return self._details

    def _snapshot(self, result: Result, problem: Message | None) -> Mapping[str, object]:
        until_at = result.certificate_until_at
        return {
            "url": redact(self._settings.url),
            "up": self._standing.up,
            "since_at": self._standing.since_at,
            "status": result.status,
            "address": result.address,
            "problem": None if problem is None else problem.as_json(),
            "times": {step: round(seconds, 6) for step, seconds in result.times.items()},
            "certificate_days": None if until_at is None else days_left(until_at, result.at),
            "results": [
                {
                    "at": round(one.at, 3),
                    "ok": one.problem is None,
                    "status": one.status,
                    "total_seconds": one.times.get("total"),
                }
                for one in self._results
            ],
        }
