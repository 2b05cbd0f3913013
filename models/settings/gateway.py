"""`[gateway]` and `[[upstream]]`: who may spend over HTTP, and where their calls go."""

import functools
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from models.messages import Message, say
from models.settings.addresses import (
    any_host_and_port,
    any_listening_address,
    any_listening_addresses,
    is_near,
    is_private_address,
    upstream_address,
)
from models.settings.money_rules import provider_name
from models.settings.rules import Wrong, absolute_path
from models.settings.section import SecretName, Section, secret_of
from models.settings.values import shown
from sallim.guard.providers import LOCAL_PORTS

OWN_PATHS = ("w", "v1", "v1beta", "v1alpha", "upload", "health")
"""First parts of paths that mean something else."""


ALIASES = {"gemini": "google"}
"""Paths that begin with the first go to the second, so no upstream of that name is ever asked."""


def no_alias(name: str) -> str:
    """Raises Wrong for what the gateway knows by another name."""
    if name in ALIASES:
        raise Wrong(
            say(
                "{where}: {key} is {value}, which the gateway knows as {known}; write {known}, and "
                "/gemini as well as /google goes there",
                known=f'"{ALIASES[name]}"',
            )
        )
    return name


def upstream_name(name: str) -> str:
    """Raises Wrong unless the name can be the first part of a path."""
    if provider_name(name) in OWN_PATHS:
        raise Wrong(
            say(
                "{where}: {key} is {value}, and paths that begin so go elsewhere; it takes "
                'another name, for example "local"'
            )
        )
    return no_alias(name)


PemPath = Annotated[
    str, AfterValidator(functools.partial(absolute_path, example="/etc/sallim/gateway.pem"))
]


def _one_alone(missing: str) -> Message:
    return say(
        "{where}: {key} is empty, and TLS takes a certificate and its key: write both, for "
        'example {missing} = "/etc/sallim/gateway.pem", or neither',
        missing=missing,
    )


def _without_tls(listen: str, port: int) -> Message:
    return say(
        "{where}: {key} is {value}, which strangers could reach, and there is no TLS; name a "
        'certificate (tls_cert = "/etc/sallim/gateway.pem" and tls_key), or listen at a private '
        'address, for example "127.0.0.1:{port}"',
        value=shown(listen),
        port=str(port),
    )


class Gateway(Section):
    enabled: bool = Field(
        default=False, description="Whether `make run` starts it beside the agent and the app"
    )
    listen: Annotated[str, AfterValidator(any_listening_address)] = Field(
        default="127.0.0.1:4000",
        description="Where it listens: for programs of this machine",
        json_schema_extra={"limits": "an address, private without TLS, and a port from 1024"},
    )
    also_listen: Annotated[tuple[str, ...], AfterValidator(any_listening_addresses)] = Field(
        default=(),
        strict=False,
        max_length=8,
        examples=["172.17.0.1:4000"],
        description="Further addresses of this machine, for containers (docker0) and a VPN",
        json_schema_extra={"limits": "at most 8 addresses, private without TLS, each with a port"},
    )
    tls_cert: PemPath = Field(
        default="",
        description="Certificate with its chain in PEM form: then it speaks TLS, at all addresses",
        json_schema_extra={"limits": "a path that starts with /; empty: no TLS"},
    )
    tls_key: PemPath = Field(
        default="",
        description="The private key of that certificate in PEM form, without a passphrase",
        json_schema_extra={"limits": "a path that starts with /"},
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

    @model_validator(mode="after")
    def _reaches_strangers_by_tls_alone(self) -> Self:
        """Raises Wrong."""
        if bool(self.tls_cert) != bool(self.tls_key):
            missing = "tls_key" if self.tls_cert else "tls_cert"
            raise Wrong(_one_alone(missing), (missing,))
        for key, listens in (("listen", (self.listen,)), ("also_listen", self.also_listen)):
            for each in listens:
                host, port = any_host_and_port(each)
                if not self.tls_cert and not is_private_address(host):
                    raise Wrong(_without_tls(each, port), (key,))
        return self

    @property
    def addresses(self) -> list[tuple[str, int]]:
        return [any_host_and_port(each) for each in dict.fromkeys((self.listen, *self.also_listen))]

    @property
    def url(self) -> str:
        return f"{'https' if self.tls_cert else 'http'}://{self.listen}"


class Upstream(Section):
    """Only what differs from the providers that the gateway knows by itself."""

    name: Annotated[str, AfterValidator(upstream_name)] = Field(
        default="local",
        description="First part of the path of its calls, like /local/v1/chat/completions",
        json_schema_extra={"limits": "small letters, digits, dots, dashes, underscores"},
    )
    provider: Annotated[str, AfterValidator(provider_name), AfterValidator(no_alias)] = Field(
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
        """Raises Wrong where it would be free by default and is no server of models by its port."""
        runs_here = is_near(self.url) and urlsplit(self.url).port in LOCAL_PORTS
        if "provider" not in self.model_fields_set and not runs_here:
            raise Wrong(
                say(
                    "{where}: {key} may lead to a provider that is paid, as proxies do, and "
                    "nothing says whose prices hold there; add provider below it, for example "
                    "{example}, or {free} where it costs nothing by the call",
                    example='provider = "mistral"',
                    free='provider = "local"',
                ),
                ("url",),
            )
        return self
