"""`[[beat]]`: one job that says that it still runs."""

from pydantic import Field

from models.settings.section import Instance, Section, instance


class Beat(Section):
    name: Instance = instance("this heartbeat, as in `POST /beat/NAME`")
    every_seconds: float = Field(
        default=86_400, ge=10, le=40_000_000, description="How often it should come"
    )
    grace_seconds: float = Field(
        default=600, ge=0, le=40_000_000, description="How much later it may come"
    )
