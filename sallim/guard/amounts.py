"""Amounts that an owner writes: won as a card is charged, dollars before VAT and fee."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sallim.ledger.money_rows import Exchange

WON, USD = "KRW", "USD"
UNITS = {"won": WON, "krw": WON, "원": WON, "usd": USD, "$": USD, "dollar": USD, "dollars": USD}


def amount_of(amount: object, currency: str) -> tuple[str, int]:
    """The currency, and 10**-9 of it. Raises ValueError.

    >>> amount_of("8.4 won", "USD"), amount_of("$0.006", "KRW"), amount_of(12, "KRW")
    (('KRW', 8400000000), ('USD', 6000000), ('KRW', 12000000000))
    """
    from sallim.money import nano_usd_of

    if isinstance(amount, float):
        # 0.1 is no amount of money: its text may be, and then it is given as text.
        raise ValueError(f"{amount!r}: give an amount as text, Decimal or whole number")  # noqa: TRY004
    if isinstance(amount, str):
        text = amount.strip()
        if text.startswith("$"):
            text, currency = text[1:], USD
        number, _, word = text.partition(" ")
        if word:
            if word.strip().lower() not in UNITS:
                raise ValueError(f"{amount!r}: write it as '8.4 won' or '0.006 USD'")
            currency = UNITS[word.strip().lower()]
        amount = number.replace(",", "")
    nano = nano_usd_of(amount)  # type: ignore[arg-type]
    if nano < 0:
        raise ValueError(f"{amount!r}: a call cannot cost less than nothing")
    return currency, nano


def net_nano(micro: int, exchange: Exchange) -> int:
    """Nano-USD, before VAT and fee, of an amount that is charged in won; rounded down."""
    from sallim.money import NANO, PPM

    scale = exchange.micro_won_per_usd * (PPM + exchange.vat_ppm) * (PPM + exchange.fee_ppm)
    return micro * NANO * PPM * PPM // scale
