"""`[[redis]]`: one Redis server."""

from typing import Annotated

from pydantic import AfterValidator, Field

from models.settings.addresses import redis_address
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


class Redis(Section):
    name: Instance = instance("this server")
    url: Annotated[str, AfterValidator(redis_address)] = Field(
        default="redis://127.0.0.1:6379/0",
        description="Address with the number of the database, without the password",
        json_schema_extra={"limits": "redis://, rediss:// or unix://"},
    )
    password: SecretName = secret_of("", "the password")
    queues: tuple[str, ...] = Field(
        default=(),
        strict=False,
        max_length=50,
        description="Keys of lists, sorted sets and streams whose length is a queue",
        json_schema_extra={"limits": "at most 50 names"},
    )
    interval_seconds: float = interval(10)
    timeout_seconds: float = timeout(3)
    series_max: int = series(100)
