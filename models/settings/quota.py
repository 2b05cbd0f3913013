"""`[[quota]]`: how many calls may be made, whatever they cost."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from models.settings.money_rules import NAME_MAX, provider_or_any
from models.settings.rules import time_zone
from models.settings.section import Instance, Section, instance


def calls(window: str) -> Any:
    return Field(
        default=0,
        ge=0,
        le=100_000_000,
        description=f"Most calls in {window}; 0: as many as there are",
    )


def only(whose: str) -> Any:
    return Field(
        default="",
        max_length=NAME_MAX,
        description=f"Only calls {whose}; empty: all",
        json_schema_extra={"limits": f"at most {NAME_MAX} characters"},
    )


class Quota(Section):
    """Such as a provider sets; every attempt that is let through counts, also one that fails."""

    name: Instance = instance("this quota in refusals")
    provider: Annotated[str, AfterValidator(provider_or_any)] = Field(
        default="",
        description="Only calls of this provider, like `google`; empty: all",
        json_schema_extra={"limits": "small letters, digits, dots, dashes, underscores"},
    )
    model: str = only(
        "of this model, or this `service` of `sallim.metered`; `*` stands for anything"
    )
    workflow: str = only("of this workflow")
    key: str = only("with this token of the gateway")
    minute_calls_max: int = calls("whatever minute")
    hour_calls_max: int = calls("whatever hour")
    day_calls_max: int = calls("a day of `timezone`")
    timezone: Annotated[str, AfterValidator(time_zone)] = Field(
        default="UTC",
        description="Zone at whose midnight a day begins; for Gemini `America/Los_Angeles`",
        json_schema_extra={"limits": "a name of the IANA list"},
    )
