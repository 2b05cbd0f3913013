"""A household in which people ask: a real control file, and a small world that is acted upon."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from agent.requests.raising import Wished
from agent.requests.stopping import Standing
from agent.sampling import Clocks
from agent.wiring.requests import Asking, InForce, Parts
from data.audit import after
from data.control import Control
from data.home import Home
from models.audit import AuditRow, Verdict, verify
from models.messages import Message, say
from models.requests import Actor, Caller
from models.requests.confirming import to_type
from models.requests.reading import request_of
from models.settings import Settings
from tests.agent.intaking import Clock
from tests.data.stores import home_in

NOW = 1_795_413_600.0
"""2026-11-23 15:00 in Seoul."""
NOVEMBER_ENDS = 1_796_050_800
SETTINGS = Settings()
OWNER = Caller(Actor("minji", "owner", "page", "10.0.0.7"), "session-1")
OPERATOR = Caller(Actor("jun", "operator", "page", "10.0.0.8"), "session-2")
VIEWER = Caller(Actor("sora", "viewer", "page", "10.0.0.9"), "session-3")


class Added(NamedTuple):
    override_id: str
    bucket_id: str
    delta_krw: int
    reason: str
    by: str
    created_at: float
    expires_at: float
    revoked_at: float | None = None


class Killed(BaseException):
    """The process ends here: nothing of ours runs after it."""


@dataclass
class World:
    """What outlives the agent: overrides, and services that are up or down. It counts each act."""

    overrides: dict[str, Added] = field(default_factory=dict)
    in_ledger: set[str] = field(default_factory=set)
    up: dict[str, bool] = field(
        default_factory=lambda: {"gpu": True, "n8n": True, "postgres": True}
    )
    orders: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    acts: list[str] = field(default_factory=list)
    slow: bool = False
    """Services take their time: an order stays under way until `finish`; so does the ledger."""
    killed: str = ""
    """`before` or `after` an act, the process ends; once."""
    before_act: Callable[[], None] = lambda: None
    after_act: Callable[[], None] = lambda: None

    def act(self, name: str, do: Callable[[], None]) -> None:
        self.before_act()
        self._may_die("before")
        self.acts.append(name)
        do()
        self._may_die("after")
        self.after_act()

    def _may_die(self, when: str) -> None:
        if self.killed == when:
            self.killed = ""
            raise Killed

    # --- Overrides ------------------------------------------------------------------------------

    def all(self):
        return list(self.overrides.values())

    def why_not(self, wished: Wished):
        """Raises of a bucket that run together are half of its cap at most; all end in November."""
        live = sum(
            each.delta_krw
            for each in self.all()
            if each.bucket_id == wished.bucket_id and each.expires_at > wished.created_at
        )
        left = SETTINGS.budget.caps_krw.get(wished.bucket_id, 0) // 2 - live
        if wished.delta_krw > left or not wished.created_at < wished.expires_at <= NOVEMBER_ENDS:
            return say("{left} won are left, until the end of November", left=left)
        return None

    def keep(self, wished: Wished) -> None:
        name = wished.override_id
        self.act(name, lambda: self.overrides.update({name: Added(*wished)}))

    def end(self, override_id: str, now: float) -> bool:
        self.act(override_id, lambda: self._end(override_id, now))
        return True

    def _end(self, override_id: str, now: float) -> None:
        self.overrides[override_id] = self.overrides[override_id]._replace(revoked_at=now)

    def bring(self):
        if self.slow:
            return say("the ledger is busy")
        self.in_ledger = {each.bucket_id for each in self.all()}
        return None

    # --- Stops ----------------------------------------------------------------------------------

    def names(self):
        return list(self.up)

    def paid(self):
        return [name for name in self.up if name != "postgres" and self.up[name]]

    def stopped_by(self, by: str):
        assert by == "person"
        return [name for name, is_up in self.up.items() if not is_up]

    def preview(self, targets):
        return Effect(list(targets))

    def stop(self, targets, by: str, reason: Message) -> str:
        return self._order("stop", targets, reason)

    def start(self, targets, by: str, reason: Message) -> str:
        return self._order("start", targets, reason)

    def ordered(self, reason: Message):
        if str(reason) not in self.orders:
            return None
        verb, targets = self.orders[str(reason)]
        return Standing(tuple(t for t in targets if self.up[t] == (verb == "stop")), {})

    def _order(self, verb, targets, reason) -> str:
        name = str(reason)
        self.act(name, lambda: self._begin(name, verb, list(targets)))
        return name

    def _begin(self, name: str, verb: str, targets: list[str]) -> None:
        self.orders[name] = (verb, targets)
        if not self.slow:
            self.finish()

    def finish(self) -> None:
        for verb, targets in self.orders.values():
            for target in targets:
                self.up[target] = verb == "start"


class Effect(NamedTuple):
    targets: list[str]

    def as_json(self):
        return {"stops": self.targets, "still_bills": ["gpu"], "lost": []}


@dataclass
class House:
    home: Home
    clock: Clock = field(default_factory=lambda: Clock(NOW))
    monotonic: Clock = field(default_factory=lambda: Clock(0.0))
    world: World = field(default_factory=World)
    settings: Settings = SETTINGS

    def __post_init__(self) -> None:
        self.home.ledger_folder.mkdir(exist_ok=True)
        self.open()

    def open(self) -> None:
        """Also once more, as after a crash: nothing but the files and the world is left."""
        self.control = Control.open(self.home.control)
        parts = Parts(self.world, self.world, {"token": OWNER.actor, "eye": VIEWER.actor}.get)
        clocks = Clocks(self.clock, self.monotonic)
        self.asking = Asking(self.home, self.control, InForce(self.settings), clocks, parts)
        self.requests = self.asking.requests

    def close(self) -> None:
        self.control.close()

    def crash(self) -> None:
        self.close()
        self.open()

    def prepared(self, caller: Caller, kind: str, target: str, **args) -> dict[str, object]:
        """A body with its nonce, confirmed."""
        shape = {"kind": kind, "target": target, "args": args}
        told = self.requests.nonce(caller, shape)
        return {**shape, "reason": "so it is", "confirm": told["confirm"], "nonce": told["nonce"]}

    def handmade(self, kind: str, target: str, nonce: str = "made up", **args):
        shape = {"kind": kind, "target": target, "args": args}
        confirm = to_type(request_of(shape, self.settings.house.zone, draft=True))
        return {**shape, "reason": "so it is", "confirm": confirm, "nonce": nonce}

    def asked(self, caller: Caller, kind: str, target: str, **args):
        return self.requests.ask(caller, self.prepared(caller, kind, target, **args))

    @property
    def audit(self) -> list[AuditRow]:
        return after(self.control, 0)[0]

    @property
    def verdict(self) -> Verdict:
        return verify(*after(self.control, 0))

    def steps(self) -> list[tuple[str, str]]:
        return [(row.step, row.what) for row in self.audit]


def house_in(folder: Path) -> House:
    return House(home_in(folder))
