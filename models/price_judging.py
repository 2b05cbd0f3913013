"""Whether a list of prices that was downloaded can be true. Pure.

A price that is too low lets calls pass that the month cannot pay, so what is far below what was
known is not believed; one that is too high refuses calls, and says so by itself.
"""

from collections.abc import Sequence

from sallim.ledger.money_rows import RateRow
from sallim.prices import PriceList, Rates

FALL_MAX = 5
"""Providers have cut a price to a fifth at once, and never to less."""
METERS = ("input", "output", "audio_seconds", "request")
Key = tuple[str, str]


def believed(rows: Sequence[RateRow], known: Sequence[RateRow]) -> tuple[list[RateRow], list[str]]:
    """The rows, and the names of models whose price is not believed: for them `known` holds.

    By what a call of each known model would be priced at, since a row may fit many names.
    """
    kept = {(row.provider, row.model): row for row in rows}
    before = {(row.provider, row.model): row for row in known}
    doubted: set[Key] = set()
    while absurd := _absurd(list(kept.values()), before):
        doubted |= {said for said, _ in absurd}
        for said, _ in absurd:
            kept.pop(said, None)
        for _, meant in absurd:
            kept.setdefault(meant, before[meant])
    return list(kept.values()), sorted(" ".join(key) for key in doubted)


def _absurd(rows: Sequence[RateRow], before: dict[Key, RateRow]) -> set[tuple[Key, Key]]:
    """Rows that are too cheap, each with the model that it would have made so."""
    prices = PriceList(rows)
    ours = {row.price_id for row in before.values()}
    found = set()
    for (provider, model), row in before.items():
        said = prices.find(provider, model)
        if said is not None and said.price_id not in ours and _falls(Rates.of(row), said):
            found.add(((said.provider, said.model), (provider, model)))
    return found


def _falls(old: Rates, new: Rates) -> bool:
    return any(_least(new, meter) * FALL_MAX < _least(old, meter) for meter in METERS)


def _least(rates: Rates, meter: str) -> int:
    """The lowest that it ever costs; 0 where it may be free."""
    found = [sheet.rates.get(meter, 0) for sheet in rates.book.prices]
    return min(rate if isinstance(rate, int) else int(rate[0]) for rate in found)
