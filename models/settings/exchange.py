"""`[exchange]`: what comes on top of a price in dollars before it is a sum in won."""

from decimal import ROUND_CEILING, Decimal
from typing import Annotated

from pydantic import AfterValidator, Field

from models.settings.money_rules import rates_by_provider
from models.settings.section import Section

PPM = 1_000_000


def ppm_of(rate: float) -> int:
    """Millionths, rounded up, by the text that stands in the file.

    >>> ppm_of(0.1), ppm_of(0.0250000001)
    (100000, 25001)
    """
    return int((Decimal(repr(rate)) * PPM).to_integral_value(ROUND_CEILING))


class Exchange(Section):
    online: bool = Field(
        default=False,
        description="Ask api.frankfurter.dev, else www.ecb.europa.eu, for the rate of the day; "
        "without it a dated rate that comes with Sallim is used, 2 % higher for its age",
    )
    vat_rate: float = Field(
        default=0.1, ge=0, le=1, description="VAT on services from abroad, as a part of the price"
    )
    card_fee_rate: float = Field(
        default=0.025,
        ge=0,
        le=0.2,
        description="What the card takes for a payment abroad: its brand, its issuer, its rate",
    )
    vat_rates: Annotated[tuple[str, ...], AfterValidator(rates_by_provider)] = Field(
        default=(),
        strict=False,
        max_length=50,
        examples=["hetzner=0.19"],
        description="VAT of single providers, before `vat_rate`, like `openai=0` or `hetzner=0.19`",
        json_schema_extra={"limits": "at most 50 texts"},
    )

    @property
    def card_fee_ppm(self) -> int:
        return ppm_of(self.card_fee_rate)

    @property
    def vat_ppm_by_provider(self) -> dict[str, int]:
        """Under "" stands that of all others."""
        named = (text.split("=") for text in self.vat_rates)
        return {
            "": ppm_of(self.vat_rate),
            **{name.strip(): ppm_of(float(rate)) for name, rate in named},
        }
