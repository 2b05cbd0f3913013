"""The services of the demo beside its machines: what its sources would measure at a moment."""

from collections.abc import Callable
from typing import NamedTuple

from models.demo.databases import INSTANCE, postgres, redis
from models.demo.host import Named, labels
from models.demo.signals import DAY, HOUR, KST_SECONDS, Clock, Signal, clipped
from models.endpoints import STEPS


class Endpoint(NamedTuple):
    """`seconds` by step in the order of `STEPS`; the certificate is renewed so often."""

    name: str
    url: str
    seconds: tuple[float, float, float, float]
    seed: int
    certificate_days: int
    renewed_every_days: int


GEMINI = "https://generativelanguage.googleapis.com/"
ENDPOINTS = (
    Endpoint("api", "https://api.example.com/health", (0.004, 0.018, 0.031, 0.046), 301, 90, 60),
    Endpoint("gemini", GEMINI, (0.006, 0.034, 0.042, 0.18), 311, 84, 56),
    Endpoint("site", "https://www.example.com/", (0.004, 0.02, 0.033, 0.028), 331, 7, 6),
    Endpoint("old-cdn", "https://cdn.example.com/", (0.005, 0.021, 0.036, 0.012), 321, 90, 60),
)
DOWN = "old-cdn"
DOWN_EVERY_DAYS, UP_HOURS = 3, 5
"""Somebody starts it again every third morning; it does not last."""


def down_seconds(clock: Clock) -> Signal:
    """For how long the endpoint that fails has been down, 0 while it is up."""
    since = (clock.t + KST_SECONDS - 6 * HOUR) % (DOWN_EVERY_DAYS * DAY) - UP_HOURS * HOUR
    return since * (since > 0)


def certificate_seconds(endpoint: Endpoint, clock: Clock) -> Signal:
    """Until the certificate ends."""
    return endpoint.certificate_days * DAY - clock.t % (endpoint.renewed_every_days * DAY)


def _endpoint(endpoint: Endpoint) -> Callable[[Clock], Named]:
    def series(clock: Clock) -> Named:
        source = labels(source=endpoint.name)
        is_up = 1.0 * (down_seconds(clock) == 0) if endpoint.name == DOWN else 1.0 + 0 * clock.t
        times = step_seconds(endpoint, clock)
        named: Named = {
            ("http.check.up", source): is_up,
            ("http.check.success", source): is_up,
            ("tls.certificate.remaining", source): certificate_seconds(endpoint, clock),
        }
        return named | {
            ("http.check.duration", labels(source=endpoint.name, step=step)): seconds
            for step, seconds in times.items()
        }

    return series


def step_seconds(endpoint: Endpoint, clock: Clock) -> dict[str, Signal]:
    """What each step of a check takes; in the evening all of Korea asks the model."""
    crowd = 1 + 1.6 * clock.between(13, 17, 0.7) * (endpoint.name == "gemini")
    slow = [
        seconds * crowd * (1 + 0.3 * clock.drift(endpoint.seed + n, 400))
        for n, seconds in enumerate(endpoint.seconds)
    ]
    slow[-1] = slow[-1] * (1 + 0.35 * clock.noise(endpoint.seed + 9))
    return dict(zip(STEPS, [*slow, sum(slow)], strict=True))


def n8n(clock: Clock) -> Named:
    source = labels(source=INSTANCE)
    office = clock.office
    waiting = clock.xp.floor(clipped(1.6 * office * (1 + clock.noise(341)) - 1.6, 0.0, 9.0))
    values: dict[str, Signal] = {
        "n8n.ready": 1.0 + 0 * office,
        "n8n.response.duration": 0.006 + 0.02 * office * (1 + 0.5 * clock.noise(342)),
        "n8n.workflows.active": 6.0 + 0 * office,
        "n8n.queue.waiting": waiting,
        "n8n.queue.active": 1.0 * (waiting > 0) + clock.xp.floor(1.5 * office),
    }
    return {(name, source): value for name, value in values.items()}


SOURCES: dict[str, Callable[[Clock], Named]] = {
    f"postgres:{INSTANCE}": postgres,
    f"redis:{INSTANCE}": redis,
    f"n8n:{INSTANCE}": n8n,
    **{f"endpoint:{endpoint.name}": _endpoint(endpoint) for endpoint in ENDPOINTS},
}
"""By the names that the collectors have, in the order in which pages show them."""
