"""`[[sqlite]]`: one SQLite file."""

from pydantic import Field

from models.settings.section import (
    AbsolutePath,
    Instance,
    Section,
    instance,
    interval,
    series,
    timeout,
)


class Sqlite(Section):
    name: Instance = instance("this file")
    path: AbsolutePath = Field(
        default="/home/node/.n8n/database.sqlite",
        description="The file; it is opened for reading only",
        json_schema_extra={"limits": "a path that begins with /"},
    )
    interval_seconds: float = interval(30)
    timeout_seconds: float = timeout(3)
    series_max: int = series(20)
