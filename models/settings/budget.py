"""`[budget]`: how much a month may cost, and who stops before it is used up."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from models.messages import Message, say
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


def _beyond(key: str, cap: int, over: str, most: int) -> Message:
    return say(
        "budget.{key} is {cap} and never holds, since budget.{over} is {most}; write {most} or "
        "less, or raise {over} to {cap}",
        key=key,
        cap=cap,
        over=over,
        most=most,
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
