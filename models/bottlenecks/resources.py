"""Utilisation, saturation and errors of each resource of each machine (the USE method)."""

from collections.abc import Iterable, Mapping

from models.bottlenecks.inputs import Strain
from models.bottlenecks.shapes import ResourceUse
from models.bottlenecks.strains import RESOURCES

USED = {
    "CPU": "machine.cpu.utilization",
    "memory": "machine.memory.utilization",
    "disk": "system.disk.io_time",
    "GPU": "hw.gpu.utilization",
    "GPU memory": "hw.gpu.memory.utilization",
}
WAITED_FOR = {
    "CPU": ("system.linux.pressure.cpu", "container.cpu.throttled"),
    "memory": ("system.linux.pressure.memory",),
    "disk": ("system.linux.pressure.io",),
    "GPU": ("hw.gpu.throttle",),
    "GPU memory": (),
}
ERRORS: dict[str, str] = {
    "hw.errors": "GPU",
    "container.memory.oom_kills": "memory",
    "system.network.errors": "network",
}


def resources_of(
    strains: Iterable[Strain], errors: Mapping[tuple[str, str], float]
) -> tuple[ResourceUse, ...]:
    """Of several disks or cards the busiest one, and of a saturation the longest."""
    rows = [strain for strain in strains if strain.name in RESOURCES and strain.buckets]
    machines = sorted({row.machine for row in rows})
    found = [
        _use([row for row in rows if row.machine == machine], machine, resource, errors)
        for machine in machines
        for resource in USED
    ]
    return tuple(use for use in found if use is not None)


def _use(
    rows: list[Strain], machine: str, resource: str, errors: Mapping[tuple[str, str], float]
) -> ResourceUse | None:
    used = [row for row in rows if row.name == USED[resource]]
    waited = [row for row in rows if row.name in WAITED_FOR[resource]]
    if not used and not waited:
        return None
    busiest = max(used, key=lambda row: row.mean, default=None)
    return ResourceUse(
        machine=machine,
        resource=resource,
        utilisation=busiest.mean if busiest else None,
        utilisation_p95=busiest.p95 if busiest else None,
        saturation=max((row.mean for row in waited), default=None),
        strained_share=max(row.strained_buckets / row.buckets for row in (*used, *waited)),
        errors=errors.get((machine, resource)),
    )
