"""Space by mountpoint. A dead server behind one costs that one only."""

import logging
import threading
import time
from collections.abc import Callable

from agent.collectors.host.machine import Machine
from models.host import Space, kept_mountpoints
from models.machine import space_readings
from models.messages import Message, say
from models.monitoring import Reading

log = logging.getLogger(__name__)

MOUNTS_KEPT_SECONDS = 60.0


class Probe:
    """Asks one mountpoint, in a thread: the call may never come back.

    While a thread hangs no second one is started, so a dead mountpoint costs one thread for ever
    and not one each round.
    """

    def __init__(self, mountpoint: str, ask: Callable[[str], Space | None]) -> None:
        self.mountpoint = mountpoint
        self.failure: str | None = None
        self._ask = ask
        self._space: Space | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> bool:
        """False while the last question is open."""
        if self._thread is not None and self._thread.is_alive():
            return False
        self._thread = threading.Thread(
            target=self._run, name=f"space-{self.mountpoint}", daemon=True
        )
        self._space = self.failure = None
        self._thread.start()
        return True

    def answered_within(self, seconds: float) -> bool:
        if self._thread is None:
            return False
        self._thread.join(max(seconds, 0.0))
        return not self._thread.is_alive()

    @property
    def space(self) -> Space | None:
        return self._space

    def _run(self) -> None:
        try:
            self._space = self._ask(self.mountpoint)
        except OSError as error:
            self.failure = error.strerror or str(error)


class Filesystems:
    def __init__(self, machine: Machine, timeout_seconds: float) -> None:
        self._machine = machine
        self._timeout_seconds = timeout_seconds
        self._probes: dict[str, Probe] = {}
        self._listed_at: float | None = None
        self.left_out: dict[str, Message] = {}
        """Why a mountpoint brought nothing in the last reading, by mountpoint."""

    def read(self, monotonic_seconds: float) -> list[Reading]:
        self._list_mounts(monotonic_seconds)
        answered, left_out = self._ask_all()
        self._report(left_out)
        return [
            reading
            for probe in answered
            if probe.space is not None
            for reading in space_readings(probe.mountpoint, probe.space)
        ]

    def _list_mounts(self, monotonic_seconds: float) -> None:
        listed_at = self._listed_at
        if listed_at is not None and monotonic_seconds - listed_at < MOUNTS_KEPT_SECONDS:
            return
        self._listed_at = monotonic_seconds
        # A probe that hangs stays known while it is mounted, so that it is not asked again.
        self._probes = {
            mountpoint: self._probes.get(mountpoint) or Probe(mountpoint, self._machine.space)
            for mountpoint in kept_mountpoints(self._machine.mounts())
        }

    def _ask_all(self) -> tuple[list[Probe], dict[str, Message]]:
        left_out = {}
        started = []
        for probe in self._probes.values():
            if probe.start():
                started.append(probe)
            else:
                left_out[probe.mountpoint] = _no_answer(probe.mountpoint)
        answered = []
        deadline = time.monotonic() + self._timeout_seconds
        for probe in started:
            if not probe.answered_within(deadline - time.monotonic()):
                left_out[probe.mountpoint] = _no_answer(probe.mountpoint)
            elif probe.failure is not None:
                left_out[probe.mountpoint] = say(
                    "{mountpoint}: its space cannot be read ({reason})",
                    mountpoint=probe.mountpoint,
                    reason=probe.failure,
                )
            else:
                answered.append(probe)
        return answered, left_out

    def _report(self, left_out: dict[str, Message]) -> None:
        for mountpoint in left_out.keys() - self.left_out.keys():
            log.warning("%s", left_out[mountpoint])
        for mountpoint in self.left_out.keys() - left_out.keys():
            again = mountpoint in self._probes
            log.info("%s %s", mountpoint, "answers again" if again else "is no longer asked")
        self.left_out = left_out


def _no_answer(mountpoint: str) -> Message:
    return say(
        "{mountpoint} does not answer; look at the server or the disk behind it, "
        "or unmount it with `umount -l`",
        mountpoint=mountpoint,
    )
