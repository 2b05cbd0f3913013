"""`[[postgres]]`: one PostgreSQL server."""

from typing import Annotated

from pydantic import AfterValidator, Field

from models.settings.addresses import postgres_address
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


class Postgres(Section):
    name: Instance = instance("this server")
    url: Annotated[str, AfterValidator(postgres_address)] = Field(
        default="postgresql://sallim@127.0.0.1:5432/postgres",
        description="Address with user and database, without the password",
        json_schema_extra={"limits": "postgresql://"},
    )
    password: SecretName = secret_of("", "the password")
    interval_seconds: float = interval(10)
    statements_interval_seconds: float = Field(
        default=60, ge=10, le=3600, description="Time between two looks at the statements"
    )
    sizes_interval_seconds: float = Field(
        default=300, ge=60, le=86_400, description="Time between two looks at the sizes"
    )
    timeout_seconds: float = timeout(5)
    long_query_seconds: float = Field(
        default=30, ge=1, le=86_400, description="A query or an idle transaction is long after this"
    )
    disk_mb: int = Field(
        default=0,
        ge=0,
        le=100_000_000,
        description="Room that the databases may fill, where the agent cannot see the server's "
        "disk; 0: not known",
    )
    tables_max: int = Field(default=50, ge=1, le=500, description="Largest tables watched")
    statements_max: int = Field(default=20, ge=1, le=100, description="Slowest statements watched")
    series_max: int = series(500)
