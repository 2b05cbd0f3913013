"""The pushing side: what waits in the spool goes to the hub, the oldest first."""

import logging
import random
import threading
import time
import zlib
from collections.abc import Callable

from agent.probe.clock import SKEW_SECONDS_MAX, HubClock
from agent.probe.hub import TIMEOUT_SECONDS, Hub, Taken
from agent.probe.troubles import BucketRefused
from data.spool import Kept, Spool
from models.errors import SourceError, SourceRefused
from models.messages import say
from models.pushing import BUCKETS_MAX, Head, text_of_push

log = logging.getLogger(__name__)

BUCKETS_A_PUSH = min(30, BUCKETS_MAX)
BYTES_A_PUSH = 400_000
"""Of packed buckets; unpacked it is about five times that."""
CATCH_UP_PAUSE_SECONDS = 2.0
"""Between two pushes while there is more: an hour is caught up in 24 s, for a tenth of a core."""
BACK_OFF_SECONDS_MAX = 30.0
GOODBYE_SECONDS = 1.5
"""Kept of the time at the end for the last push, which says that it is the last."""
SPREAD_SECONDS_MAX = 3.0
"""Probes do not push in the same second, although their buckets end in the same."""


class Pusher:
    """One thread. `wake` it when a bucket was kept; `stop` pushes the rest and says goodbye."""

    def __init__(
        self,
        hub: Hub,
        spool: Spool,
        clock: HubClock,
        head: Callable[[str, bool], Head],
        bucket_seconds: int,
    ) -> None:
        self.trouble: SourceError | None = None
        self.clock_changed: Callable[[], None] = lambda: None
        self._hub = hub
        self._spool = spool
        self._clock = clock
        self._head = head
        self._bucket_seconds = bucket_seconds
        self._failures = 0
        self._one_by_one = False
        self._stopping = False
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="push", daemon=True)
        spread = min(SPREAD_SECONDS_MAX, 0.3 * bucket_seconds)
        self._spread_seconds = int(spool.probe, 16) % 1000 / 1000 * spread

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._wake.set()

    def stop(self, seconds: float) -> bool:
        """Push what waits, and say goodbye; whether the hub heard it in that time."""
        until = time.monotonic() + seconds
        self._stopping = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(min(1.0, seconds / 3))
        if self._thread.is_alive():
            self._hub.abort()
            self._thread.join(0.5)
        return self._say_goodbye(until)

    def greet(self, timeout_seconds: float) -> Taken:
        """Ask without telling anything: is the token good, what time is it? Raises SourceError."""
        head = self._head(self._spool.run, False)._replace(is_check=True)
        taken = self._hub.push(text_of_push(head, ()), timeout_seconds)
        self._learn(taken)
        return taken

    def _run(self) -> None:
        while not self._stopping:
            self._wake.wait()
            self._wake.clear()
            if not self._stopping:
                time.sleep(self._spread_seconds)
            while not self._stopping and self._spool.waiting:
                self._pause(self._push_once())

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._stopping and (left := until - time.monotonic()) > 0:
            self._wake.wait(min(left, 1.0))
            self._wake.clear()

    def _push_once(self) -> float:
        """One push; how long to wait before the next, in seconds. Never raises."""
        try:
            more = self._push_oldest(TIMEOUT_SECONDS)
        except BucketRefused as trouble:
            return self._pass_over(trouble)
        except SourceError as trouble:
            return self._failed(trouble)
        except Exception:  # The last line of defence: the probe outlives its bugs.
            log.exception("a push failed and will be tried again")
            return BACK_OFF_SECONDS_MAX
        if self.trouble is not None:
            log.info("the hub takes pushes again; %d buckets wait", self._spool.waiting)
        self.trouble, self._failures = None, 0
        return CATCH_UP_PAUSE_SECONDS if more else 0.0

    def _push_oldest(self, timeout_seconds: float, *, leaving: bool = False) -> bool:
        """Push what has waited longest; whether more waits. Raises SourceError."""
        count = 1 if self._one_by_one else BUCKETS_A_PUSH
        batch = self._spool.oldest(count, BYTES_A_PUSH)
        is_last = len(batch) >= self._spool.waiting
        run = batch[0].run if batch else self._spool.run
        buckets = [(kept.seq, *self._told(kept)) for kept in batch]
        head = self._head(run, leaving and is_last)
        taken = self._hub.push(text_of_push(head, buckets), timeout_seconds)
        self._spool.stored(run, taken.stored)
        self._one_by_one = False
        self._learn(taken)
        return not is_last

    def _told(self, kept: Kept) -> tuple[int, str]:
        """Moment and rows of a bucket; one of before the hub was heard is set right now.

        Raises BucketRefused for one that another version wrote.
        """
        try:
            head, _, rows = zlib.decompress(kept.payload).decode().partition("\n")
            at, is_own_clock = head.split(",")
            moment = float(at)
        except (ValueError, zlib.error) as error:
            reason = say("a bucket in the spool cannot be read ({reason})", reason=str(error))
            raise BucketRefused("hub", reason) from error
        if is_own_clock == "1" and self._clock.is_corrected:
            moment += self._clock.skew_seconds
        return int(max(0.0, moment) // self._bucket_seconds) * self._bucket_seconds, rows

    def _learn(self, taken: Taken) -> None:
        if self._clock.learn(taken.at, taken.round_trip_seconds):
            log.warning(
                "this machine's clock differs by %.0f s from the hub's (more than %.0f s): the "
                "hub's counts from now on; set this one with NTP",
                self._clock.skew_seconds,
                SKEW_SECONDS_MAX,
            )
            self.clock_changed()

    def _pass_over(self, trouble: BucketRefused) -> float:
        """Look for the one bucket that the hub cannot read, and leave it out."""
        if self._one_by_one:
            [kept] = self._spool.oldest(1, BYTES_A_PUSH)
            log.error("%s; the bucket %d is left out", trouble.reason, kept.seq)
            self._spool.drop(kept.run, kept.seq)
        self._one_by_one = not self._one_by_one
        return CATCH_UP_PAUSE_SECONDS

    def _failed(self, trouble: SourceError) -> float:
        if self.trouble is None or str(self.trouble.reason) != str(trouble.reason):
            log.warning("%s", trouble.reason)
        self.trouble = trouble
        self._failures += 1
        doubled = 2.0 ** min(self._failures - 1, 10)
        longest = BACK_OFF_SECONDS_MAX
        seconds = longest if isinstance(trouble, SourceRefused) else min(longest, doubled)
        return seconds * random.uniform(0.5, 1.0)  # noqa: S311  # no secret: it only spreads

    def _say_goodbye(self, until: float) -> bool:
        more = True
        while more:
            left = until - time.monotonic()
            try:
                if left < GOODBYE_SECONDS:
                    head = self._head(self._spool.run, True)
                    self._hub.push(text_of_push(head, ()), max(0.2, left))
                    return True
                more = self._push_oldest(left - GOODBYE_SECONDS + 0.2, leaving=True)
            except SourceError as trouble:
                if left < GOODBYE_SECONDS or isinstance(trouble, SourceRefused):
                    log.warning("no goodbye: %s", trouble.reason)
                    return False
                time.sleep(0.2)
        return True
