"""`[budget]`: how much a month may cost, and who stops before it is used up."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from models.settings.money_rules import KRW_MAX, caps_by_name
from models.settings.section import Section

Caps = Annotated[tuple[str, ...], AfterValidator(caps_by_name)]


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


class Budget(Section):
    """Gross: with VAT and what the card takes. The month is that of `house.timezone`."""

    total_krw: int = Field(
        default=24_900, ge=0, le=KRW_MAX, description="Won a month for everything together"
    )
    api_krw: int = Field(
        default=15_000, ge=0, le=KRW_MAX, description="Won a month for calls of paid APIs"
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

    @property
    def caps_krw(self) -> dict[str, int]:
        """By the bucket of the ledger."""
        found = {"total": self.total_krw, "api": self.api_krw}
        kinds = {
            "provider": self.providers_krw,
            "workflow": self.workflows_krw,
            "key": self.keys_krw,
        }
        for kind, texts in kinds.items():
            for text in texts:
                name, _, cap = text.rpartition("=")
                found[f"{kind}:{name.strip()}"] = int(cap)
        return found
