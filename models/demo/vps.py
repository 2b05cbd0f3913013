"""The small server of the demo: 1 vCPU and 2 GB for n8n, PostgreSQL and Sallim."""

from models.demo.host import (
    Cpu,
    Hardware,
    Memory,
    Named,
    Pressure,
    Traffic,
    cpu_series,
    memory_series,
    pressure_series,
    process_series,
    traffic_series,
)
from models.demo.signals import DAY, Clock, Jobs, Signal, clipped, jobs, positive

HARDWARE = Hardware(
    cpus=1,
    memory_bytes=2_061_500_416.0,
    swap_bytes=2_147_479_552.0,
    disk_bytes=41_972_404_224.0,
    device="vda",
    interface="eth0",
)
REBOOTED_EVERY_DAYS = 34
DISK_CLEANED_EVERY_DAYS = 24


def series(clock: Clock) -> Named:
    job = jobs(clock)
    backup = 1.0 * clock.between(21.5, 21.85, 0.02)  # 03:30 in Korea
    swapping = _swapping(clock)
    cpu_by_unit = _cpu_by_unit(clock, job, backup)
    cpu = _cpu(clock, sum(cpu_by_unit.values()), backup, swapping)
    memory = _memory(clock, swapping)
    busy = cpu.user + cpu.system
    load = 0.05 + 1.1 * busy + 2.5 * cpu.iowait + 0.08 * clock.drift(31, 60) ** 2
    memory_by_unit = {
        "n8n.service": 0.58 * memory.used,
        "postgresql.service": 0.14 * memory.used,
        "sallim-agent.service": 66e6 + 2e6 * clock.drift(32, 9_000),
        "sallim-app.service": 0.11 * memory.used,
    }
    processes = 118 + clock.xp.floor(6 * (1 + clock.drift(33, 600)))
    return (
        cpu_series(HARDWARE, cpu, load)
        | memory_series(HARDWARE, memory)
        | traffic_series(HARDWARE, _traffic(clock, job, backup, swapping))
        | pressure_series(_pressure(clock, busy, backup, swapping))
        | process_series(cpu_by_unit, memory_by_unit, processes)
        | {("system.uptime", ()): clock.t % (REBOOTED_EVERY_DAYS * DAY)}
    )


def _swapping(clock: Clock) -> Signal:
    """The incident: every so often a workflow of the night needs more memory than there is."""
    return clock.now_and_then(41, 13) * clock.between(19.2, 22.6, 0.12)


def _every_five_minutes(clock: Clock) -> Signal:
    """The scheduled workflows of n8n: busy for some seconds at every fifth minute."""
    return 1.0 * (clock.t % 300 < 8 + 14 * clock.chance(42, clock.step(300)))


def _cpu_by_unit(clock: Clock, job: Jobs, backup: Signal) -> dict[str, Signal]:
    noise = 1 + 0.35 * clock.noise(51)
    hooks = 0.24 * clock.office * (0.6 + 0.4 * clock.drift(52, 240))
    results = 0.3 * job.busy * (job.progress > 0.9)
    return {
        "n8n.service": (0.015 + hooks + results + 0.3 * _every_five_minutes(clock)) * noise,
        "postgresql.service": (0.008 + 0.07 * clock.office + 0.1 * results) * noise + 0.3 * backup,
        "sallim-agent.service": 0.004 + 0.001 * clock.noise(53),
        "sallim-app.service": 0.002 + 0.03 * positive(clock.office - 0.3),
    }


def _cpu(clock: Clock, by_units: Signal, backup: Signal, swapping: Signal) -> Cpu:
    """A neighbour steals on some evenings; what does not fit in one CPU is held back."""
    steal = 0.01 * (1 + clock.drift(54, 900)) + 0.14 * (
        clock.now_and_then(43, 5) * clock.between(14, 17, 0.3)
    )
    iowait = clipped(0.004 + 0.16 * backup + 0.38 * swapping * (1 + 0.4 * clock.noise(55)), 0, 0.6)
    busy = clipped(by_units + 0.12 * swapping, 0.0, 0.97)
    busy = busy * (1 - steal - iowait)
    return Cpu(user=0.72 * busy, system=0.28 * busy, iowait=iowait, steal=steal)


def _memory(clock: Clock, swapping: Signal) -> Memory:
    limit = HARDWARE.memory_bytes
    leak = 0.1 * (clock.t % (6 * DAY)) / (6 * DAY)  # n8n is restarted every sixth day
    used = 0.5 + leak + 0.05 * clock.office + 0.012 * clock.drift(61, 500) + 0.002 * clock.noise(62)
    used = clipped(used + 0.32 * swapping, 0.0, 0.955)
    cached = (0.93 - used) * (0.78 + 0.08 * clock.drift(63, 4_000))
    thrash = swapping * (1 + 0.6 * clock.noise(64))
    return Memory(
        used=limit * used,
        cached=limit * positive(cached),
        buffers=limit * (0.018 - 0.012 * swapping),
        swap_used=110e6 + 20e6 * clock.drift(65, DAY / 2) + 1.25e9 * swapping,
        swapped_in=420 * thrash,
        swapped_out=610 * thrash,
    )


def _traffic(clock: Clock, job: Jobs, backup: Signal, swapping: Signal) -> Traffic:
    rough = 1 + 0.5 * clock.noise(71)
    upload = job.busy * (job.progress < 0.12)
    return Traffic(
        read=(20e3 + 60e3 * clock.office + 19e6 * backup + 6e6 * swapping) * rough,
        written=(90e3 + 260e3 * clock.office + 9e6 * backup + 7e6 * swapping) * rough,
        received=(14e3 + 120e3 * clock.office + 7.5e6 * upload) * rough,
        sent=(18e3 + 150e3 * clock.office + 7.4e6 * upload + 3.2e6 * backup) * rough,
        disk_used=HARDWARE.disk_bytes * _disk_share(clock),
    )


def _disk_share(clock: Clock) -> Signal:
    """Videos and logs fill the disk until somebody cleans, each time a little late."""
    share = (clock.t % (DISK_CLEANED_EVERY_DAYS * DAY)) / (DISK_CLEANED_EVERY_DAYS * DAY)
    day = 0.012 * clock.house_hour / 24
    return clipped(0.47 + 0.475 * share + day * clock.chance(72, clock.house_day), 0.0, 0.97)


def _pressure(clock: Clock, busy: Signal, backup: Signal, swapping: Signal) -> Pressure:
    rough = 1 + 0.3 * clock.noise(81)
    return Pressure(
        cpu=clipped((0.01 + 0.5 * busy * busy) * rough, 0, 1),
        memory=clipped((0.0005 + 0.34 * swapping) * rough, 0, 1),
        io=clipped((0.003 + 0.3 * backup + 0.45 * swapping) * rough, 0, 1),
    )
