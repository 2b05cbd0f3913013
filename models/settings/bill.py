"""`[[bill]]`: a provider that is asked what it charges."""

from typing import Literal

from pydantic import Field

from models.messages import say
from models.settings.rules import Wrong
from models.settings.section import AbsolutePath, Instance, SecretName, Section, instance, secret_of

KEYS = {
    "openai": "OPENAI_ADMIN_KEY",
    "anthropic": "ANTHROPIC_ADMIN_KEY",
    "openrouter": "OPENROUTER_MANAGEMENT_KEY",
    "runpod": "RUNPOD_API_KEY",
    "vast": "VAST_API_KEY",
    "deepseek": "DEEPSEEK_API_KEY",
    "hetzner": "HCLOUD_TOKEN",
    "export": "",
}


class Bill(Section):
    name: Instance = instance("this bill")
    source: Literal[
        "openai", "anthropic", "openrouter", "runpod", "vast", "deepseek", "hetzner", "export"
    ] = Field(
        default="openai",
        description="Who is asked, and how often, stands in docs/costs.md; `export` reads a file",
    )
    key: SecretName = secret_of(
        "",
        "the admin key, mostly another one than that for calls; empty: OPENAI_ADMIN_KEY, "
        "ANTHROPIC_ADMIN_KEY, OPENROUTER_MANAGEMENT_KEY, RUNPOD_API_KEY, VAST_API_KEY, "
        "DEEPSEEK_API_KEY or HCLOUD_TOKEN",
    )
    call_key: SecretName = secret_of(
        "",
        "a key for calls of `openrouter`, such as OPENROUTER_API_KEY, whose own limit and use are "
        "asked as well",
    )
    path: AbsolutePath = Field(
        default="",
        description="Of `export`: a CSV file in FOCUS columns, or as `costs invoice` takes it",
        json_schema_extra={"limits": "a path that starts with /"},
    )

    @property
    def key_name(self) -> str:
        return self.key or KEYS[self.source]


def exports_have_a_path(entries: tuple[Bill, ...]) -> tuple[Bill, ...]:
    """Raises Wrong for a file that is to be read and not named."""
    for place, entry in enumerate(entries):
        if entry.source == "export" and not entry.path:
            message = say(
                '{where}: {key} is {value}, and source = "export" reads a file; it takes the path '
                'of one, for example "/srv/billing/focus.csv"',
                value='""',
            )
            raise Wrong(message, (str(place), "path"))
    return entries
