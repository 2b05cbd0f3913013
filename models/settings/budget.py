"""`[budget]`: how much a month may cost, who is told and stopped when, and how fast it may go."""

import re
from collections.abc import Iterable
from decimal import ROUND_CEILING, Decimal
from typing import Annotated, Any, Literal, NamedTuple, Self, get_args

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from models.messages import Message, say
from models.settings.money_rules import (
    KRW_MAX,
    bucket_modes,
    bucket_paces,
    caps_by_name,
    percents,
)
from models.settings.rules import Wrong
from models.settings.section import Section

Mode = Literal["count", "block", "stop"]
MODES: tuple[Mode, ...] = get_args(Mode)
Caps = Annotated[tuple[str, ...], AfterValidator(caps_by_name)]
NO_CAP = -1
MICRO = 1_000_000
MONTH_HOURS = 720
KINDS_OF_CALLS = ("api", "provider", "workflow", "key")
"""Buckets that keep a pace by default: machines and fixed items are paid as they fall due."""


class Pace(NamedTuple):
    """So much may be used at once, and so much of that comes back an hour."""

    hour_micro: int
    at_once_micro: int


def caps(what: str, example: str) -> Any:
    """A list of texts, each a name and a cap."""
    return Field(
        default=(),
        strict=False,
        max_length=50,
        examples=[example],
        description=f"Won a month for single {what}, within the caps above, like `{example}`",
        json_schema_extra={"limits": "at most 50 texts"},
    )


def _beyond(key: str, cap: int, over: str, most: int) -> Message:
    return say(
        "budget.{key} is {cap} and never holds, since budget.{over} is {most}; write {most} or "
        "less, or raise {over} to {cap}",
        key=key,
        cap=cap,
        over=over,
        most=most,
    )


def of_buckets(description: str, example: str) -> Any:
    return Field(
        default=(),
        strict=False,
        max_length=50,
        examples=[example],
        description=description,
        json_schema_extra={"limits": "at most 50 texts"},
    )


