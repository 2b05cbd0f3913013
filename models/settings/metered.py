"""`[[metered]]`: traffic or space that is paid by the gigabyte, counted by what is measured."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from models.messages import say
from models.settings.fixed import PRICE_LIMITS, PriceText
from models.settings.money_rules import provider_name
from models.settings.rules import Wrong, machine_name
from models.settings.section import Instance, Section, instance

Labels = tuple[tuple[str, str], ...]
METRICS = {"network": "system.network.io", "storage": "system.filesystem.usage"}
LABELS: dict[str, Labels] = {
    "network": (("direction", "transmit"),),
    "storage": (("mountpoint", "/"), ("state", "used")),
}
UNITS = {"network": "By/s", "storage": "By"}
"""What the values of each kind are; the name of a metric says it in docs/metrics and on pages."""
NAME = r"[A-Za-z_][A-Za-z0-9_.]{0,99}"


def metric_name(name: str) -> str:
    """Raises Wrong unless empty or the name of a metric."""
    if name and not re.fullmatch(NAME, name):
        raise Wrong(
            say(
                "{where}: {key} is {value}; it takes the name of a metric, for example "
                '"system.network.io"'
            )
        )
    return name


def label_texts(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Raises Wrong unless each text is a label and its value."""
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not re.fullmatch(NAME, name.strip()) or not value.strip():
            raise Wrong(
                say(
                    "{where}: {key} has {text}; it takes a label and its value, for example "
                    "{example}",
                    text=f'"{text[:40]}"',
                    example='"interface=eth0"',
                )
            )
    return texts


class Metered(Section):
    name: Instance = instance("this item in the costs")
    kind: Literal["network", "storage"] = Field(
        default="network",
        description="`network`: bytes that went over; `storage`: bytes that are kept, by the month",
    )
    provider: Annotated[str, AfterValidator(provider_name)] = Field(
        default="other",
        description="Who charges it; its VAT may stand in `exchange.vat_rates`",
        json_schema_extra={"limits": "small letters, digits, dots, dashes, underscores"},
    )
    machine: Annotated[str, AfterValidator(machine_name)] = Field(
        default="",
        description="Machine whose series it is; empty: the agent's",
        json_schema_extra={"limits": "at most 64 characters"},
    )
    metric: Annotated[str, AfterValidator(metric_name)] = Field(
        default="",
        description="Whose values are counted, bytes a second or bytes; empty: what the machine "
        "sends (`system.network.io`), or what is used of `/` (`system.filesystem.usage`)",
        json_schema_extra={"limits": "a name of a metric, as `/metrics` shows it"},
    )
    labels: Annotated[tuple[str, ...], AfterValidator(label_texts)] = Field(
        default=(),
        strict=False,
        max_length=10,
        examples=["interface=eth0"],
        description="Which of its series, like `interface=eth0`; all that have them are added up",
        json_schema_extra={"limits": "at most 10 texts"},
    )
    gb_price: PriceText = Field(
        default="0 KRW",
        description="What a GB costs or, of storage, a GB for a month; won with VAT, dollars and "
        "euros without",
        json_schema_extra={"limits": PRICE_LIMITS},
    )
    free_gb: float = Field(
        default=0, ge=0, le=100_000_000, description="What of it is free in each month"
    )
    gb: Literal["decimal", "binary"] = Field(
        default="decimal",
        description="What the provider calls a GB: 1,000,000,000 bytes, or 1,073,741,824",
    )

    @property
    def gb_bytes(self) -> int:
        return 10**9 if self.gb == "decimal" else 2**30

    @property
    def metric_name(self) -> str:
        return self.metric or METRICS[self.kind]

    @property
    def label_pairs(self) -> Labels:
        """Those of the usual metric, and what is said beside them or instead."""
        parts = (text.partition("=") for text in self.labels)
        said = {name.strip(): value.strip() for name, _, value in parts}
        usual = {} if self.metric else dict(LABELS[self.kind])
        return tuple(sorted({**usual, **said}.items()))
