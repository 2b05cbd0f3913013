"""`[[rented]]`: a machine that is paid by the hour. (`[server]` is where the agent listens.)"""

from typing import Annotated

from pydantic import AfterValidator, Field

from models.settings.fixed import (
    PRICE_LIMITS,
    PriceText,
    ProviderName,
    ServerWord,
    server_word,
    whose_provider,
)
from models.settings.rules import machine_name
from models.settings.section import Instance, Section, instance


class Rented(Section):
    name: Instance = instance("this server in the costs")
    machine: Annotated[str, AfterValidator(machine_name)] = Field(
        default="",
        description="The machine as it is watched; empty: the same name",
        json_schema_extra={"limits": "at most 64 characters"},
    )
    provider: ProviderName = whose_provider()
    server_type: ServerWord = server_word('Server type, like `cx22`, of `provider = "hetzner"`')
    location: ServerWord = server_word("Where it stands, like `fsn1`")
    hour_price: PriceText = Field(
        default="0 KRW",
        description="What an hour costs; won with VAT, dollars and euros without",
        json_schema_extra={"limits": PRICE_LIMITS},
    )
    increment_seconds: int = Field(
        default=1,
        ge=1,
        le=86_400,
        description="The time of a day is charged in whole steps of this",
    )
    lease_hours: float = Field(
        default=0,
        ge=0,
        le=744,
        description="While it is on, this time from its start is kept free ahead, and what ran "
        "until it is booked; 0: nothing is",
    )
