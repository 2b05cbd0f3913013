"""Our metrics as Prometheus text; prometheus_client writes it, we give the names.

Names follow the rules by which OpenTelemetry names become Prometheus names: dots to underscores,
the unit spelled out behind.
"""

import re
from collections.abc import Iterable

from models.metrics import text_of, unit_of

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_UNITS = {
    "1": "ratio",
    "By": "bytes",
    "s": "seconds",
    "W": "watts",
    "J": "joules",
    "Cel": "celsius",
}


def prometheus_name(name: str, unit: str) -> str:
    """Spell a name as Prometheus wants it.

    >>> prometheus_name("system.disk.io", "By/s")
    'system_disk_io_bytes_per_second'
    >>> prometheus_name("system.cpu.load_average.1m", "{thread}")
    'system_cpu_load_average_1m'
    """
    base, slash, _ = unit.partition("/")
    parts = [name, _UNITS.get(base, ""), "per_second" if slash else ""]
    return re.sub(r"[^a-zA-Z0-9_]+", "_", "_".join(part for part in parts if part))


def exposition(samples: Iterable[tuple[str, str, dict[str, str], float]]) -> bytes:
    """Prometheus text of (metric, machine, labels, value); imports its writer at the first use."""
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.core import GaugeMetricFamily

    families: dict[str, GaugeMetricFamily] = {}
    for name, machine, labels, value in samples:
        names = [re.sub(r"[^a-zA-Z0-9_]", "_", label) for label in labels]
        key = prometheus_name(name, unit_of(name))
        family = families.get(key)
        if family is None:
            family = families[key] = GaugeMetricFamily(
                key, text_of(name), labels=["machine", *names]
            )
        family.add_sample(
            key, {"machine": machine, **dict(zip(names, labels.values(), strict=True))}, value
        )

    class Once:
        def collect(self) -> Iterable[GaugeMetricFamily]:
            return families.values()

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Once())
    return generate_latest(registry)
