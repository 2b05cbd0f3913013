"""`[fence]`: providers whose own monthly limit is kept at what the budget is worth there."""

from typing import Any, Literal

from pydantic import Field

from models.settings.section import Section

Fenced = Literal["off", "on"]


def fenced(provider: str) -> Any:
    return Field(
        default="off",
        description=f"Keep the organization's monthly limit at {provider} at what your budget is "
        "worth there, by the admin key of [[bill]]; `off` puts back what was there before",
    )


class Fence(Section):
    """A second line for calls that go past Sallim. It takes `automation.block = "on"`."""

    openai: Fenced = fenced("OpenAI")
    anthropic: Fenced = fenced("Anthropic")

    @property
    def on(self) -> tuple[str, ...]:
        """Providers, by their names in the ledger."""
        return tuple(name for name in ("openai", "anthropic") if getattr(self, name) == "on")
