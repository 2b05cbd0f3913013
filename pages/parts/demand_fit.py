"""A fit that goes on in a thread of its own while its page is drawn anew, and can be called off.

One at a time for a visitor, and one at a time on this machine: others wait until it is over.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Protocol

import streamlit as st

from data.fitting.apart import Fitting, Tell
from models.demand.shapes import Done, Work
from models.messages import Message, say

log = logging.getLogger(__name__)

FIT = "demand-fit"  # In the session: the fit that was last begun there.
TURN_SECONDS = 0.2
WAITS = say("waits until another fit is over")
BEGINS = say("starts the process that fits")
CALLED_OFF = say("called off")
FAILED = say("the fit ended without an answer ({reason}): try it again, or look at the app's log")


class Fits(Protocol):
    """What fits works in a process of its own; `cancel` may come from any thread."""

    def run(self, works: Iterable[Work]) -> Iterator[Done]: ...

    def cancel(self) -> None: ...


class PageFit:
    """What becomes of works. Safe to be asked from any thread; nobody waits for it."""

    def __init__(
        self,
        works: Sequence[Work],
        place: threading.Semaphore,
        make: Callable[[Tell], Fits] = Fitting,
    ) -> None:
        self.works = tuple(works)
        self.done: tuple[Done, ...] = ()
        self.problem: Message | None = None
        self.part, self.what = 0.0, WAITS
        self._place = place
        self._fits = make(self._tell)
        self._called_off = threading.Event()
        self._thread = threading.Thread(target=self._fit, name="demand-fit", daemon=True)

    def start(self) -> "PageFit":
        self._thread.start()
        return self

    @property
    def goes_on(self) -> bool:
        return self._thread.is_alive()

    def call_off(self) -> None:
        self._called_off.set()
        self._fits.cancel()

    def wait(self, seconds: float) -> bool:
        """For tests: whether it is over within so many seconds."""
        self._thread.join(seconds)
        return not self.goes_on

    def _fit(self) -> None:
        while not self._place.acquire(timeout=TURN_SECONDS):
            if self._called_off.is_set():
                self.problem = CALLED_OFF
                return
        try:
            self.what = BEGINS
            for done in self._fits.run(self.works):
                self.done = (*self.done, done)
        except Exception as error:
            # A thread has nobody else to tell: the page shows it.
            log.exception("a fit of the page failed")
            reason = f"{type(error).__name__}: {error}"[:200]
            self.problem = replace(FAILED, values={"reason": reason})
        finally:
            self._place.release()
        if self._called_off.is_set():
            self.problem = CALLED_OFF

    def _tell(self, _key: str, part: float, what: Message) -> None:
        self.part, self.what = min(max(part, 0.0), 1.0), what


@cache
def place() -> threading.Semaphore:
    """The one place on this machine."""
    return threading.Semaphore(1)


def fit_of_visitor() -> PageFit | None:
    """What was last begun in this session."""
    found = st.session_state.get(FIT)
    return found if isinstance(found, PageFit) else None


def begin(works: Sequence[Work]) -> None:
    """For a callback. What still goes on is called off first."""
    before = fit_of_visitor()
    if before is not None and before.goes_on:
        before.call_off()
    st.session_state[FIT] = PageFit(works, place()).start()
