"""What is asked of one card: each field one question, in the units of `models/metrics.py`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from agent.kernel_files import content_if_any
from models.gpu import largest_first, throttle_states
from models.monitoring import Labels

PROCESSES_MAX = 20
GPU = (("hw.type", "gpu"),)


class Measure(NamedTuple):
    """A value before the card has put its own labels to it."""

    name: str
    value: float
    labels: Labels = ()


class ProcessMemory(NamedTuple):
    pid: int
    size_bytes: int


Answer = TypeVar("Answer", Measure, ProcessMemory)


@dataclass(frozen=True, slots=True)
class Field(Generic[Answer]):
    """`read` gets NVML and a handle; it is asked only once `instead_of` proved unsupported."""

    read: Callable[[Any, Any], list[Answer]]
    instead_of: str = ""


def _utilization(nvml: Any, handle: Any) -> list[Measure]:
    rates = nvml.nvmlDeviceGetUtilizationRates(handle)
    return [
        _task("general", rates.gpu),
        Measure("hw.gpu.memory.busy", rates.memory / 100),
    ]


def _encoder(nvml: Any, handle: Any) -> list[Measure]:
    return [_task("encoder", nvml.nvmlDeviceGetEncoderUtilization(handle)[0])]


def _decoder(nvml: Any, handle: Any) -> list[Measure]:
    return [_task("decoder", nvml.nvmlDeviceGetDecoderUtilization(handle)[0])]


def _task(name: str, percent: int) -> Measure:
    return Measure("hw.gpu.utilization", percent / 100, (("hw.gpu.task", name),))


def _memory(nvml: Any, handle: Any) -> list[Measure]:
    # The second version leaves out what the driver keeps for itself, as nvidia-smi does.
    return _memory_of(nvml.nvmlDeviceGetMemoryInfo(handle, version=nvml.nvmlMemory_v2))


def _memory_v1(nvml: Any, handle: Any) -> list[Measure]:
    return _memory_of(nvml.nvmlDeviceGetMemoryInfo(handle))


def _memory_of(memory: Any) -> list[Measure]:
    measures = [
        Measure("hw.gpu.memory.usage", memory.used),
        Measure("hw.gpu.memory.limit", memory.total),
    ]
    if memory.total:
        share = memory.used / memory.total
        measures.append(Measure("hw.gpu.memory.utilization", share))
    return measures


def _temperature(nvml: Any, handle: Any) -> list[Measure]:
    celsius = nvml.nvmlDeviceGetTemperatureV(handle, nvml.NVML_TEMPERATURE_GPU)
    return [Measure("hw.temperature", celsius, GPU)]


def _temperature_v1(nvml: Any, handle: Any) -> list[Measure]:
    celsius = nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU)
    return [Measure("hw.temperature", celsius, GPU)]


def _power(nvml: Any, handle: Any) -> list[Measure]:
    return [Measure("hw.power", nvml.nvmlDeviceGetPowerUsage(handle) / 1000, GPU)]


def _power_limit(nvml: Any, handle: Any) -> list[Measure]:
    return [Measure("hw.power.limit", nvml.nvmlDeviceGetEnforcedPowerLimit(handle) / 1000, GPU)]


def _energy(nvml: Any, handle: Any) -> list[Measure]:
    return [Measure("hw.energy", nvml.nvmlDeviceGetTotalEnergyConsumption(handle) / 1000, GPU)]


def _throttle(nvml: Any, handle: Any) -> list[Measure]:
    return _throttle_of(nvml.nvmlDeviceGetCurrentClocksEventReasons(handle))


def _throttle_v1(nvml: Any, handle: Any) -> list[Measure]:
    return _throttle_of(nvml.nvmlDeviceGetCurrentClocksThrottleReasons(handle))


def _throttle_of(bits: int) -> list[Measure]:
    return [
        Measure("hw.gpu.throttle", float(held), (("reason", reason),))
        for reason, held in throttle_states(bits).items()
    ]


def errors(kind: str, count: int) -> Measure:
    return Measure("hw.errors", count, (("error.type", kind), *GPU))


def _ecc_uncorrected(nvml: Any, handle: Any) -> list[Measure]:
    kind = nvml.NVML_MEMORY_ERROR_TYPE_UNCORRECTED
    count = nvml.nvmlDeviceGetTotalEccErrors(handle, kind, nvml.NVML_VOLATILE_ECC)
    return [errors("ecc.uncorrected", count)]


def _ecc_corrected(nvml: Any, handle: Any) -> list[Measure]:
    kind = nvml.NVML_MEMORY_ERROR_TYPE_CORRECTED
    count = nvml.nvmlDeviceGetTotalEccErrors(handle, kind, nvml.NVML_VOLATILE_ECC)
    return [errors("ecc.corrected", count)]


def _remapped_rows(nvml: Any, handle: Any) -> list[Measure]:
    corrected, uncorrected, _, _ = nvml.nvmlDeviceGetRemappedRows(handle)
    return [errors("remapped_rows", corrected + uncorrected)]


FIELDS: dict[str, Field[Measure]] = {
    "utilization": Field(_utilization),
    "encoder": Field(_encoder),
    "decoder": Field(_decoder),
    "memory": Field(_memory),
    "memory, old": Field(_memory_v1, instead_of="memory"),
    "temperature": Field(_temperature),
    "temperature, old": Field(_temperature_v1, instead_of="temperature"),
    "power": Field(_power),
    "power limit": Field(_power_limit),
    "energy": Field(_energy),
    "throttle": Field(_throttle),
    "throttle, old": Field(_throttle_v1, instead_of="throttle"),
    "ecc uncorrected": Field(_ecc_uncorrected),
    "ecc corrected": Field(_ecc_corrected),
    "remapped rows": Field(_remapped_rows),
}


# Versions by name: without one the binding raises something that is no NVMLError.
def _compute_processes(nvml: Any, handle: Any) -> list[ProcessMemory]:
    return _processes_of(nvml.nvmlDeviceGetComputeRunningProcesses_v3(handle))


def _compute_processes_v2(nvml: Any, handle: Any) -> list[ProcessMemory]:
    return _processes_of(nvml.nvmlDeviceGetComputeRunningProcesses_v2(handle))


def _graphics_processes(nvml: Any, handle: Any) -> list[ProcessMemory]:
    return _processes_of(nvml.nvmlDeviceGetGraphicsRunningProcesses_v3(handle))


def _mps_processes(nvml: Any, handle: Any) -> list[ProcessMemory]:
    return _processes_of(nvml.nvmlDeviceGetMPSComputeRunningProcesses_v3(handle))


def _processes_of(found: list[Any]) -> list[ProcessMemory]:
    # None: the driver does not tell (MIG).
    return [ProcessMemory(p.pid, p.usedGpuMemory) for p in found if p.usedGpuMemory is not None]


PROCESS_LISTS: dict[str, Field[ProcessMemory]] = {
    "compute processes": Field(_compute_processes),
    "compute processes, old": Field(_compute_processes_v2, instead_of="compute processes"),
    "graphics processes": Field(_graphics_processes),
    "MPS processes": Field(_mps_processes),
}


def by_process_name(processes: Iterable[ProcessMemory]) -> list[Measure]:
    """One measure a name; a process that stands in two lists counts once."""
    by_pid = dict(sorted(processes))
    usage: dict[str, int] = {}
    for pid, size_bytes in by_pid.items():
        name = process_name(pid)
        usage[name] = usage.get(name, 0) + size_bytes
    return [
        Measure("hw.gpu.process.memory.usage", size_bytes, (("process.name", name),))
        for name, size_bytes in largest_first(usage, PROCESSES_MAX).items()
    ]


def process_name(pid: int) -> str:
    """In a container NVML gives the host's numbers, which mean nothing here: "pid 1234"."""
    name = (content_if_any(f"/proc/{pid}/comm") or "").strip()
    return name or f"pid {pid}"
