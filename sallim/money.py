"""Money as whole numbers: nano-USD and micro-won, never a float.

1 USD = 1,000,000,000 nano-USD; 1 won = 1,000,000 micro-won. Parts are in millionths (ppm).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Decimal
    from typing import Protocol

    class Converting(Protocol):
        """What `gross_micro` needs of an exchange rate; `sallim.ledger` has the whole row."""

        @property
        def micro_won_per_usd(self) -> int: ...
        @property
        def vat_ppm(self) -> int: ...
        @property
        def fee_ppm(self) -> int: ...


NANO, MICRO = 1_000_000_000, 1_000_000
PPM = 1_000_000
DIGITS_MAX = 12
"""Of whole dollars: what is beyond is no price and no bill. Without a limit, a text of ten signs
like 1e99999999 would fill the memory."""


def gross_micro(nano_usd: int, exchange: Converting) -> int:
    """Micro-won that a card is charged with, VAT and card fee included, rounded up.

    The formula: won = USD × won per USD × (1 + VAT) × (1 + fee). A correction may be negative; it
    is rounded up as well, so what is given back is never more than what comes back.
    """
    product = (
        nano_usd * exchange.micro_won_per_usd * (PPM + exchange.vat_ppm) * (PPM + exchange.fee_ppm)
    )
    return -(-product // (NANO * PPM * PPM))


def nano_usd_of(amount: str | int | float | Decimal, per_usd: int = 1) -> int:
    """Nano-USD of an amount in dollars, or in cents with `per_usd=100`, rounded up.

    Providers send amounts as texts, as numbers, and as JSON floats; a float is read by its
    shortest text, which is what the provider wrote. Raises ValueError for what is no amount.

    >>> nano_usd_of("123.45", per_usd=100), nano_usd_of(0.06)
    (1234500000, 60000000)
    """
    from decimal import Decimal, InvalidOperation, localcontext

    if isinstance(amount, bool) or not isinstance(amount, (str, int, float, Decimal)):
        raise ValueError(f"{amount!r} is no amount of money")  # noqa: TRY004 one kind of error
    try:
        value = Decimal(str(amount))
    except InvalidOperation:
        raise ValueError(f"{amount!r} is no amount of money") from None
    if not value.is_finite() or (value and not -40 < value.adjusted() < DIGITS_MAX):
        raise ValueError(f"{amount!r} is no amount of money")
    with localcontext() as context:
        context.prec = 80
        numerator, denominator = (value * NANO).as_integer_ratio()
    return -(-numerator // (denominator * per_usd))


def won_text(micro: int) -> str:
    """Whole won with commas, half a won rounded away from zero, as on a card's statement.

    >>> won_text(1_234_500_000), won_text(-1_500_000)
    ('1,235', '-2')
    """
    won = (abs(micro) + MICRO // 2) // MICRO
    return f"-{won:,}" if micro < 0 and won else f"{won:,}"
