"""What the agent remembers of budgets: which lines were told, and which stops are in force."""

from typing import NamedTuple


class Told(NamedTuple):
    """A line, overrun or projection that was told: once a bucket, period, version, kind and line.

    Moments are UTC epoch microseconds, money is in micro-won, as in the ledger. `once` tells one
    overrun from another, "" else. The call is the one that crossed the line, "" where none did.
    """

    bucket_id: str
    start_us: int
    version: int
    kind: str
    threshold_ppm: int
    once: str
    end_us: int
    cap_micro: int
    spent_micro: int
    call_id: str
    at_us: int
    told_at: float


class Stop(NamedTuple):
    """A stop or pause that was ordered for a bucket, until it is brought back.

    It is `ordered` before anybody is asked to do it and done when `stop_id` is there; then `back`
    in the same way. `targets` is JSON: a list of names.
    """

    bucket_id: str
    start_us: int
    version: int
    state: str
    targets: str
    stop_id: str
    ordered_at: float


ORDERED, DONE, BACK = "ordered", "done", "back"
PAUSED = "waiting:"
"""How the name of a stop begins that is of no bucket: a workflow whose runs were all refused."""
