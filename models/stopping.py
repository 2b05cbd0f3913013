"""What is stopped when money runs out: in which order, what that saves, and what is lost.

Pure: `agent/stopping/` carries it out, pages show the preview of the same functions.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from models.messages import Message, say
from sallim.ledger.money_rows import ESSENTIAL

STOP, START = "stop", "start"
TOTAL = "total"
WORKFLOW, TOKEN = "n8n_workflow", "gateway_token"


class Target(Protocol):
    """Something that can be stopped and started: a [[service]] of the settings."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def priority(self) -> str: ...
    @property
    def requires(self) -> tuple[str, ...]: ...
    @property
    def hour_krw(self) -> int: ...
    @property
    def stopped_hour_krw(self) -> int: ...
    @property
    def still_bills(self) -> str: ...


def bills_when_stopped(target: Target) -> bool:
    return bool(target.still_bills) or target.stopped_hour_krw > 0


def cycle(targets: Sequence[Target]) -> tuple[str, ...]:
    """Names that require one another in a circle, () where there is none.

    Names that are no target lead nowhere.
    """
    requires = {target.name: target.requires for target in targets}
    sound: set[str] = set()
    for first in requires:
        path: list[str] = []
        open_ends = [iter((first,))]
        while open_ends:
            name = next(open_ends[-1], None)
            if name is None:
                open_ends.pop()
                if path:
                    sound.add(path.pop())
            elif name in path:
                return tuple(path[path.index(name) :])
            elif name in requires and name not in sound:
                path.append(name)
                open_ends.append(iter(requires[name]))
    return ()


def start_order(targets: Sequence[Target], names: Collection[str]) -> list[str]:
    """`names` and all that they require, each after what it requires. There is no cycle."""
    requires = {target.name: target.requires for target in targets}
    ordered: dict[str, None] = {}

    def add(name: str) -> None:
        for needed in requires.get(name, ()):
            add(needed)
        if name in requires:
            ordered.setdefault(name)

    for target in targets:
        if target.name in names:
            add(target.name)
    return list(ordered)


def stop_order(targets: Sequence[Target], names: Collection[str]) -> list[str]:
    """`names` and all that depend on them, each before what it requires. There is no cycle."""
    fall = set(names)
    whole = start_order(targets, [target.name for target in targets])
    by_name = {target.name: target for target in targets}
    for name in whole:
        if fall & set(by_name[name].requires):
            fall.add(name)
    return [name for name in reversed(whole) if name in fall]


def spared(targets: Sequence[Target], priorities: Collection[str] = (ESSENTIAL,)) -> frozenset[str]:
    """What no budget stops: the essential, and all without which that could not run."""
    essential = [target.name for target in targets if target.priority in priorities]
    return frozenset(start_order(targets, essential))


def all_paid(
    targets: Sequence[Target],
    bucket_id: str = TOTAL,
    priorities: Collection[str] = (ESSENTIAL,),
) -> list[str]:
    """Everything that counts in a bucket and that its budget may stop, in the order of stopping.

    `priorities` are spared.
    """
    kept = spared(targets, priorities)
    names = [target.name for target in targets if counts_in(target, bucket_id)]
    return stop_order(targets, [name for name in names if name not in kept])


def counts_in(target: Target, bucket_id: str) -> bool:
    """Whether stopping a target helps the budget of a bucket.

    Workflows and tokens spend on APIs, everything else is a server or runs on one.
    """
    kind, _, name = bucket_id.partition(":")
    if kind == "workflow":
        return target.kind == WORKFLOW and target.name == name
    if kind == "key":
        return target.kind == TOKEN and target.subject == name
    spends = target.kind in (WORKFLOW, TOKEN)
    return bucket_id in (TOTAL, "api" if spends else "servers")


class StillBills(NamedTuple):
    """What goes on being charged though it is down."""

    target: str
    what: str
    hour_krw: int


class Lost(NamedTuple):
    """Work that ends in the middle."""

    target: str
    what: Message


class Preview(NamedTuple):
    """What stopping would do. `stops` is in order, with all that depends on what was asked for."""

    stops: tuple[str, ...]
    still_bills: tuple[StillBills, ...]
    lost: tuple[Lost, ...]
    saved_hour_krw: int

    def as_json(self) -> dict[str, object]:
        return {
            "stops": list(self.stops),
            "still_bills": [each._asdict() for each in self.still_bills],
            "lost": [{"target": each.target, "what": each.what.as_json()} for each in self.lost],
            "saved_hour_krw": self.saved_hour_krw,
        }


def preview(
    targets: Sequence[Target], names: Collection[str], at_work: Mapping[str, Message]
) -> Preview:
    """`at_work` says of each target that works right now what would be lost."""
    by_name = {target.name: target for target in targets}
    falling = [by_name[name] for name in stop_order(targets, names)]
    return Preview(
        stops=tuple(target.name for target in falling),
        still_bills=tuple(
            StillBills(target.name, target.still_bills, target.stopped_hour_krw)
            for target in falling
            if bills_when_stopped(target)
        ),
        lost=tuple(
            Lost(target.name, at_work[target.name]) for target in falling if target.name in at_work
        ),
        saved_hour_krw=sum(max(target.hour_krw - target.stopped_hour_krw, 0) for target in falling),
    )


def unknown_names(targets: Iterable[Target], names: Iterable[str]) -> Message | None:
    known = [target.name for target in targets]
    missing = [name for name in names if name not in known]
    if not missing:
        return None
    return say(
        "no [[service]] is named {name}; the settings know: {known}",
        name=missing[0][:40],
        known=", ".join(known) or "none",
    )
