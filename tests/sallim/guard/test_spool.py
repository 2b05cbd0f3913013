"""The file of what is spent without a ledger: no line of it is lost, and none waits for ever."""

import resource
import time
from contextlib import contextmanager
from pathlib import Path

from sallim.guard import spooled
from sallim.guard.spool import Spool
from tests.sallim.money import WON, asked
from tests.sallim.rows import MINUTE_US


@contextmanager
def no_room_after(size_bytes: int):
    """For any file of this process: a write that ends behind it is cut there."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_line_that_was_cut_hides_no_other_one(tmp_path):
    ledger = str(tmp_path / "ledger.sqlite3")
    spool = Spool(ledger)
    assert spool.admit(asked("a"))
    (file,) = Path(tmp_path).glob("*.spool")

    with no_room_after(file.stat().st_size + 40):
        assert not spool.admit(asked("b"))
    assert spool.admit(asked("c"))

    assert spooled.used_in(str(file), ledger) == 2 * WON


def test_a_call_whose_end_nobody_told_counts_in_the_ledger_once_its_time_is_over(house):
    now_us = time.time_ns() // 1_000
    spool = Spool(house.accounts.path)
    spool.admit(asked(opened_us=now_us, expires_us=now_us + MINUTE_US))

    spool.replay(house.accounts, now_us)
    assert (house.used, spool.waits) == ((0, 0, 0), True)
    spool.replay(house.accounts, now_us + MINUTE_US)
    assert (house.used, spool.waits) == ((WON, 0, 0), False)
    assert house.row.error == "nobody said how it ended"
