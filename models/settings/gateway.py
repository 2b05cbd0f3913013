"""`[gateway]` and `[[upstream]]`: who may spend over HTTP, and where their calls go."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from models.messages import say
from models.settings.addresses import (
    host_and_port,
    is_near,
    listening_addresses,
    upstream_address,
)
from models.settings.addresses import listening_address as listening
from models.settings.money_rules import provider_name
from models.settings.rules import Wrong
from models.settings.section import SecretName, Section, secret_of

OWN_PATHS = ("w", "v1", "v1beta", "v1alpha", "upload", "health")
"""First parts of paths that mean something else."""


def upstream_name(name: str) -> str:
    """Raises Wrong unless the name can be the first part of a path."""
    if provider_name(name) in OWN_PATHS:
        raise Wrong(
            say(
                "{where}: {key} is {value}, and paths that begin so go elsewhere; it takes "
                'another name, for example "local"'
            )
        )
    return name


class Gateway(Section):
    enabled: bool = Field(
        default=False, description="Whether `make run` starts it beside the agent and the app"
    )
    listen: Annotated[str, AfterValidator(listening)] = Field(
        default="127.0.0.1:4000",
        min_length=1,
        description="Where it listens: for programs of this machine",
        json_schema_extra={"limits": "a private address and a port from 1024 to 65535"},
    )
    also_listen: Annotated[tuple[str, ...], AfterValidator(listening_addresses)] = Field(
        default=(),
        strict=False,
        max_length=8,
        examples=["172.17.0.1:4000"],
        description="Further addresses of this machine, for containers (docker0) and a VPN",
        json_schema_extra={"limits": "at most 8 private addresses, each with a port"},
    )
    body_max_mb: int = Field(
        default=100, ge=1, le=100, description="A longer request is refused with 413"
    )
    timeout_seconds: float = Field(
        default=600, ge=5, le=3600, description="How long a provider may say nothing"
    )
    client_timeout_seconds: float = Field(
        default=60, ge=1, le=600, description="How long a caller may send or take nothing"
    )
    media_max_seconds: int = Field(
        default=0,
        ge=0,
        le=360_000,
        description="Longest recording or video, where a call does not tell; 0: not said",
    )
    tool_calls_max: int = Field(
        default=0,
        ge=0,
        le=10_000,
        description="Most uses of a provider's tools in one call; 0: not said",
    )

    @property
    def addresses(self) -> list[tuple[str, int]]:
        return [host_and_port(each) for each in dict.fromkeys((self.listen, *self.also_listen))]


class Upstream(Section):
    """Only what differs from the providers that the gateway knows by itself."""

    name: Annotated[str, AfterValidator(upstream_name)] = Field(
        default="local",
        description="First part of the path of its calls, like /local/v1/chat/completions",
        json_schema_extra={"limits": "small letters, digits, dots, dashes, underscores"},
    )
    provider: Annotated[str, AfterValidator(provider_name)] = Field(
        default="local",
        description="Whose prices hold there; `local` costs nothing",
        json_schema_extra={"limits": "small letters, digits, dots, dashes, underscores"},
    )
    url: Annotated[str, AfterValidator(upstream_address)] = Field(
        default="http://127.0.0.1:11434",
        description="Where its calls go; what follows its name in the path is put behind",
        json_schema_extra={"limits": "https://, or http:// in a private network"},
    )
    key: SecretName = secret_of("", "its key")

    @model_validator(mode="after")
    def _is_near_or_says_whose(self) -> Self:
        """Raises Wrong for an address elsewhere that would be free by default."""
        if "provider" not in self.model_fields_set and not is_near(self.url):
            raise Wrong(
                say(
                    "{where}: {key} leads to another house, and nothing says whose prices hold "
                    "there; add provider below it, for example {example}, or {free} where it "
                    "costs nothing by the call",
                    example='provider = "mistral"',
                    free='provider = "local"',
                ),
                ("url",),
            )
        return self
