"""Pressure stall information: the share of time in which work waited. No file, no series."""

from agent.kernel_files import content_if_any
from models.host import pressure_share
from models.monitoring import Reading

RESOURCES = ("cpu", "memory", "io")


class Pressure:
    def __init__(self, proc: str) -> None:
        self._paths = {resource: f"{proc}/pressure/{resource}" for resource in RESOURCES}

    def read(self) -> list[Reading]:
        readings = []
        for resource, path in self._paths.items():
            share = pressure_share(content_if_any(path) or "")
            if share is not None:
                readings.append(Reading(f"system.linux.pressure.{resource}", share))
        return readings
