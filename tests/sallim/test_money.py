"""Money as whole numbers."""

from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallim.money import gross_micro, nano_usd_of, won_text


class Rate(NamedTuple):
    micro_won_per_usd: int
    vat_ppm: int
    fee_ppm: int


KOREA = Rate(1_383_000_000, 100_000, 25_000)


def test_a_dollar_costs_what_the_card_is_charged_with():
    assert gross_micro(1_000_000_000, KOREA) == 1_559_332_500


@given(st.integers(-(10**15), 10**15), st.integers(0, 10**10), st.integers(0, 10**6))
def test_it_is_the_exact_product_rounded_up(nano_usd, micro_won_per_usd, vat_ppm):
    rate = Rate(micro_won_per_usd, vat_ppm, 25_000)

    exact = (
        Fraction(nano_usd * micro_won_per_usd, 10**9)
        * Fraction(10**6 + vat_ppm, 10**6)
        * Fraction(1_025_000, 10**6)
    )
    assert gross_micro(nano_usd, rate) == ceil(exact)


@pytest.mark.parametrize(
    ("amount", "per_usd", "nano_usd"),
    [
        ("123.45", 100, 1_234_500_000),
        ("0.1", 1, 100_000_000),
        (0.06, 1, 60_000_000),
        (0.1 + 0.2, 1, 300_000_001),
        (6.32e-05, 1, 63_200),
        (7, 1, 7_000_000_000),
        (Decimal("1E-9"), 1, 1),
        ("0.0000000001", 1, 1),
        ("-0.0000000019", 1, -1),
        ("0", 1, 0),
    ],
)
def test_amounts_are_read_as_they_are_written_and_rounded_up(amount, per_usd, nano_usd):
    assert nano_usd_of(amount, per_usd) == nano_usd


@pytest.mark.parametrize(
    "amount",
    [
        "",
        "NaN",
        "-Infinity",
        "1,234",
        "1e999999999",
        "1e-999999999",
        "$1",
        True,
        None,
        float("inf"),
    ],
)
def test_what_is_no_amount_is_refused_at_once(amount):
    with pytest.raises(ValueError, match="is no amount of money"):
        nano_usd_of(amount)


@pytest.mark.parametrize(
    ("micro", "text"),
    [(0, "0"), (499_999, "0"), (500_000, "1"), (-400_000, "0"), (12_345_678_500_000, "12,345,679")],
)
def test_won_are_rounded_for_the_eye_alone(micro, text):
    assert won_text(micro) == text
