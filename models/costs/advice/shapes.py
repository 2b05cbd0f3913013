"""What advice goes by, and what it says. Won and dollars are decimals; a span is half open.

Facts are sums of one workflow and one model over the last SPAN_DAYS; "" is a workflow that was
not named. Amounts in won are gross, as the ledger counts them.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, NamedTuple, Protocol

from models.messages import Message, say
from sallim.ledger.money_rows import Tokens
from sallim.prices import Rates

SPAN_DAYS = 30
SAVING_MIN_WON = Decimal(10)
"""A month. Less is noise."""
CALLS_MIN = 20
"""Fewer say too little about the next ones."""

Kind = Literal[
    "idle_machine",
    "cheaper_model",
    "caching",
    "batch",
    "repeated",
    "off_peak",
    "limits",
    "thoughts",
    "media",
    "failed",
    "unverified",
    "outside",
]
Confidence = Literal["high", "medium", "low"]
Unit = Literal["won", "usd", "calls", "share", "hours", "times"]


class Use(NamedTuple):
    """Settled calls whose usage was counted. `is_patient`: nobody waits for their answers."""

    workflow: str
    provider: str
    model: str
    is_patient: bool
    calls: int
    won: Decimal
    usd: Decimal
    tokens: Tokens


class Repeats(NamedTuple):
    """Calls whose prompt is known by its hash; `repeated` asked the same within a day before."""

    workflow: str
    provider: str
    model: str
    calls: int
    repeated: int
    repeated_won: Decimal


class Beginnings(NamedTuple):
    """Calls whose prompts are longer than their first 4 KB, which is what is compared.

    `reads` began like one of the five minutes before, and nothing of them came out of a cache;
    `writes` are the others, of which something began like one of them.
    """

    workflow: str
    provider: str
    model: str
    calls: int
    reads: int
    writes: int
    input_tokens: int
    won: Decimal
    usd: Decimal


class Limits(NamedTuple):
    """`output_max` is how many tokens half of the calls could make or more, `p99_output` what 99 of
    100 did make at most. `worst_won` is what is kept free for one of them.
    """

    workflow: str
    provider: str
    model: str
    calls: int
    p99_output: int
    output_max: int
    worst_won: Decimal
    won_per_usd: Decimal


class Losses(NamedTuple):
    """What was paid for and not used. `cut` are answers whose caller left before their end."""

    workflow: str
    provider: str
    model: str
    calls: int
    retried: int
    failed: int
    failed_won: Decimal
    cut: int
    cut_won: Decimal
    unverified: int
    unverified_won: Decimal


class Machine(NamedTuple):
    """A rented machine; idle is less than 5 % of its CPU and GPU for half an hour and longer.

    `won` is what was booked for it; `has_gpu`: whether its GPU was looked at, too.
    """

    name: str
    machine: str
    on_hours: Decimal
    idle_hours: Decimal
    won: Decimal
    has_gpu: bool


class Outside(NamedTuple):
    """A bill that is higher than what passed the guard."""

    provider: str
    model: str
    theirs_usd: Decimal
    ours_usd: Decimal


class UsedOutside(NamedTuple):
    """What a provider counts by the minute and no guard has seen, in so many hours of UTC.

    `won` and `usd` are of those hours whose model has a price; `unpriced` counts the others.
    """

    provider: str
    hours: int
    tokens: int
    usd: Decimal
    won: Decimal
    unpriced: int = 0


class Facts(NamedTuple):
    """`left_won` is what is left for calls now, None where there is no budget.

    `since` is when the first call of the span was opened, None where there was none.
    """

    since: float | None = None
    calls: int = 0
    uses: Sequence[Use] = ()
    repeats: Sequence[Repeats] = ()
    beginnings: Sequence[Beginnings] = ()
    limits: Sequence[Limits] = ()
    losses: Sequence[Losses] = ()
    machines: Sequence[Machine] = ()
    bills: Sequence[Outside] = ()
    minutes: Sequence[UsedOutside] = ()
    left_won: Decimal | None = None


class Prices(Protocol):
    """What is needed of `sallim.prices.PriceList`."""

    def find(self, provider: str, model: str) -> Rates | None: ...
    def names(self, provider: str) -> Sequence[str]: ...


class Market(NamedTuple):
    """Prices, and the moment at which they count."""

    prices: Prices
    now_us: int


class Evidence(NamedTuple):
    """A figure; `share` is a part of 1."""

    what: Message
    value: Decimal
    unit: Unit


class Advice(NamedTuple):
    """`basis` names the calls or the machine that it looks at: those of one overlap.

    `saving_krw_month` is None where nothing is saved by itself. `steps` say what to do, `code` is
    what can be pasted into a program, `command` what follows `python -m agent`.
    """

    kind: Kind
    basis: tuple[str, ...]
    sentence: Message
    evidence: tuple[Evidence, ...]
    saving_krw_month: Decimal | None
    confidence: Confidence
    reason: Message
    steps: tuple[Message, ...]
    code: str = ""
    command: str = ""


def known_calls(calls: int, won: Decimal) -> tuple[Evidence, ...]:
    """What most advice begins with."""
    return (
        Evidence(say("calls looked at"), Decimal(calls), "calls"),
        Evidence(say("what they did cost"), won, "won"),
    )


def basis_of(workflow: str, provider: str, model: str) -> tuple[str, ...]:
    return (workflow, provider, model)


def is_worth(saving: Decimal, calls: int) -> bool:
    return saving >= SAVING_MIN_WON and calls >= CALLS_MIN
