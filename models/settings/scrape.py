"""`[[scrape]]`: one exporter in Prometheus' text format."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from models.settings.addresses import web_address
from models.settings.rules import machine_name
from models.settings.section import (
    AbsolutePath,
    Instance,
    SecretName,
    Section,
    authority,
    instance,
    interval,
    secret_of,
    series,
    timeout,
)


class Scrape(Section):
    name: Instance = instance("this target")
    url: Annotated[str, AfterValidator(web_address)] = Field(
        default="http://127.0.0.1:9100/metrics",
        description="Where it shows its metrics",
        json_schema_extra={"limits": "http:// or https://"},
    )
    preset: Literal["", "node_exporter", "dcgm", "vllm", "tgi", "triton", "n8n", "haproxy"] = Field(
        default="",
        description="What kind of exporter it is; empty: known by its answer, or `prefixes` say",
    )
    prefixes: tuple[str, ...] = Field(
        default=(),
        strict=False,
        max_length=50,
        description="Beginnings of the names that are kept, beside those of the preset",
        json_schema_extra={"limits": "at most 50 texts"},
    )
    machine: Annotated[str, AfterValidator(machine_name)] = Field(
        default="",
        description="Machine whose series these are; empty: the target's own name where it shows a "
        "machine (node_exporter, DCGM), else the agent's machine",
        json_schema_extra={"limits": "at most 64 characters"},
    )
    token: SecretName = secret_of("", "its bearer token")
    ca_file: AbsolutePath = authority()
    interval_seconds: float = interval(15)
    timeout_seconds: float = timeout(3)
    samples_max: int = Field(
        default=2000, ge=10, le=20_000, description="Samples kept of one answer"
    )
    series_max: int = series(2000)
