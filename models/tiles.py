"""What stands on the tiles of a machine: few values, each with its state."""

from dataclasses import dataclass, replace
from math import ceil

from models.live import Live, LiveSeries
from models.machines import OFF
from models.messages import Message, say
from models.monitoring import SourceState, State
from models.schedule import STALE_AFTER_INTERVALS
from models.tile_kinds import GPU, GPU_KINDS, HOST_KINDS, Kind, fullest, label, of_machine
from models.views import View

INTERVAL_SECONDS = 10.0

SPARK_NAMES = (
    "machine.cpu.utilization",
    "machine.memory.utilization",
    "system.filesystem.utilization",
    "system.network.io",
    "system.linux.pressure.cpu",
    "system.linux.pressure.memory",
    "system.linux.pressure.io",
    "hw.gpu.utilization",
    "hw.gpu.memory.utilization",
)


@dataclass(frozen=True, slots=True)
class Tile:
    """`value` None with state PRESENT never happens. `note` says which part is meant; `limit` is
    the whole that a ratio is a share of, in CPUs or bytes.

    `age_seconds` is the age of the last value, None where there never was one. `history` holds
    pairs of moment and value of the last minutes.
    """

    key: str
    title: Message
    unit: str
    state: State
    value: float | None = None
    note: str = ""
    limit: float | None = None
    reason: Message | None = None
    age_seconds: float | None = None
    history: tuple[tuple[float, float], ...] = ()


def machines_of(live: Live) -> list[str]:
    """Machines with a value, the agent's own first."""
    names = {series.key.machine for series in live.series}
    return sorted(names, key=lambda name: (name != live.machine, name))


def tiles_of(view: View, machine: str, now: float) -> list[Tile]:
    """The tiles of a machine; those of a GPU only where there is one, or where it fails.

    A machine that was returned on purpose has none of its values any more: it is off, not stale.

    While the agent is silent every value is stale, however young.
    """
    live = view.live
    if live is None:
        return []
    sources = {source.name: source for source in live.sources} if machine == live.machine else {}
    gpu = sources.get(GPU)
    shows_gpu = of_machine(live, machine, "hw.gpu.utilization") or (
        gpu is not None and gpu.state not in (State.ABSENT, State.PRESENT)
    )
    kinds = HOST_KINDS + (GPU_KINDS if shows_gpu else ())
    tiles = [_tile(kind, live, machine, now, sources.get(kind.source)) for kind in kinds]
    known = live.machine_state(machine)
    if known is not None and known.state == OFF and not view.silent:
        return [replace(tile, state=State.ABSENT, value=None, reason=known.note) for tile in tiles]
    return [_silenced(tile) for tile in tiles] if view.silent else tiles


def _silenced(tile: Tile) -> Tile:
    return replace(tile, state=State.STALE, reason=say("the agent is silent"))


def _tile(kind: Kind, live: Live, machine: str, now: float, source: SourceState | None) -> Tile:
    found = [series for series in kind.pick(live, machine) if series.value is not None]
    if not found:
        state, reason = _without_value(source)
        if not any(series.key.machine == machine for series in live.series):
            reason = say("this machine reports nothing now")
        return Tile(kind.key, kind.title, kind.unit, state, reason=reason)
    age = max(0.0, now - max(series.at for series in found))
    state, reason = state_with_value(source, age)
    return Tile(
        kind.key,
        kind.title,
        kind.unit,
        state,
        value=sum(series.value or 0.0 for series in found),
        note=_note(kind, found),
        limit=_limit(kind, live, found[0]),
        reason=reason,
        age_seconds=age,
        history=_added(found),
    )


def _without_value(source: SourceState | None) -> tuple[State, Message | None]:
    if source is None or source.state is State.PRESENT:
        return State.ABSENT, say("this machine does not report it")
    return source.state, source.reason


def state_with_value(
    source: SourceState | None, age_seconds: float
) -> tuple[State, Message | None]:
    """How far a value of that age can be trusted; `source` is None where it is not known."""
    if source is not None and source.state in (State.ERROR, State.STALE):
        return source.state, source.reason
    interval = INTERVAL_SECONDS if source is None else source.interval_seconds
    if age_seconds > STALE_AFTER_INTERVALS * max(interval, INTERVAL_SECONDS):
        return State.STALE, say("no newer value has come")
    return State.PRESENT, None


def _note(kind: Kind, found: list[LiveSeries]) -> str:
    if kind.key == "pressure":
        return found[0].key.name.rpartition(".")[2]
    most = fullest(found)[0]
    name = (label(most, kind.part) or "") if kind.part else ""
    return name.removeprefix("NVIDIA ").removeprefix("GeForce ")


def _limit(kind: Kind, live: Live, found: LiveSeries) -> float | None:
    if not kind.limit:
        return None
    whole = of_machine(live, found.key.machine, kind.limit)
    card = label(found, "hw.id")
    mine = [series for series in whole if label(series, "hw.id") == card]
    return mine[0].value if mine else None


def _added(found: list[LiveSeries]) -> tuple[tuple[float, float], ...]:
    """The sum of the series at the moments that all of them know."""
    if len(found) == 1:
        return tuple(zip(found[0].history_at, found[0].history, strict=True))
    sums: dict[float, tuple[int, float]] = {}
    for series in found:
        for at, value in zip(series.history_at, series.history, strict=True):
            count, total = sums.get(at, (0, 0.0))
            sums[at] = (count + 1, total + value)
    return tuple((at, total) for at, (count, total) in sorted(sums.items()) if count == len(found))


def sparkline(tile: Tile, points: int, step_seconds_max: int) -> list[float]:
    """Means of the last `points` steps that have values, in buckets that do not move with time.

    The steps grow with the history that there is, so that a line is there from the start. Two
    digits, as on the tile: the line fills its height, and would make a mountain of less.

    >>> tile = Tile("cpu", say("CPU"), "1", State.PRESENT, history=((0, 1.0), (1, 3.0), (12, 8.0)))
    >>> sparkline(tile, 30, 10)
    [2.0, 8.0]
    """
    if not tile.history:
        return []
    length = tile.history[-1][0] - tile.history[0][0]
    step = min(step_seconds_max, max(2, ceil(length / points)))
    buckets: dict[int, list[float]] = {}
    for at, value in tile.history:
        buckets.setdefault(int(at // step), []).append(value)
    means = [sum(values) / len(values) for _, values in sorted(buckets.items())]
    return [float(f"{mean:.2g}") for mean in means[-points:]]
