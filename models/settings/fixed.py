"""`[[fixed]]`: what costs the same every month, whether it is used or not."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from models.settings.money_rules import price_text, provider_name, server_word_of
from models.settings.section import Instance, Section, instance

PriceText = Annotated[str, AfterValidator(price_text)]
PRICE_LIMITS = "an amount and KRW, USD or EUR"
ProviderName = Annotated[str, AfterValidator(provider_name)]
ServerWord = Annotated[str, AfterValidator(server_word_of)]


def whose_provider() -> Any:
    return Field(
        default="other",
        description="Who charges it; its VAT may stand in `exchange.vat_rates`",
        json_schema_extra={"limits": "small letters, digits, dots, dashes, underscores"},
    )


def server_word(what: str) -> Any:
    """By which a server stands in its provider's price list."""
    return Field(
        default="",
        description=f"{what}; the price is then compared with the list that `[[bill]]` asks for",
        json_schema_extra={"limits": "small letters, digits, dashes; empty: not compared"},
    )


class Fixed(Section):
    name: Instance = instance("this item, for example vps or domain")
    kind: Literal["fixed", "server", "network", "storage"] = Field(
        default="fixed", description="Under what it is counted"
    )
    provider: ProviderName = whose_provider()
    server_type: ServerWord = server_word('Server type, like `cx22`, of `provider = "hetzner"`')
    location: ServerWord = server_word("Where it stands, like `fsn1`")
    month_price: PriceText = Field(
        default="0 KRW",
        description="What a month costs; won with VAT, dollars and euros without",
        json_schema_extra={"limits": PRICE_LIMITS},
    )
    day: int = Field(
        default=1, ge=1, le=31, description="Day of the month on which it is charged; or the last"
    )
