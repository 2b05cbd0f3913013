"""A cap in won, in dollars: never above it, at most a cent below."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.fence.worth import cents_of, wanted_of, won_micro_of
from sallim.ledger.money_rows import Exchange

WON = 1_000_000
RATE = Exchange("", "fx", "2026-11-27", 1_400 * WON, 100_000, 20_000, "a test", 0)


def test_vat_and_the_cards_fee_are_taken_off_before_the_dollars():
    # 15,000 / (1,400 * 1.1 * 1.02) = 9.549 dollars
    assert cents_of(15_000 * WON, RATE) == 954
    assert cents_of(15_000 * WON, RATE._replace(vat_ppm=0, fee_ppm=0)) == 1_071


@given(
    cap_micro=st.integers(20_000_000, 10**15),
    rate=st.integers(500 * WON, 5_000 * WON),
    vat_ppm=st.integers(0, 300_000),
    fee_ppm=st.integers(0, 50_000),
)
def test_the_fence_is_never_worth_more_than_the_cap_and_a_cent_more_would_be(
    cap_micro, rate, vat_ppm, fee_ppm
):
    exchange = RATE._replace(micro_won_per_usd=rate, vat_ppm=vat_ppm, fee_ppm=fee_ppm)

    cents = cents_of(cap_micro, exchange)

    assert won_micro_of(cents + 1, exchange) > cap_micro
    assert cents == 1 or won_micro_of(cents, exchange) <= cap_micro


def test_a_cap_of_nothing_is_the_least_that_a_provider_takes():
    assert cents_of(0, RATE) == 1


@pytest.mark.parametrize(
    ("caps", "bucket"),
    [
        ({"total": 24_900, "api": 15_000}, "api"),
        ({"total": 24_900, "api": 15_000, "provider:openai": 5_000}, "provider:openai"),
        ({"total": 24_900, "api": 15_000, "provider:openai": 20_000}, "api"),
        ({"total": 9_000, "api": 15_000}, "total"),
        ({"total": 24_900, "provider:anthropic": 1_000}, "total"),
    ],
)
def test_the_lowest_cap_that_holds_for_all_calls_of_the_provider_counts(caps, bucket):
    found = wanted_of("openai", {name: won * WON for name, won in caps.items()}, RATE)

    assert (found.bucket_id, found.cap_micro) == (bucket, caps[bucket] * WON)


def test_without_a_cap_that_refuses_there_is_no_fence():
    assert wanted_of("openai", {"workflow:ocr": 1_000 * WON}, RATE) is None


def test_it_is_twice_as_high_while_the_provider_counts_the_month_before():
    found = wanted_of("openai", {"api": 15_000 * WON}, RATE, is_wide=True)

    assert (found.cap_micro, found.cents) == (15_000 * WON, cents_of(30_000 * WON, RATE))
