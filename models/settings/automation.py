"""`[automation]`: what Sallim may do by itself."""

from typing import Any, Literal

from pydantic import Field

from models.settings.section import AbsolutePath, Section

Permission = Literal["off", "ask", "on"]


def permission(default: Permission, what: str) -> Any:
    """`off` writes down what would have been done, `ask` waits for a person's word."""
    return Field(default=default, description=f"{what}: `off` never, `ask` a person first, `on`")


class Automation(Section):
    """What a person asks for is done whatever stands here. Nothing switches itself to `on`."""

    count: Permission = permission("on", "Count what everything costs, and tell it")
    block: Permission = permission("on", "Refuse calls that no longer fit a budget")
    stop: Permission = permission("ask", "Stop each [[service]] at 100 %, and bring it back")
    scale: Permission = permission("off", "Buy and return machines")
    repair: Permission = permission("off", "Repair what is down")
    docker_socket: AbsolutePath = Field(
        default="/run/docker.sock",
        description="Where Docker's Engine API is asked; whoever may write there is root: use a "
        "filtering proxy, see docs/limits.md",
        json_schema_extra={"limits": "a path that starts with /"},
    )
