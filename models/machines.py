"""Which machines there are, and whether one that says nothing is off or has failed.

A machine appears when it first reports. One that was returned on purpose is off, and costs
nothing; one that only stopped reporting is silent, and somebody has to look. A push of a machine
that is off brings it back, unless a person has just switched it off: its last words still arrive.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from shlex import quote
from typing import NamedTuple

from models.messages import Message, say
from models.monitoring import SourceState, State
from models.pushing import Push
from models.typed import typed

OWN, PROBE, SCRAPE = "own", "probe", "scrape"
ON, OFF, SILENT = "on", "off", "silent"
BY_ITSELF, BY_PERSON = "itself", "person"

SILENT_AFTER_INTERVALS = 3
SILENT_AFTER_SECONDS_MIN = 30.0
TAKE_OVER_SECONDS = 60.0
"""How long another probe must have been silent before its name may go to a new one."""
LAST_WORDS_SECONDS = 120.0
"""How long after a person's "off" the machine may still report without being on again."""
FUTURE_SECONDS_MAX = 3600
PAST_SECONDS_MAX = 90 * 86_400
"""Each day of what is told late is a table of the store: there shall be no thousands of them."""


class Machine(NamedTuple):
    """What is kept of a machine; moments are UTC epoch seconds.

    `state` is on or off, `since_at` when it became so, `off_by` who said so. `token` is the name
    of the token whose machine it is, "" for one that never pushed. `probe` is the spool it
    pushes out of. `lost` counts buckets that its spool had no room for.
    """

    name: str
    kind: str
    probe: str
    token: str
    first_seen_at: float
    last_seen_at: float
    interval_seconds: float
    state: str
    since_at: float
    off_by: str
    last_bucket_at: int
    version: str
    lost: int


class Pushed(NamedTuple):
    """How far the buckets of one run of a probe are stored."""

    machine: str
    run: str
    last_seq: int
    last_at: float


@dataclass(frozen=True, slots=True)
class MachineState:
    """What is shown of a machine: `state` is on, silent or off."""

    name: str
    kind: str
    state: str
    since_at: float | None = None
    last_seen_at: float | None = None
    note: Message | None = None

    def as_json(self) -> dict[str, object]:
        return {
            "name": self.name,
            "kind": self.kind,
            "state": self.state,
            "since_at": self.since_at,
            "last_seen_at": self.last_seen_at,
            "note": None if self.note is None else self.note.as_json(),
        }


def silent_after_seconds(interval_seconds: float) -> float:
    """How long a machine may say nothing.

    >>> silent_after_seconds(10), silent_after_seconds(60)
    (35.0, 185.0)
    """
    return max(SILENT_AFTER_SECONDS_MIN, SILENT_AFTER_INTERVALS * interval_seconds) + 5.0


def state_of(machine: Machine, now: float, listening_since: float) -> MachineState:
    """The state at that moment. Nobody is silent before the hub itself has listened long enough."""
    name, kind, seen_at = machine.name, machine.kind, machine.last_seen_at
    if machine.state == OFF:
        return MachineState(name, kind, OFF, machine.since_at, seen_at, OFF_NOTE)
    quiet_seconds = now - max(seen_at, listening_since)
    if kind == PROBE and quiet_seconds > silent_after_seconds(machine.interval_seconds):
        note = say(
            "no word for {minutes} min: look at the machine and its network; if it was returned, "
            "run `{command}`",
            minutes=max(1, int((now - seen_at) / 60)),
            command=typed(f"machines off {quote(name)}"),
        )
        return MachineState(name, kind, SILENT, seen_at, seen_at, note)
    return MachineState(name, kind, ON, machine.since_at, seen_at, _lost_note(machine))


OFF_NOTE = say("off, ₩0/h")


def _lost_note(machine: Machine) -> Message | None:
    if not machine.lost:
        return None
    return say(
        "{seconds} s of its history are lost: its spool was full while the hub was away",
        seconds=machine.lost * 10,
    )


