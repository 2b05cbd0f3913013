"""What pages and exports are told of the money. Won and dollars are decimals, never rounded here.

Moments are UTC epoch seconds. What is spent is what is settled and what is unverified, which counts
at its worst case; what is open is kept free for calls that have not ended. None is "not measured".
"""

from decimal import Decimal
from typing import Literal, NamedTuple, get_args

By = Literal[
    "provider",
    "model",
    "workflow",
    "analysis",
    "server",
    "key",
    "kind",
    "priority",
    "host",
    "source",
]
BYS: tuple[By, ...] = get_args(By)
"""What can be added up by: `key` is the label of the API key, `source` how its cost is known;
`server` is the machine, fixed item, network or storage that was booked by its name."""

NOTHING = Decimal(0)


class Spending(NamedTuple):
    """Sums over a span. `provider` is "" but for models; `name` is "" where nobody said it.

    `calls` are those that asked an API; `errors` of them got a status of 400 and more, or none.
    `refused` is known by provider and by model only. `input_tokens` and `output_tokens` are of all
    kinds, `cached_tokens` are those of the input that were read from a cache.
    """

    provider: str
    name: str
    won: Decimal
    usd: Decimal
    unverified_won: Decimal
    open_won: Decimal
    calls: int
    errors: int
    refused: int | None
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    latency_p50_seconds: float | None
    latency_p95_seconds: float | None


class Point(NamedTuple):
    """What one name cost in one unit of time, [since, until)."""

    name: str
    since: int
    until: int
    won: Decimal
    calls: int


class Headroom(NamedTuple):
    """Of one model: what was kept free for its settled calls, and what they used of it."""

    provider: str
    model: str
    calls: int
    reserved_won: Decimal
    used_won: Decimal

    @property
    def used_share(self) -> float | None:
        return float(self.used_won / self.reserved_won) if self.reserved_won else None


class Bucket(NamedTuple):
    """A bucket in one period, by the ledger's own sums; `told_at` is when it last said them."""

    bucket_id: str
    start: float
    end: float
    cap_won: Decimal
    settled_won: Decimal
    unverified_won: Decimal
    open_won: Decimal
    version: int
    told_at: float

    @property
    def spent_won(self) -> Decimal:
        """What alerts go by."""
        return self.settled_won + self.unverified_won

    @property
    def committed_won(self) -> Decimal:
        """What admission goes by."""
        return self.spent_won + self.open_won

    @property
    def left_won(self) -> Decimal:
        """Below zero where a provider's correction went over the cap."""
        return self.cap_won - self.committed_won


class CallLine(NamedTuple):
    """One attempt of one call. `latency_seconds` is None where it was not measured."""

    opened_at: float
    call_id: str
    attempt: int
    provider: str
    model: str
    model_billed: str
    endpoint: str
    workflow: str
    analysis: str
    job_key: str
    key: str
    priority: str
    kind: str
    state: str
    source: str
    won: Decimal
    usd: Decimal
    worst_won: Decimal
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    status: int
    latency_seconds: float | None
    error: str


class RefusedLine(NamedTuple):
    """Calls that were not let through, and why: the code of the ledger, or that of the guard.

    `bucket_id` is that of the ledger; "" where the guard refused before money was asked for.
    `path` is there where no model was named. `needed_won` is the most that one of them would have
    reserved.
    """

    bucket_id: str
    provider: str
    model: str
    path: str
    code: str
    calls: int
    needed_won: Decimal
    last_at: float


class AnalysisCost(NamedTuple):
    """What an analysis costs. `won` is of all its calls, also of failed runs and without a key.

    `succeeded` are its runs that ended well. `keyed` are the keys of those that have calls;
    `median_won` and `p95_won` are what all calls of one such key cost together.
    """

    analysis: str
    won: Decimal
    calls: int
    succeeded: int
    keyed: int
    median_won: Decimal | None
    p95_won: Decimal | None

    @property
    def won_a_success(self) -> Decimal | None:
        """With what its failures cost; None while nothing succeeded."""
        return self.won / self.succeeded if self.succeeded else None
