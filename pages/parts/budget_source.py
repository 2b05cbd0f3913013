"""What the page of the budgets reads: the month from the store, what people ordered from the agent.

The store answers while the agent is silent and to whoever may look; what was raised, and by whom,
the agent tells only who is signed in.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from models.budget.policy import blocked
from models.budget.standing import as_allowed
from models.budget.state import BucketState
from models.costs.shapes import Bucket
from models.errors import AgentSilent, QueryRefused, RequestRefused
from models.requests.kept import PAUSE, StandingOrder
from models.settings.budget import Budget
from pages.parts.asking_agent import looked
from pages.parts.costs_source import buckets_now
from pages.parts.house import home, settings


class Standing(NamedTuple):
    """`said` is the answer of `GET /budget`, None where nobody tells: `refusal` says why."""

    found: Sequence[Bucket]
    states: Mapping[str, BucketState]
    said: Mapping[str, Any] | None
    refusal: RequestRefused | AgentSilent | None = None


def standing_now() -> Standing:
    """Raises AgentSilent, QueryRefused where not even the store can be read."""
    found, ours = buckets_now(home()), settings()
    said, refusal = _said()
    released, pauses = released_in(said or {}), pauses_in(said or {})
    states = {
        each.bucket_id: as_allowed(state_of(each, ours.budget, released), ours.automation, pauses)
        for each in found
        if each.bucket_id in ours.budget.caps_krw
    }
    return Standing(found, states, said, refusal)


def _said() -> tuple[Mapping[str, Any] | None, RequestRefused | AgentSilent | None]:
    try:
        return looked("/budget"), None
    except (RequestRefused, AgentSilent) as refusal:
        return None, refusal


def has_budget() -> bool:
    try:
        return bool(buckets_now(home()))
    except (AgentSilent, QueryRefused):
        return False


def stops_now() -> Mapping[str, Any]:
    """The answer of `GET /stops`; empty while nobody tells."""
    try:
        return looked("/stops")
    except (RequestRefused, AgentSilent):
        return {}


def released_in(said: Mapping[str, Any]) -> frozenset[str]:
    """Buckets whose lines do not hold: a raise of nothing is a release."""
    return frozenset(each["bucket"] for each in said.get("raises", ()) if not each["delta_krw"])


def pauses_in(said: Mapping[str, Any]) -> list[StandingOrder]:
    """What Sallim does by itself rests, by a person's word."""
    orders = [StandingOrder(**each) for each in said.get("orders", ())]
    return [each for each in orders if each.kind == PAUSE]


def state_of(bucket: Bucket, budget: Budget, released: Collection[str]) -> BucketState:
    """As the policy looks at it."""
    return BucketState(
        bucket.bucket_id,
        bucket.start,
        bucket.end,
        bucket.cap_won,
        bucket.settled_won,
        bucket.unverified_won,
        bucket.open_won,
        bucket.version,
        budget.mode_of(bucket.bucket_id),
        bucket.bucket_id in released,
    )


def refused_now(state: BucketState, budget: Budget) -> tuple[str, ...]:
    """Priorities for which nothing is left: admission goes by all that is committed."""
    return blocked(state.at(state.committed_won), budget)
