"""dcgm-exporter: the GPUs of a machine, in the names of our own GPU collector."""

from collections.abc import Callable, Mapping, Sequence

from models.exporters.lines import Sample
from models.exporters.preset import Preset
from models.gpu import throttle_states
from models.monitoring import Labels, Reading

MEGABYTE = 1024.0 * 1024.0
_BLANKS = ((2147483632.0, 2147483636.0), (140737488355328.0, 140737488355332.0))
"""DCGM's "no value" in 32 bits and as a floating point number, with the reasons for it; the one
in 64 bits is a gap for every exporter.
"""
_GPU = (("hw.type", "gpu"),)

Values = Mapping[str, float]


class Dcgm:
    def readings(self, samples: Sequence[Sample], monotonic_seconds: float) -> list[Reading]:  # noqa: ARG002  # no rates
        cards: dict[Labels, dict[str, float | None]] = {}
        for sample in samples:
            values = cards.setdefault(_identity(dict(sample.labels)), {})
            field = sample.name.removeprefix("DCGM_FI_DEV_")
            values.setdefault(field, None if _is_blank(sample.value) else sample.value)
        return [
            Reading(name, value, tuple(sorted(identity + labels)))
            for identity, values in cards.items()
            for name, value, labels in _measures(values)
        ]


def _identity(labels: Mapping[str, str]) -> Labels:
    """A slice of a card (MIG) is a card of its own."""
    identity = labels.get("UUID") or labels.get("pci_bus_id") or f"gpu {labels.get('gpu', '')}"
    model = labels.get("modelName", "NVIDIA")
    part = labels.get("GPU_I_ID", "")
    if part:
        identity, model = f"{identity}/{part}", f"{model} {labels.get('GPU_I_PROFILE', part)}"
    return (("hw.id", identity), ("hw.name", model))


def _is_blank(value: float | None) -> bool:
    return value is not None and any(low <= value < high for low, high in _BLANKS)


_PERCENT = 0.01
_SIMPLE: dict[str, tuple[str, float, Labels]] = {
    "GPU_UTIL": ("hw.gpu.utilization", _PERCENT, (("hw.gpu.task", "general"),)),
    "ENC_UTIL": ("hw.gpu.utilization", _PERCENT, (("hw.gpu.task", "encoder"),)),
    "DEC_UTIL": ("hw.gpu.utilization", _PERCENT, (("hw.gpu.task", "decoder"),)),
    "MEM_COPY_UTIL": ("hw.gpu.memory.busy", _PERCENT, ()),
    "GPU_TEMP": ("hw.temperature", 1.0, _GPU),
    "POWER_USAGE": ("hw.power", 1.0, _GPU),
    "ENFORCED_POWER_LIMIT": ("hw.power.limit", 1.0, _GPU),
    "TOTAL_ENERGY_CONSUMPTION": ("hw.energy", 0.001, _GPU),
    "ECC_DBE_VOL_TOTAL": ("hw.errors", 1.0, (("error.type", "ecc.uncorrected"), *_GPU)),
    "ECC_SBE_VOL_TOTAL": ("hw.errors", 1.0, (("error.type", "ecc.corrected"), *_GPU)),
}
"""Field of DCGM, ours, factor to our unit, labels."""

Measure = tuple[str, float | None, Labels]


def _measures(told: Mapping[str, float | None]) -> list[Measure]:
    """A field that is told as blank is a gap; what is made of several is left out then."""
    values = {field: value for field, value in told.items() if value is not None}
    found: list[Measure] = [
        (ours, values[field] * factor if field in values else None, labels)
        for field, (ours, factor, labels) in _SIMPLE.items()
        if field in told
    ]
    for more in _COMPOSED:
        found += more(values)
    return found


def _memory(values: Values) -> list[Measure]:
    """The limit has what the driver keeps for itself, the use has not, as in NVML."""
    if "FB_USED" not in values:
        return []
    used = values["FB_USED"] * MEGABYTE
    measures: list[Measure] = [("hw.gpu.memory.usage", used, ())]
    parts = [values[part] for part in ("FB_USED", "FB_FREE") if part in values]
    total = values.get("FB_TOTAL") or (
        sum(parts) + values.get("FB_RESERVED", 0.0) if len(parts) == 2 else 0.0
    )
    if total:
        limit = total * MEGABYTE
        measures.append(("hw.gpu.memory.limit", limit, ()))
        measures.append(("hw.gpu.memory.utilization", used / limit, ()))
    return measures


def _engine(values: Values) -> list[Measure]:
    """Cards cut into slices, and some virtual ones, tell only how busy the engine is."""
    share = values.get("DCGM_FI_PROF_GR_ENGINE_ACTIVE")
    if share is None or "GPU_UTIL" in values:
        return []
    return [("hw.gpu.utilization", share, (("hw.gpu.task", "general"),))]


def _xid(values: Values) -> list[Measure]:
    """DCGM gives the number of the last one, 0 for none, and never how many there were."""
    if "XID_ERRORS" not in values:
        return []
    code = int(values["XID_ERRORS"])
    measures: list[Measure] = [("hw.errors", float(code > 0), (("error.type", "xid"), *_GPU))]
    if code > 0:
        measures.append(("hw.errors", 1.0, (("error.type", f"xid {code}"), *_GPU)))
    return measures


def _remapped(values: Values) -> list[Measure]:
    names = ("CORRECTABLE_REMAPPED_ROWS", "UNCORRECTABLE_REMAPPED_ROWS")
    if not any(name in values for name in names):
        return []
    rows = sum(values.get(name, 0.0) for name in names)
    return [("hw.errors", rows, (("error.type", "remapped_rows"), *_GPU))]


def _throttle(values: Values) -> list[Measure]:
    bits = values.get("CLOCKS_EVENT_REASONS", values.get("CLOCK_THROTTLE_REASONS"))
    if bits is None:
        return []
    return [
        ("hw.gpu.throttle", float(held), (("reason", reason),))
        for reason, held in throttle_states(int(bits)).items()
    ]


_COMPOSED: tuple[Callable[[Values], list[Measure]], ...] = (
    _memory,
    _engine,
    _xid,
    _remapped,
    _throttle,
)
TRANSLATED = frozenset(
    f"DCGM_FI_DEV_{field}"
    for field in (
        *_SIMPLE,
        *("FB_USED", "FB_FREE", "FB_RESERVED", "FB_TOTAL", "XID_ERRORS"),
        *("CORRECTABLE_REMAPPED_ROWS", "UNCORRECTABLE_REMAPPED_ROWS"),
        *("CLOCKS_EVENT_REASONS", "CLOCK_THROTTLE_REASONS"),
    )
) | {"DCGM_FI_PROF_GR_ENGINE_ACTIVE"}
PRESET = Preset(
    name="dcgm",
    prefixes=tuple(sorted(TRANSLATED)),
    mark="DCGM_FI_DEV_",
    version=("DCGM_FI_DEV_GPU_TEMP", "DCGM_FI_DRIVER_VERSION"),
    translated=TRANSLATED,
    translator=Dcgm,
)