class Budget(Section):
    """Gross: with VAT and what the card takes. The month is that of `house.timezone`."""

    total_krw: int = Field(
        default=24_900, ge=0, le=KRW_MAX, description="Won a month for everything together"
    )
    api_krw: int = Field(
        default=15_000, ge=0, le=KRW_MAX, description="Won a month for calls of paid APIs"
    )
    servers_krw: int = Field(
        default=NO_CAP,
        ge=NO_CAP,
        le=KRW_MAX,
        description="Won a month for machines, fixed items, traffic and space; -1: no cap but that "
        "of everything",
    )
    providers_krw: Caps = caps("providers", "openai=5000")
    workflows_krw: Caps = caps("workflows", "ocr=3000")
    keys_krw: Caps = caps("tokens of the gateway", "n8n=2000")
    important_percent: int = Field(
        default=95, ge=1, le=100, description="Part of a cap at which important calls stop"
    )
    optional_percent: int = Field(
        default=90,
        ge=1,
        le=100,
        description="Part of a cap at which optional calls stop; never after important ones",
    )
    alert_percents: Annotated[tuple[int, ...], BeforeValidator(percents)] = Field(
        default=(70, 80, 90, 95, 100),
        strict=False,
        examples=[70, 80, 90, 95, 100],
        description="Parts of a cap that are told when so much of it is spent, each once a month",
        json_schema_extra={"limits": "1 to 10 whole numbers from 1 to 100"},
    )
    modes: Annotated[tuple[str, ...], AfterValidator(bucket_modes)] = of_buckets(
        "What the cap of a bucket does, like `api=block`: `count` refuses nothing, "
        "`block` refuses calls, `stop` also stops what costs money when all is spent. Without it: "
        "`total=stop`, and `block` for all others",
        "api=block",
    )
    raise_percent_max: int = Field(
        default=50,
        ge=0,
        le=1000,
        description="How much of its cap all raises of a bucket may add in a month; 0: none",
    )
    raises_max: int = Field(
        default=3, ge=0, le=100, description="How often a bucket may be raised in a month"
    )
    pace_factor: float = Field(
        default=3,
        ge=0,
        le=1000,
        description="Calls that use money faster than a month's even pace times this are refused "
        "for a while, so that a loop does not use up the month; 0: never",
    )
    pace_burst_percent: int = Field(
        default=20,
        ge=1,
        le=100,
        description="Part of a cap that calls may use at once before they have to keep that pace",
    )
    paces: Annotated[tuple[str, ...], AfterValidator(bucket_paces)] = of_buckets(
        "Won an hour or a minute that the calls of a bucket may use, instead of that pace, like "
        "`api=500/hour`",
        "api=500/hour",
    )
    batch_percent: int = Field(
        default=0,
        ge=0,
        le=100,
        description="From this part of a cap on it is advised to send what can wait as a batch, "
        "which costs half; 0: never. No call is changed",
    )
    cheaper_percent: int = Field(
        default=0,
        ge=0,
        le=100,
        description="From this part of a cap on a cheaper model is advised; 0: never. No call is "
        "changed",
    )

    @model_validator(mode="after")
    def _names_buckets_that_have_a_cap(self) -> Self:
        """Raises Wrong."""
        for key in ("modes", "paces"):
            for bucket_id, _ in _pairs(getattr(self, key)):
                if bucket_id not in self.caps_krw:
                    raise Wrong(
                        say(
                            "{where}: {key} names {bucket}, which has no cap; it takes one of "
                            "{known}, for example {example}",
                            bucket=f'"{bucket_id[:40]}"',
                            known=", ".join(self.caps_krw),
                            example='"api=block"' if key == "modes" else '"api=500/hour"',
                        ),
                        (key,),
                    )
        return self

    @property
    def beyond(self) -> list[Message]:
        """Caps that never hold, since a higher one of the same money is lower.

        They are no error: whoever halves `total_krw` for a lean month need not write the others
        anew, and the lower cap holds in any case. But what a page says is left of one is not.

        >>> [str(each) for each in Budget(total_krw=9_000, api_krw=9_000).beyond]
        []
        """
        found = []
        if self.api_krw > self.total_krw:
            found.append(_beyond("api_krw", self.api_krw, "total_krw", self.total_krw))
        api = min(self.api_krw, self.total_krw)
        over = "api_krw" if self.api_krw <= self.total_krw else "total_krw"
        for key in ("providers_krw", "workflows_krw", "keys_krw"):
            for text in getattr(self, key):
                name, _, cap = text.rpartition("=")
                if int(cap) > api:
                    found.append(_beyond(f"{key} {name.strip()}", int(cap), over, api))
        return found

    @property
    def caps_krw(self) -> dict[str, int]:
        """By the bucket of the ledger."""
        found = {"total": self.total_krw, "api": self.api_krw}
        if self.servers_krw != NO_CAP:
            found["servers"] = self.servers_krw
        kinds = {
            "provider": self.providers_krw,
            "workflow": self.workflows_krw,
            "key": self.keys_krw,
        }
        for kind, texts in kinds.items():
            for name, cap in _pairs(texts):
                found[f"{kind}:{name}"] = int(cap)
        return found

    def mode_of(self, bucket_id: str) -> Mode:
        """What its cap does.

        >>> Budget().mode_of("total"), Budget(modes=["total=count"]).mode_of("total")
        ('stop', 'count')
        """
        said = dict(_pairs(self.modes)).get(bucket_id)
        usual: Mode = "stop" if bucket_id == "total" else "block"
        return next((mode for mode in MODES if mode == said), usual)

    def pace_of(self, bucket_id: str) -> Pace | None:
        """How fast its calls may use money; None where they may as they like.

        >>> Budget().pace_of("api"), Budget().pace_of("total")
        (Pace(hour_micro=62500000, at_once_micro=3000000000), None)
        """
        said = dict(_pairs(self.paces)).get(bucket_id)
        if said is not None:
            won, unit = said.split("/")
            return Pace(int(won) * MICRO * (60 if unit == "minute" else 1), int(won) * MICRO)
        cap_micro = self.caps_krw[bucket_id] * MICRO
        if not self.pace_factor or bucket_id.partition(":")[0] not in KINDS_OF_CALLS:
            return None
        hour = cap_micro * Decimal(repr(self.pace_factor)) / MONTH_HOURS
        at_once = cap_micro * self.pace_burst_percent // 100
        return Pace(int(hour.to_integral_value(ROUND_CEILING)), at_once)


def _pairs(texts: Iterable[str]) -> list[tuple[str, str]]:
    """Names and what is said of them; a name may have a = in it."""
    return [
        (name.strip(), re.sub(r"\s", "", said))
        for name, _, said in (text.rpartition("=") for text in texts)
    ]
