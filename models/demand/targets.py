"""Which series are demand: those that the settings name, or what every house has."""

from models.demand.shapes import HOUR_SECONDS, Measured
from models.messages import Message, say
from models.settings import Settings
from models.settings.target import Target, TargetKind
from models.tiers import DAY_SECONDS

BY_DEFAULT: tuple[Target, ...] = (
    Target(name="calls", kind="calls"),
    Target(name="spend", kind="spend", only="api"),
    Target(name="arrivals", kind="arrivals"),
    Target(name="active", kind="active"),
    Target(name="queue", kind="queue"),
    Target(name="gpu", kind="gpu"),
)
COUNTS: frozenset[TargetKind] = frozenset({"arrivals", "calls", "spend"})
UNITS: dict[TargetKind, Message] = {
    "queue": say("waiting"),
    "arrivals": say("arrivals an hour"),
    "active": say("running"),
    "calls": say("calls an hour"),
    "spend": say("won a day"),
    "gpu": say("GPU use"),
}


def targets_of(settings: Settings) -> tuple[Target, ...]:
    """Those of the settings; where none is named, six that stand for themselves.

    A series without data is not left out here: see `is_known`.
    """
    return settings.target or BY_DEFAULT


def target_named(settings: Settings, name: str) -> Target | None:
    return next((target for target in targets_of(settings) if target.name == name), None)


def is_known(measured: Measured) -> bool:
    """Whether anything was ever measured but rest: of a house without GPU there is no GPU use."""
    return any(measured.values)


def is_count(target: Target) -> bool:
    """Whether values of steps add up (arrivals), or are a level that has a mean (a queue)."""
    if target.kind in ("metric", "sql"):
        return target.hourly == "sum"
    return target.kind in COUNTS


def is_share(target: Target) -> bool:
    """Whether 1 is all there is, so that a page writes percent."""
    return target.kind == "gpu"


def step_seconds_of(target: Target) -> int:
    """Of its forecast: spending goes by days of the house's zone, all else by hours."""
    return DAY_SECONDS if target.kind == "spend" else HOUR_SECONDS


def unit_of(target: Target) -> Message:
    """What a page writes behind its values."""
    if target.kind in UNITS:
        return UNITS[target.kind]
    return say("an hour") if is_count(target) else say("on average")