def refusal(known: Machine | None, push: Push, token: str, own: str, now: float) -> Message | None:
    """Why a push is not taken: the name is somebody else's. None where it is."""
    if push.machine == own:
        return say(
            "{machine} is the hub's own machine: start the probe with another --name",
            machine=push.machine,
        )
    if known is None or known.kind != PROBE:
        return None
    if known.token != token:
        return say(
            "{machine} belongs to the token {token}: use that token, start the probe with another "
            "--name, or run `.venv/bin/python -m agent machines forget {quoted}` on the hub",
            machine=push.machine,
            token=known.token or "-",
            quoted=quote(push.machine),
        )
    is_there = known.state == ON and now - known.last_seen_at < TAKE_OVER_SECONDS
    if known.probe != push.probe and is_there:
        return say(
            "another probe reports as {machine} right now: give one of the two another --name; "
            "when the other is gone, the name is free after {seconds} s",
            machine=push.machine,
            seconds=int(TAKE_OVER_SECONDS),
        )
    return None


def after_push(known: Machine | None, push: Push, token: str, lost: int, now: float) -> Machine:
    """The machine as it is known once the push is stored."""
    state, since_at, off_by = _state_after(known, push.leaving, now)
    last_bucket_at = max((bucket.at for bucket in push.buckets), default=0)
    return Machine(
        name=push.machine,
        kind=PROBE,
        probe=push.probe,
        token=token,
        first_seen_at=now if known is None else known.first_seen_at,
        last_seen_at=now,
        interval_seconds=push.interval_seconds,
        state=state,
        since_at=since_at,
        off_by=off_by,
        last_bucket_at=max(last_bucket_at, 0 if known is None else known.last_bucket_at),
        version=push.version,
        lost=lost + (0 if known is None else known.lost),
    )


def _state_after(known: Machine | None, leaving: bool, now: float) -> tuple[str, float, str]:
    told_off = known is not None and known.state == OFF and known.off_by == BY_PERSON
    if told_off and known is not None and (leaving or now - known.since_at < LAST_WORDS_SECONDS):
        return OFF, known.since_at, BY_PERSON
    state, off_by = (OFF, BY_ITSELF) if leaving else (ON, "")
    is_change = known is None or known.state != state
    return state, now if is_change or known is None else known.since_at, off_by


def switched(known: Machine, state: str, now: float) -> Machine:
    """A person says that the machine is off, or on again."""
    if known.state == state:
        return known
    return known._replace(state=state, since_at=now, off_by=BY_PERSON if state == OFF else "")


def unheard(name: str, kind: str, now: float) -> Machine:
    """A machine that is known by its scraped series only."""
    return Machine(name, kind, "", "", now, now, 10.0, ON, now, "", 0, "", 0)


def all_states(
    kept: Iterable[Machine],
    sources: Iterable[SourceState],
    own: str,
    now: float,
    listening_since: float,
) -> list[MachineState]:
    """Every machine there is, by name, the hub's own first."""
    # Of a scraped machine only that it is off is kept; all else its exporter says.
    found = {
        machine.name: state_of(machine, now, listening_since)
        for machine in kept
        if machine.kind != SCRAPE or machine.state == OFF
    }
    for source in sources:
        if source.kind == SCRAPE and source.machine and source.machine != own:
            known = found.get(source.machine)
            if known is None or (known.kind == SCRAPE and not _stays_off(known, source)):
                found[source.machine] = _scraped(source, now)
    found[own] = MachineState(own, OWN, ON, listening_since, now)
    return sorted(found.values(), key=lambda each: (each.name != own, each.name))


def _stays_off(known: MachineState, source: SourceState) -> bool:
    """Off until its exporter answers anew: the last answers of one that goes do not count."""
    came_back = source.state is State.PRESENT and (source.since_at or 0.0) > (known.since_at or 0.0)
    return known.state == OFF and not came_back


def problems_of(states: Iterable[MachineState]) -> list[Message]:
    """Machines that a person must look at; a scraped one is told by its source."""
    return [
        say("{machine}: {note}", machine=each.name, note=str(each.note))
        for each in states
        if each.kind == PROBE and each.state == SILENT
    ]


def with_problems(state: MachineState, problems: Sequence[str]) -> MachineState:
    """With the first complaint of its probe, where nothing worse is to say."""
    if state.state != ON or state.note is not None or not problems:
        return state
    return replace(state, note=say("{text}", text=problems[0]))


def _scraped(source: SourceState, now: float) -> MachineState:
    age = source.age_seconds
    seen_at = None if age is None else now - age
    is_on = source.state is State.PRESENT
    return MachineState(
        source.machine,
        SCRAPE,
        ON if is_on else SILENT,
        source.since_at,
        seen_at,
        source.reason,
    )
