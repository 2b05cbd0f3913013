"""What tests of the advice share: prices in whole dollars, and workflows, limits, machines."""

from decimal import Decimal

from models.costs.advice import advise
from models.costs.advice.shapes import Facts, Limits, Losses, Machine, Market, Use
from sallim.ledger.money_rows import RateRow, Tokens
from sallim.prices import PriceList

NOW_US = 1_764_000_000_000_000  # 2025-11-24 16:00 UTC
WON_A_DOLLAR = 1_500
MEGA = 1_000_000


def rates(provider, model, input_usd, output_usd, more="", sheets=""):
    """Prices in whole dollars for a million tokens; a document as `sallim.prices` reads it."""
    shown = f'"input": {input_usd * 10**9}, "output": {output_usd * 10**9}{more}'
    return RateRow(
        provider, model, "p", f'{{"v": 1, "prices": [{{"rates": {{{shown}}}}}{sheets}]}}', "x", 0
    )


FLEX = (
    '], "variants": [{"when": {"service_tier": "flex"}, '
    '"rates": {"input": 1000000000, "output": 4000000000}}'
)
PEAK = ', {"rates": {"input": 4000000000, "output": 8000000000}, "minutes_utc": [60, 720]}'
CACHED = ', "cache_read": 100000000, "cache_write": 1250000000'
PRICES = PriceList(
    [
        rates("openai", "gpt-9", 10, 20),
        rates("openai", "gpt-9-mini", 2, 8, sheets=FLEX),
        rates("openai", "gpt-9-nano", 1, 1),
        rates("openai", "gpt-9-image-mini", 1, 1),
        rates("deepseek", "deepseek-9", 2, 4, sheets=PEAK),
        rates("anthropic", "claude-haiku-9", 1, 5, CACHED),
        rates("google", "gemini-9-flash", 1, 5, ', "cache_read": 100000000'),
    ]
)
MARKET = Market(PRICES, NOW_US)
WIDE = Limits("ocr", "openai", "gpt-9", 50, 900, 8_000, Decimal(260), Decimal(WON_A_DOLLAR))
LOST = Losses(*("ocr", "openai", "gpt-9", 100, 7, 3, Decimal(40), 2, Decimal(60)), 4, Decimal(500))
RENTED = Machine("gpu", "gpu-1", Decimal(100), Decimal(30), Decimal(50_000), True)


def use(provider="openai", model="gpt-9", calls=100, usd="30", patient=False, **tokens):
    tokens = tokens or {"input": MEGA, "output": MEGA}
    paid = Decimal(usd)
    return Use("ocr", provider, model, patient, calls, paid * WON_A_DOLLAR, paid, Tokens(**tokens))


def said(kind, **facts):
    return [one for one in advise(Facts(**facts), MARKET) if one.kind == kind]


def the(kind, **facts):
    [one] = said(kind, **facts)
    return one


def figures(advice):
    return {str(proof.what): proof.value for proof in advice.evidence}
