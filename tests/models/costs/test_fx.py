"""Exchange rates out of public tables."""

import json
from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.costs.fx import (
    DayRate,
    NoRate,
    booking,
    enforced,
    judged,
    read_ecb,
    read_frankfurter,
)
from tests.standins.bills import ecb, frankfurter

FRIDAY, SUNDAY = date(2026, 11, 20), date(2026, 11, 22)


def rate(day, won="1400", source="ECB"):
    return DayRate(date(2026, 11, day), Decimal(won), Decimal("1600"), source)


def test_a_range_of_frankfurter_is_read_without_a_float():
    body = json.dumps(frankfurter({"2026-11-20": (1383.1, 0.8651), "2026-11-19": (1380, "0.86")}))

    older, newest = read_frankfurter(body.encode())
    assert (newest.day, newest.won_per_usd) == (FRIDAY, Decimal("1383.1"))
    assert newest.won_per_eur == Decimal("1598.774709")
    assert (older.day, older.source) == (date(2026, 11, 19), "Frankfurter")


def test_its_latest_bears_its_own_day():
    body = b'{"amount":1.0,"base":"USD","date":"2026-11-20","rates":{"KRW":1383.1,"EUR":0.8651}}'

    [found] = read_frankfurter(body)
    assert found.day == FRIDAY


def test_the_table_of_the_ecb_is_for_a_euro():
    [found] = read_ecb(ecb({"2026-11-20": ("1.1560", "1598.83")}).encode())

    assert found.won_per_eur == Decimal("1598.83")
    assert found.won_per_usd == Decimal("1383.070935")
    assert found.source == "ECB"


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"null", b"[]", b"{}", b"<html>", b'{"base":"EUR","rates":{}}', b"\xff"),
        b'{"amount":100,"base":"USD","date":"2026-11-20","rates":{"KRW":138310,"EUR":86}}',
        b'{"base":"USD","date":"2026-11-20","rates":{"KRW":"NaN","EUR":1}}',
        b'{"base":"USD","date":"2026-11-20","rates":{"KRW":true,"EUR":1}}',
        b'{"base":"USD","date":"2026-11-20","rates":{"KRW":1383,"EUR":0}}',
        b'{"base":"USD","date":"2026-11-20","rates":{"KRW":1e999999999,"EUR":1}}',
        b'{"base":"USD","date":"2026-13-20","rates":{"KRW":1383,"EUR":1}}',
        b'{"base":"USD","rates":{}}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_table_of_rates_is_refused(body):
    with pytest.raises(NoRate):
        read_frankfurter(body)
    with pytest.raises(NoRate):
        read_ecb(body)


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "1.156">]><x><Cube time="2026-11-20"><Cube currency="USD" rate="&a;"/>'
)
BOMB += '<Cube currency="KRW" rate="1598.83"/></Cube></x>'


def test_a_document_that_unfolds_is_not_read():
    with pytest.raises(NoRate, match="document type"):
        read_ecb(BOMB.encode())


@pytest.mark.parametrize("code", ["utf-16", "utf-16-be", "cp037"])
def test_a_document_that_unfolds_in_another_code_is_not_read(code):
    head = f'<?xml version="1.0" encoding="{code}"?>'
    with pytest.raises(NoRate):
        read_ecb((head + BOMB).encode(code))


@given(st.binary(max_size=200))
def test_whatever_comes_it_is_rates_or_refused(body):
    for read in (read_frankfurter, read_ecb):
        with suppress(NoRate):
            assert read(body)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ([rate(20, "138.31")], "138.31 won for a dollar on 2026-11-20"),
        ([rate(20, "13831")], "13831 won for a dollar"),
        ([rate(20)._replace(won_per_eur=Decimal(1))], "1 won for a euro"),
        ([rate(28)], "which is not yet"),
        ([rate(19), rate(20, "1700")], "1700 won for a dollar on 2026-11-20, after 1400"),
        ([rate(20, "1100")], "after 1400 on 2026-11-18"),
    ],
)
def test_what_cannot_be_is_not_believed(found, reason):
    with pytest.raises(NoRate, match=reason):
        judged(found, [rate(18)], SUNDAY)


def test_what_was_restated_is_believed():
    assert judged([rate(20, "1390")], [rate(20, "1000")], SUNDAY) == [rate(20, "1390")]


def test_guards_reserve_by_the_highest_of_five_days_and_a_hundredth_more():
    rates = [
        rate(12, "1499"),
        *(rate(day, f"{1380 + day}") for day in (13, 16, 17, 18)),
        rate(20, "1390.123456"),
    ]

    found = enforced(rates, SUNDAY, 7)
    assert found.micro_won_per_usd == 1_411_980_000
    assert (found.rate_date, found.fetched_us) == ("2026-11-20", 7)
    assert found.source == "ECB: highest of 5 days, and 1 %"


def test_after_a_week_without_a_rate_two_hundredths_come_on_top():
    assert enforced([rate(20)], date(2026, 11, 27), 0).micro_won_per_usd == 1_414_000_000
    assert enforced([rate(20)], date(2026, 11, 28), 0).micro_won_per_usd == 1_442_280_000
    assert enforced([], SUNDAY, 0) is None


def test_what_is_booked_takes_the_rate_of_its_day_or_of_the_one_before():
    rates = [rate(20, "1383"), rate(19, "1380"), rate(23, "1390")]

    assert booking(rates, SUNDAY) == rate(20, "1383")
    assert booking(rates, date(2026, 11, 23)) == rate(23, "1390")
    assert booking(rates, date(2026, 1, 1)) == rate(19, "1380")
    assert booking([], SUNDAY) is None
