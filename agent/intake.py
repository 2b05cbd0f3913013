"""Everything that is sent in, to whom it belongs: machines, beats, jobs."""

from collections.abc import Callable, Mapping

from agent.beats import Beats
from agent.machines import Machines
from models.beats import Word
from models.errors import IntakeRefused
from models.pushing import Push
from sallim.ledger import LedgerError

TakeJobs = Callable[[list[dict[str, object]]], int]
"""Keeps jobs and says how many. Raises ValueError for one that is none, and LedgerError."""


class HubIntake:
    """Answers `Intake` of `agent/server/intake.py`. Thread-safe as its parts are."""

    def __init__(
        self, machines: Machines, beats: Beats, take_jobs: TakeJobs, probe_file: Callable[[], bytes]
    ) -> None:
        self._machines = machines
        self._beats = beats
        self._take_jobs = take_jobs
        self.probe_file = probe_file

    def push(self, push: Push, token: str) -> Mapping[str, object]:
        return self._machines.push(push, token)

    def beat(self, name: str, word: Word, token: str) -> Mapping[str, object]:
        return self._beats.beat(name, word, token).as_json()

    def jobs(self, told: list[dict[str, object]]) -> int:
        try:
            return self._take_jobs(told)
        except ValueError as error:
            raise IntakeRefused(str(error), 422) from error
        except LedgerError as error:
            raise IntakeRefused(str(error), 503) from error

    def machines(self) -> Mapping[str, object]:
        return {
            "machines": [each.as_json() for each in self._machines.states()],
            "beats": [each.as_json() for each in self._beats.states()],
        }

    def switch(self, kind: str, name: str, state: str) -> Mapping[str, object]:
        if kind == "machines":
            self._machines.switch(name, state)
        elif kind == "beats" and state == "forget":
            self._beats.forget(name)
        else:
            raise IntakeRefused(f"{kind} {state} is nothing that can be asked for", 404)
        return self.machines()
