"""What one call was billed for, meter by meter; the parts add up to the call, to the last nano-USD.

The ledger keeps the cost of a call as a whole. It is shared out by count × price; where nobody
knows the prices, and where nothing was counted, the call is one meter of its own.
"""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple, Protocol

from sallim.ledger.money_rows import Tokens
from sallim.prices import Rates
from sallim.prices.cost import price
from sallim.prices.meters import PARTS, PER, weight

NAMES = {
    "input": "Input Tokens",
    "cache_read": "Cached Input Tokens",
    "cache_write_5m": "Cache Write Tokens",
    "cache_write_1h": "Long Cache Write Tokens",
    "output": "Output Tokens",
    "reasoning": "Reasoning Tokens",
    "audio_input": "Audio Input Tokens",
    "image_input": "Media Input Tokens",
    "request": "Calls",
}
FIELDS = {"media_input": "image_input"}
"""Fields of Tokens whose meter has another name."""
TOOLS_MAX = 50
COUNT_MAX = 10**12


class Prices(Protocol):
    """What is needed of `sallim.prices.PriceList`."""

    def find(self, provider: str, model: str) -> Rates | None: ...


class Part(NamedTuple):
    """Of a call: `number` of a meter.

    `list_usd` is the listed price of one, None where it is not known or no exact decimal.
    """

    meter: str
    number: int
    unit: str
    nano: int
    micro: int
    list_usd: Decimal | None


class Used(NamedTuple):
    """A call to be shared out; `micro` without VAT, if that is told apart."""

    provider: str
    model: str
    opened_us: int
    tokens: Tokens
    tool_calls: str
    nano: int
    micro: int


def parts_of(used: Used, prices: Prices) -> list[Part]:
    """At least one; `nano` and `micro` of all add up to those of the call."""
    counts = counts_of(used.tokens, used.tool_calls)
    rates = prices.find(used.provider, used.model) if counts else None
    found = rates.book.at(used.opened_us, {}) if rates is not None else {}
    prompt = sum(used.tokens) - used.tokens.output - used.tokens.reasoning
    if "request" in found:
        counts["request"] = 1
    units = {meter: price(meter, found, prompt) for meter in counts}
    shares = [count * units[meter] * weight(meter) for meter, count in counts.items()]
    if not any(shares):
        return [Part("Calls", 1, "Requests", used.nano, used.micro, None)]
    return [
        Part(_name(meter), count, _unit(meter), nano, micro, _list_usd(meter, units[meter]))
        for (meter, count), nano, micro in zip(
            counts.items(), shared(used.nano, shares), shared(used.micro, shares), strict=True
        )
    ]


def counts_of(tokens: Tokens, tool_calls: str) -> dict[str, int]:
    """Of each meter, once: what is a part of another one comes off there."""
    counts = {FIELDS.get(name, name): number for name, number in tokens._asdict().items()}
    for name, number in _tools(tool_calls):
        whole = PARTS.get(name)
        inside = min(number, counts.get(whole, 0)) if whole else number
        if whole:
            counts[whole] -= inside
        counts[name] = counts.get(name, 0) + inside
    return {meter: number for meter, number in counts.items() if number > 0}


def shared(amount: int, shares: Sequence[int]) -> list[int]:
    """A whole amount in parts like the shares; the largest takes what is left over.

    >>> shared(10, [1, 1, 1]), shared(-7, [2, 1])
    ([4, 3, 3], [-4, -3])
    """
    total = sum(shares)
    parts = [amount * share // total for share in shares]
    parts[max(range(len(shares)), key=shares.__getitem__)] += amount - sum(parts)
    return parts


def _tools(text: str) -> list[tuple[str, int]]:
    """Pairs of a name and a count; none where the text is anything else."""
    try:
        told = json.loads(text or "[]")
    except ValueError:
        return []
    pairs = list(told.items()) if isinstance(told, Mapping) else told
    if not isinstance(pairs, list):
        return []
    return [
        (pair[0][:100], pair[1])
        for pair in pairs[:TOOLS_MAX]
        if isinstance(pair, list | tuple)
        and len(pair) == 2
        and isinstance(pair[0], str)
        and type(pair[1]) is int
        and 0 < pair[1] < COUNT_MAX
    ]


def _name(meter: str) -> str:
    return NAMES.get(meter) or meter.replace("_", " ").title()


def _unit(meter: str) -> str:
    if meter.endswith("seconds"):
        return "Seconds"
    return "Tokens" if PER.get(meter) == PER["input"] and meter != "characters" else "Requests"


def _list_usd(meter: str, nano_usd: int) -> Decimal | None:
    per = PER.get(meter, 1)
    if str(per).strip("0") != "1":
        return None
    return Decimal(nano_usd).scaleb(-9 - (len(str(per)) - 1))
