"""`[[fixed]]`: what costs the same every month, whether it is used or not."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from models.settings.money_rules import price_text, provider_name
from models.settings.section import Instance, Section, instance

PriceText = Annotated[str, AfterValidator(price_text)]
PRICE_LIMITS = "an amount and KRW, USD or EUR"


class Fixed(Section):
    name: Instance = instance("this item, for example vps or domain")
    kind: Literal["fixed", "server", "network", "storage"] = Field(
        default="fixed", description="Under what it is counted"
    )
    provider: Annotated[str, AfterValidator(provider_name)] = Field(
        default="other",
        description="Who charges it; its VAT may stand in `exchange.vat_rates`",
        json_schema_extra={"limits": "small letters, digits, dots, dashes, underscores"},
    )
    month_price: PriceText = Field(
        default="0 KRW",
        description="What a month costs; won with VAT, dollars and euros without",
        json_schema_extra={"limits": PRICE_LIMITS},
    )
    day: int = Field(
        default=1, ge=1, le=31, description="Day of the month on which it is charged; or the last"
    )
