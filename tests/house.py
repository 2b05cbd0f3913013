"""A household for tests of money: a ledger with a cap and a rate, and an upstream that bills."""

import struct
import time

from sallim.ledger.money_rows import Period
from tests.processes import until
from tests.sallim.money import EXCHANGE, SEOUL, WON, budget

DAY_US = 86_400_000_000
CHAT = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "살림이란 무엇인가?"}]}
MESSAGE = {
    "model": "claude-haiku-4-5",
    "max_tokens": 64,
    "messages": [{"role": "user", "content": "What keeps a house?"}],
}
GEMINI = {"model": "gemini-2.5-flash", "contents": "What keeps a house?"}


class House:
    """15,000 won for the month around now; how the calls get to the upstream is said below it."""

    def __init__(self, accounts, upstream) -> None:
        self.accounts, self.upstream = accounts, upstream
        now_us = time.time_ns() // 1_000
        self.months = [Period(SEOUL, now_us - 15 * DAY_US, now_us + 15 * DAY_US)]
        self.cap(15_000)
        accounts.put_exchange([EXCHANGE._replace(fetched_us=now_us)])

    def cap(self, won: float, *others) -> None:
        """For everything; `others` are budgets beside it."""
        self.accounts.put_budgets([budget(cap_micro=int(won * WON)), *others], self.months)

    @property
    def rows(self):
        return self.accounts.calls_since(0, 100_000)

    @property
    def row(self):
        """The only call."""
        (row,) = self.rows
        return row

    @property
    def used(self) -> tuple[int, int, int]:
        """Settled, reserved, unverified, in micro-won."""
        balance = self.accounts.balances(time.time_ns() // 1_000)[0]
        return balance.settled_micro, balance.reserved_micro, balance.unverified_micro

    def ends(self, calls: int = 1, seconds: float = 30.0):
        """The rows, as soon as none of so many is open; abandoned ones end on another thread."""
        until(
            lambda: len(self.rows) >= calls and all(row.state != "open" for row in self.rows),
            seconds,
        )
        return self.rows

    def equals_the_bill(self, calls: int = 1) -> None:
        """Every call is settled by its usage, at what the upstream charges; nothing is held."""
        bill = self.upstream.settled_bill(calls)
        rows = self.ends(calls)

        assert len(bill) == len(rows) == calls
        assert {(row.state, row.source) for row in rows} <= {("settled", "usage")}
        assert sorted(row.nano_usd for row in rows) == sorted(line.nano_usd for line in bill)
        assert self.used == (self.upstream.bill_micro(), 0, 0)
        assert all(row.gross_micro <= row.worst_micro for row in rows)

    def is_the_bill(self) -> None:
        """Of a whole day: what was released was not charged, all else is settled by its usage."""
        settled = [row for row in self.rows if row.state == "settled"]

        assert {row.state for row in self.rows} <= {"settled", "released"}
        assert {row.source for row in settled} == {"usage"}
        assert sorted(row.nano_usd for row in settled) == sorted(
            line.nano_usd for line in self.upstream.bill
        )
        assert self.used == (self.upstream.bill_micro(), 0, 0)


def wav(seconds: float, rate: int = 8_000) -> bytes:
    """Silence, one byte a sample."""
    sound = bytes([128]) * int(seconds * rate)
    head = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", 36 + len(sound), b"WAVE", b"fmt ", 16, 1, 1,
                       rate, rate, 1, 8)  # fmt: skip
    return head + struct.pack("<4sI", b"data", len(sound)) + sound
