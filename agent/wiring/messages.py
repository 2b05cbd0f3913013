"""What tells people: the outbox and its thread, the dead-man ping, the phone."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from agent.deadman import DeadMan
from agent.outbox.loop import OutboxLoop
from agent.outbox.sending import Outbox
from agent.outbox.setup import setup_of
from agent.sampling import Clocks
from agent.telegram.desk import HouseDesk
from agent.view import AgentView
from agent.wiring.phone import PhoneLine
from data.control import Control
from data.home import Home
from models.deadman import Pulse
from models.messages import Message
from models.settings import Settings
from models.watchdog import Tick, silent_loops


@dataclass(frozen=True, slots=True)
class Messages:
    """Lives as long as the agent. `outbox.put` is for whoever has something to tell."""

    outbox: Outbox
    loop: OutboxLoop
    dead_man: DeadMan
    phone: PhoneLine
    desk: HouseDesk
    """Answers the phone; who carries out what it asks is told later."""

    def take_over(self, settings: Settings) -> None:
        """In a demo nobody is told anything."""
        if settings.demo:
            return
        self.outbox.take_over(setup_of(settings, os.environ))
        self.dead_man.take_over(settings, os.environ)
        self.phone.take_over(settings)

    def start(self) -> None:
        self.loop.start()
        self.dead_man.start()
        self.phone.start()

    def stop(self, seconds: float) -> None:
        self.dead_man.stop()
        self.phone.stop()
        self.loop.stop(seconds)

    def problems(self) -> list[Message]:
        return [*self.outbox.problems, *self.dead_man.problems, *self.phone.problems()]

    def tick(self) -> Tick:
        return Tick(self.loop.ticked_at, self.loop.period_seconds)


def messages_of(home: Home, control: Control, view: AgentView, clocks: Clocks) -> Messages:
    outbox = Outbox(control, clocks)

    def pulse() -> Pulse:
        age, now = view.last_sample_age(), clocks.monotonic()
        return Pulse(tuple(silent_loops(view.loops(), now)), age, outbox.depth)

    def problems() -> Sequence[Message]:
        return view.problems(clocks.monotonic(), view.loops())

    desk = HouseDesk(home, clocks, {}, problems)
    phone = PhoneLine(control, desk, clocks)
    return Messages(outbox, OutboxLoop(outbox, clocks), DeadMan(pulse), phone, desk)
