"""Rows of the money for tests: a month in Seoul, budgets, calls."""

import os
from datetime import datetime
from zoneinfo import ZoneInfo

from sallim.ledger.money_rows import (
    IMPORTANT_PPM,
    OPTIONAL_PPM,
    THRESHOLDS_PPM,
    Asked,
    Budget,
    Exchange,
    Period,
    Settlement,
    Tokens,
)
from tests.sallim.rows import MINUTE_US

SEOUL = "month:Asia/Seoul"
WON = 1_000_000


def seoul_us(year: int, month: int, day: int = 1, hour: int = 0) -> int:
    moment = datetime(year, month, day, hour, tzinfo=ZoneInfo("Asia/Seoul"))
    return int(moment.timestamp()) * 1_000_000


MONTHS = [
    Period(SEOUL, seoul_us(2025, month), seoul_us(2025 + month // 12, month % 12 + 1))
    for month in range(1, 13)
]
NOVEMBER = MONTHS[10]
NOW_US = seoul_us(2025, 11, 17, 12)
EXCHANGE = Exchange("", "fx-1", "2025-11-14", 1_383 * WON, 100_000, 25_000, "ecb", NOW_US)


def budget(bucket_id="total", cap_micro=100 * WON, **changed):
    return Budget(
        bucket_id, cap_micro, IMPORTANT_PPM, OPTIONAL_PPM, SEOUL, THRESHOLDS_PPM, 1
    )._replace(**changed)


def asked(call_id="a", worst_micro=WON, **changed):
    known = Asked(
        *(call_id, 1, "openai", "gpt-5-mini", "/v1/responses", "ocr", "video", "video-17"),
        *("laptop", "essential", ("total",), 723_000, worst_micro, "price-1", "fx-1"),
        *(100_000, 25_000, False, os.uname().nodename, os.getpid(), "", NOW_US),
        NOW_US + 15 * MINUTE_US,
    )
    return known._replace(**changed)


def settlement(gross_micro=WON // 2, **changed):
    known = Settlement(
        *(361_500, gross_micro, "usage", 200, 900_000, "gpt-5-mini-2025"),
        Tokens(input=100, output=20, reasoning=5),
        *('[["web_search", 1]]', 120, "", NOW_US + MINUTE_US),
    )
    return known._replace(**changed)


def used(accounts, now_us=NOW_US):
    """Settled, reserved and unverified of each bucket."""
    return {
        balance.bucket_id: (
            balance.settled_micro,
            balance.reserved_micro,
            balance.unverified_micro,
        )
        for balance in accounts.balances(now_us)
    }


def states(accounts):
    return {(call.call_id, call.attempt): call.state for call in accounts.calls_since(0, 100_000)}
