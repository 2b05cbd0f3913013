"""`[[n8n]]`: one n8n."""

from typing import Annotated

from pydantic import AfterValidator, Field

from models.settings.addresses import web_address
from models.settings.section import (
    Instance,
    SecretName,
    Section,
    instance,
    interval,
    secret_of,
    series,
    timeout,
)


class N8n(Section):
    name: Instance = instance("this n8n")
    url: Annotated[str, AfterValidator(web_address)] = Field(
        default="http://127.0.0.1:5678",
        description="Where the agent reaches it",
        json_schema_extra={"limits": "http:// or https://"},
    )
    link_url: str = Field(
        default="",
        description="Where a person's browser reaches it; empty: the same address",
        json_schema_extra={"limits": "http:// or https://"},
    )
    api_key: SecretName = secret_of("N8N_API_KEY", "a key of its public API")
    interval_seconds: float = interval(10)
    metrics_interval_seconds: float = Field(
        default=20, ge=5, le=3600, description="Time between two looks at its metrics"
    )
    executions_interval_seconds: float = Field(
        default=30, ge=5, le=3600, description="Time between two looks at the executions"
    )
    workflows_interval_seconds: float = Field(
        default=600, ge=60, le=86_400, description="Time between two looks at the list of workflows"
    )
    timeout_seconds: float = timeout(10)
    workflows_max: int = Field(
        default=200, ge=1, le=2000, description="Workflows watched; further ones are left out"
    )
    silence_factor: float = Field(
        default=3,
        ge=1.5,
        le=100,
        description="Silent: no run in this many times the usual gap",
    )
    stuck_factor: float = Field(
        default=3,
        ge=1,
        le=100,
        description="Stuck: a run takes this many times what 95 % of runs take at most",
    )
    stuck_floor_seconds: float = Field(
        default=300,
        ge=10,
        le=86_400,
        description="Nothing is stuck before; twelve times as long where no run was measured yet",
    )
    series_max: int = series(2500)
