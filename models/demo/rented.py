"""The rented machine of the demo: a GPU for analysing videos, paid by the hour, else off."""

from models.demo.host import (
    Cpu,
    Hardware,
    Memory,
    Named,
    Pressure,
    Traffic,
    cpu_series,
    labels,
    memory_series,
    pressure_series,
    process_series,
    traffic_series,
)
from models.demo.signals import HOUR, Clock, Jobs, Signal, clipped, jobs, positive, sessions
from models.gpu import THROTTLE_REASONS
from models.monitoring import Labels

HARDWARE = Hardware(
    cpus=8,
    memory_bytes=33_565_360_128.0,
    swap_bytes=8_589_930_496.0,
    disk_bytes=214_643_507_200.0,
    device="nvme0n1",
    interface="ens3",
)
GPU_ID = "GPU-7d1f6c2e-58a4-4d0b-9c33-demo00000001"
GPU_NAME = "NVIDIA GeForce RTX 4090"
GPU_MEMORY_BYTES = 25_757_220_864.0
GPU_POWER_LIMIT_WATTS = 450.0


def is_on(clock: Clock) -> Signal:
    """True while the machine is rented; its series exist only then."""
    work, batch = sessions(clock)
    hour = clock.house_hour
    return (work.wanted & (hour >= work.start) & (hour < work.end)) | (
        batch.wanted & (hour >= batch.start) & (hour < batch.end)
    )


def series(clock: Clock) -> Named:
    job = jobs(clock)
    cpu_by_unit = {
        "video-worker.service": 0.06 + job.busy * (2.9 + 0.8 * clock.drift(101, 45)),
        "sallim-probe.service": 0.006 + 0.002 * clock.noise(102),
    }
    cpu = _cpu(clock, sum(cpu_by_unit.values()) / HARDWARE.cpus, job)
    memory = _memory(clock, job)
    busy = cpu.user + cpu.system
    load = HARDWARE.cpus * busy * 1.05 + 0.1 + 0.1 * clock.drift(103, 60)
    memory_by_unit = {
        "video-worker.service": 0.85 * memory.used,
        "sallim-probe.service": 41e6 + 1e6 * clock.drift(104, 5_000),
    }
    return (
        cpu_series(HARDWARE, cpu, load)
        | memory_series(HARDWARE, memory)
        | traffic_series(HARDWARE, _traffic(clock, job))
        | pressure_series(_pressure(clock, busy, job))
        | process_series(cpu_by_unit, memory_by_unit, 164 + 9 * job.busy)
        | _gpu_series(clock, job)
        | {("system.uptime", ()): _uptime(clock)}
    )


def _uptime(clock: Clock) -> Signal:
    work, batch = sessions(clock)
    hour = clock.house_hour
    in_batch = batch.wanted & (hour >= batch.start) & (hour < batch.end)
    start = batch.start * in_batch + work.start * (1 - in_batch)
    return HOUR * positive(hour - start)


def _stage(job: Jobs, start: float, end: float) -> Signal:
    """1 while an analysis is between two shares of its way."""
    return job.busy * (job.progress >= start) * (job.progress < end)


def _cpu(clock: Clock, share: Signal, job: Jobs) -> Cpu:
    share = clipped(share * (1 + 0.12 * clock.noise(111)), 0.0, 0.96)
    return Cpu(
        user=0.84 * share,
        system=0.16 * share,
        iowait=0.002 + 0.02 * _stage(job, 0.0, 0.12),
        steal=0.0 * share,
    )


def _memory(clock: Clock, job: Jobs) -> Memory:
    limit = HARDWARE.memory_bytes
    used = 0.17 + job.busy * (0.16 + 0.05 * job.progress) + 0.01 * clock.drift(121, 300)
    cached = (0.9 - used) * (0.5 + 0.2 * clock.drift(122, 3 * HOUR))
    return Memory(
        used=limit * used,
        cached=limit * cached,
        buffers=0.006 * limit + 0 * used,
        swap_used=0.0 * used,
        swapped_in=0.0 * used,
        swapped_out=0.0 * used,
    )


def _traffic(clock: Clock, job: Jobs) -> Traffic:
    rough = 1 + 0.4 * clock.noise(131)
    download, upload = _stage(job, 0.0, 0.12), _stage(job, 0.92, 1.0)
    day = clock.house_hour / 24
    return Traffic(
        read=(30e3 + 95e6 * _stage(job, 0.1, 0.6)) * rough,
        written=(120e3 + 60e6 * download + 35e6 * _stage(job, 0.85, 1.0)) * rough,
        received=(9e3 + 58e6 * download) * rough,
        sent=(11e3 + 24e6 * upload) * rough,
        disk_used=HARDWARE.disk_bytes * (0.38 + 0.2 * day + 0.01 * job.busy),
    )


def _pressure(clock: Clock, busy: Signal, job: Jobs) -> Pressure:
    rough = 1 + 0.3 * clock.noise(141)
    return Pressure(
        cpu=clipped(0.12 * busy * rough, 0, 1),
        memory=0.0 * busy,
        io=clipped((0.001 + 0.12 * _stage(job, 0.0, 0.12)) * rough, 0, 1),
    )


def _gpu_series(clock: Clock, job: Jobs) -> Named:
    """The card warms up and cools down over minutes: its heat is the work of the last ones."""
    heat = sum(jobs(clock.ago(seconds)).busy for seconds in (0, 40, 80, 120, 180, 240)) / 6
    analysing = _stage(job, 0.08, 0.9)
    general = analysing * (0.86 + 0.09 * clock.drift(151, 30) + 0.05 * clock.noise(152))
    power = 24 + analysing * 290 * (0.9 + 0.1 * clock.drift(153, 25)) + 30 * job.busy + 8 * heat
    memory = 0.05 + job.busy * (0.62 + 0.12 * clock.chance(154, clock.step(420)))
    values: dict[str, Signal] = {
        "hw.gpu.memory.usage": GPU_MEMORY_BYTES * memory,
        "hw.gpu.memory.limit": GPU_MEMORY_BYTES + 0 * memory,
        "hw.gpu.memory.utilization": memory,
        "hw.gpu.memory.busy": 0.55 * general,
        "hw.gpu.asleep": 0.0 * power,
    }
    typed = {
        "hw.temperature": 36 + 36 * heat + 2 * clock.drift(155, 90),
        "hw.power": power,
        "hw.power.limit": GPU_POWER_LIMIT_WATTS + 0 * power,
    }
    tasks = {
        "general": clipped(general, 0.0, 1.0),
        "decoder": clipped(0.42 * _stage(job, 0.08, 0.6) * (1 + 0.25 * clock.noise(156)), 0, 1),
        "encoder": clipped(0.55 * _stage(job, 0.82, 1.0) * (1 + 0.2 * clock.noise(157)), 0, 1),
    }
    throttle = dict.fromkeys(THROTTLE_REASONS, 0.0 * power)
    throttle["sw power cap"] = 1.0 * (power > 332)
    named: Named = {(name, _card()): value for name, value in values.items()}
    named |= {(name, _card(hw_type="gpu")): value for name, value in typed.items()}
    named |= {
        ("hw.gpu.utilization", _card(hw_gpu_task=task)): value for task, value in tasks.items()
    }
    return named | {
        ("hw.gpu.throttle", _card(reason=reason)): held for reason, held in throttle.items()
    }


def _card(**more: str) -> Labels:
    return labels(hw_id=GPU_ID, hw_name=GPU_NAME, **more)
