"""`[[bill]]`: a provider that is asked what it charges."""

from typing import Literal

from pydantic import Field

from models.settings.section import Instance, SecretName, Section, instance, secret_of

KEYS = {
    "openai": "OPENAI_ADMIN_KEY",
    "anthropic": "ANTHROPIC_ADMIN_KEY",
    "openrouter": "OPENROUTER_MANAGEMENT_KEY",
}


class Bill(Section):
    name: Instance = instance("this bill")
    source: Literal["openai", "anthropic", "openrouter"] = Field(
        default="openai", description="Who is asked, every six hours"
    )
    key: SecretName = secret_of(
        "",
        "the admin key, which is another one than that for calls; empty: OPENAI_ADMIN_KEY, "
        "ANTHROPIC_ADMIN_KEY or OPENROUTER_MANAGEMENT_KEY",
    )

    @property
    def key_name(self) -> str:
        return self.key or KEYS[self.source]
