"""The month as it is lived: step by step the programs call, the agent follows, and it is looked at.

Each step stands for half an hour or more. While services are stopped or started, the clock goes as
fast as in reality.
"""

from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

from sallim.ledger.money_rows import BUDGET, ESSENTIAL
from sallim.ledger.statement_rows import Balance
from tests.month import witness
from tests.month.chronicle import Chronicle
from tests.month.clock import MICRO, SEOUL, MonthClock, moment
from tests.month.crew import ROLES, Crew, Outcome, wait_for_call
from tests.month.house import House, at_hand
from tests.month.plan import (
    BURSTS,
    HAPPENINGS,
    HELD_PROGRAM,
    HOUR_SECONDS,
    LOOP_PROGRAM,
    RAISED_KRW,
    RATES,
    Asking,
    Scale,
    due,
    steps,
)
from tests.month.services import Services
from tests.month.testimony import close
from tests.servers.http import pages
from tests.servers.sinks import webhooks
from tests.standins.upstream import Upstream

PRIORITY_OF = {role.name: role.priority for role in ROLES}
GUARDING = ("total", "api")
NEAR = 0.985
"""From this part of the total on machines are looked at each hour; the agent does each minute."""


class Month:
    def __init__(self, folder: Path, clock: MonthClock, scale: Scale, stack: ExitStack) -> None:
        self.clock, self.scale = clock, scale
        self.asking, self.chronicle = Asking(scale), Chronicle()
        self.sink = stack.enter_context(webhooks())
        at_hand(self.sink.port)
        self.upstream = stack.enter_context(Upstream())
        self.services = stack.enter_context(Services(folder / "services"))
        table = stack.enter_context(pages({}))
        self.again = stack.enter_context(webhooks())
        self.house = House(folder, clock, self.services, table, self.again.port)
        stack.callback(self.house.close)
        self.house.begin()
        ledger = str(self.house.home.ledger)
        witness.stand_by(ledger)
        self.witness = witness.Witness(ledger)
        stack.callback(self.witness.close)
        place = {"clock": str(folder / "clock"), "ledger": ledger, "upstream": self.upstream.url}
        self.crew = stack.enter_context(Crew(place))
        self.happenings = list(HAPPENINGS)
        self.at, self.day, self.is_anew = clock.now, None, True
        self.slowed: dict[str, list[tuple[str, int]]] = {}
        """What each program was told to ask for later, since it asked too fast."""
        self.balances = self.house.balances()

    # --- one step -----------------------------------------------------------------------------

    def step(self, number: int, at: float) -> None:
        self.at = at
        self.move_to(max(at, self.clock.now))
        self.witness.begin_step()
        self.begin_day()
        for happening in [each for each in self.happenings if due(self.scale, at)(each.at)]:
            self.happenings.remove(happening)
            self.chronicle.note(self.clock.now, happening.said)
            getattr(self, happening.what)()
        self.call_and_look()
        self.carry_out()
        self.house.repair()
        self.services.forget_log()
        if number % self.scale.keep_every == 0:
            self.house.keep()
            self.house.run_again()
        self.house.send()
        self.see()
        self.follow_machines()
        self.upstream.requests.clear()

    def move_to(self, at: float) -> None:
        self.clock.set(at)
        self.witness.look_at(self.clock.now_us)

    def begin_day(self) -> None:
        today = datetime.fromtimestamp(self.clock.now, SEOUL).date()
        self.is_anew = today != self.day
        if not self.is_anew:
            return
        # What is published on a working day is known when the next day begins in Seoul.
        published = today - timedelta(days=max(1, today.weekday() - 4))
        if self.day is None or published == today - timedelta(days=1):
            won = [rate for day, rate in RATES if today.month > 11 or today.day >= day][-1]
            self.house.publish(published, won)
        self.day = today

    def call_and_look(self) -> None:
        """The programs call all at once, and the agent follows the ledger meanwhile."""
        works = {role.name: self.slowed.pop(role.name, []) for role in ROLES}
        for role in ROLES:
            works[role.name] += self.asking.of(role, self.at, self.has_burst(role.name))
        again, self.again.taken = self.again.taken, []
        for _, shape in again:
            works[shape["name"]].append((shape["key"], self.scale.letters))
        for name, work in works.items():
            self.crew.ask(name, work, anew=self.is_anew)
        self.house.look()
        for name, work in works.items():
            for outcome, one in zip(self.crew.answers(name), work, strict=True):
                self.take(name, one, outcome)
        self.house.look()

    def has_burst(self, name: str) -> bool:
        return name in BURSTS and due(self.scale, self.at)(BURSTS[name])

    def take(self, program: str, work: tuple[str, int], outcome: Outcome) -> None:
        """What came of one analysis."""
        priority = PRIORITY_OF[program]
        self.chronicle.count(priority, outcome.what)
        if outcome.is_served:
            if any(used(each) * 100 >= each.cap_micro / MICRO * 95 for each in self.guarding):
                self.chronicle.count(f"{priority} beyond 95 %", outcome.what)
        elif outcome.what != BUDGET:
            self.slowed.setdefault(program, []).append(work)
        elif priority == ESSENTIAL:
            self.refused(outcome)

    def refused(self, outcome: Outcome) -> None:
        """An essential one, for want of money."""
        balance = self.house.balances()[outcome.bucket]
        most = max(used(balance), self.witness.most_micro(outcome.bucket) / MICRO)
        figures = (float(outcome.needed_won or 0), most, balance.cap_micro / MICRO)
        self.chronicle.essential_refused.append((self.clock.now, outcome.bucket, *figures))

    @property
    def guarding(self) -> list[Balance]:
        """As they stood at the end of the last step."""
        return [self.balances[name] for name in GUARDING]

    def carry_out(self) -> None:
        """What is to be stopped or started is, before time goes on."""
        began = self.clock.now
        self.house.carry_out(lambda: self.witness.look_at(self.clock.now_us))
        done = self.services.log()
        self.services.forget_log()
        if done:
            self.chronicle.note(began, ", ".join(done))
            self.chronicle.stops.append((began, self.clock.now - began, done))

    def see(self) -> None:
        self.balances = self.house.balances()
        self.chronicle.looks.append(
            {
                "at": self.clock.now,
                **{
                    name: (
                        (each.settled_micro + each.unverified_micro) / MICRO,
                        used(each),
                        each.cap_micro / MICRO,
                    )
                    for name, each in self.balances.items()
                },
            }
        )

    def follow_machines(self) -> None:
        """Near the end of the total they are looked at as each hour begins, also within a step."""
        total = self.balances["total"]
        for hour in range(1, self.scale.step_minutes // 60):
            if used(total) < NEAR * total.cap_micro / MICRO:
                return
            self.move_to(self.at + hour * HOUR_SECONDS)
            self.house.look()
            self.carry_out()

    # --- what happens -------------------------------------------------------------------------

    def crash(self) -> None:
        self.services.kill("n8n")

    def loop(self) -> None:
        """One program asks as fast as it can; the others go on in the same hour."""
        before = used(self.house.balances()["api"])
        work = self.asking.loop()
        self.crew.ask(LOOP_PROGRAM, work, anew=False)
        outcomes = self.crew.answers(LOOP_PROGRAM)
        self.chronicle.loop = {
            "asked": len(work),
            "served": sum(each.is_served for each in outcomes),
            "codes": sorted({each.what for each in outcomes}),
            "won": used(self.house.balances()["api"]) - before,
        }

    def kill(self) -> None:
        """With -9 while the answer is on its way: it is paid for, and nobody says what it cost."""
        before = self.house.balances()["api"]
        work = [self.asking.one("held", self.scale.letters)]
        self.crew.ask(HELD_PROGRAM, work, anew=False, held=True)
        wait_for_call(self.upstream.held, work[0][0])
        kept = self.house.balances()["api"].reserved_micro - before.reserved_micro
        self.crew.kill(HELD_PROGRAM)
        self.is_anew = True
        self.chronicle.killed = {"call": work[0][0], "at": self.clock.now, "worst": kept / MICRO}

    def raise_api(self) -> None:
        cap = self.house.balances()["api"].cap_micro
        args = {"amount_krw": RAISED_KRW, "until": "2026-11-27"}
        state = self.house.ask("raise", "api", "one more film", **args)
        after = self.house.balances()["api"].cap_micro
        self.chronicle.raised = {
            "state": state,
            "won": (after - cap) / MICRO,
            "at": self.clock.now,
            "until": moment(28),
        }


def used(balance: Balance) -> float:
    """All that is committed, in won."""
    parts = (balance.settled_micro, balance.reserved_micro, balance.unverified_micro)
    return sum(parts) / MICRO


def lived(folder: Path, clock: MonthClock, scale: Scale) -> Chronicle:
    with ExitStack() as stack:
        month = Month(folder, clock, scale, stack)
        for number, at in enumerate(steps(scale)):
            month.step(number, at)
        close(month)
        return month.chronicle
