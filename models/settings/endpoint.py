"""`[[endpoint]]`: one address that must answer."""

from typing import Annotated

from pydantic import AfterValidator, Field

from models.settings.addresses import endpoint_address
from models.settings.section import (
    AbsolutePath,
    Instance,
    Section,
    authority,
    instance,
    interval,
    series,
    timeout,
)


class Endpoint(Section):
    name: Instance = instance("this endpoint")
    url: Annotated[str, AfterValidator(endpoint_address)] = Field(
        default="http://127.0.0.1:8080/healthz",
        description="What is asked; tcp://host:port only connects, tls://host:port shakes hands",
        json_schema_extra={"limits": "http://, https://, tcp:// or tls://"},
    )
    expect_status: int = Field(
        default=0, ge=0, le=599, description="Status that is right; 0: any from 200 to 399"
    )
    expect_text: str = Field(
        default="",
        max_length=200,
        description="Text that the first 64 kB of the answer must hold; empty: anything",
        json_schema_extra={"limits": "at most 200 characters"},
    )
    allow_private: bool = Field(
        default=True,
        description="Whether the address may be of this machine or of a private network",
    )
    tls_days_min: int = Field(
        default=14, ge=0, le=365, description="A certificate that ends earlier is a problem"
    )
    ca_file: AbsolutePath = authority()
    interval_seconds: float = interval(10)
    timeout_seconds: float = timeout(5)
    series_max: int = series(20)
