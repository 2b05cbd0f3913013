"""Costs as rows of FOCUS 1.2, with the three provider columns of 1.3 and 1.4, so that both read it.

One row a meter of a call, and one for its tax; our own columns begin with x_ and come last. The
sum of x_Krw is what the ledger has, to the micro-won: VAT stands in the rows of tax, the card's
fee (x_CardFeeRate) in all. Column names and allowed values: FOCUS_Spec v1.2 (04f8bb3d).
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from models.costs.meters import Part, Prices, Used, parts_of
from models.csv_text import Value
from models.focus.charges import (
    SERVICES,
    Charge,
    category_of,
    frequency_of,
    provider_name,
    publisher_of,
    service_of,
    tags_of,
)

__all__ = ["COLUMNS", "Charge", "category_of", "focus_rows", "rows_of_charge"]

PPM = 1_000_000
Row = dict[str, Value]
COLUMNS = (
    *("BilledCost", "EffectiveCost", "ListCost", "ContractedCost"),
    *("BillingAccountId", "BillingAccountName", "BillingCurrency"),
    *("BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd"),
    *("ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency"),
    *("ConsumedQuantity", "ConsumedUnit", "ListUnitPrice"),
    *("PricingCategory", "PricingQuantity", "PricingUnit"),
    *("InvoiceId", "InvoiceIssuerName", "ProviderName", "PublisherName"),
    *("ServiceCategory", "ServiceSubcategory", "ServiceName"),
    *("SkuId", "SkuMeter", "SkuPriceId", "Tags"),
    *("ServiceProviderName", "HostProviderName"),
    *("x_Krw", "x_FxRate", "x_FxDate", "x_FxId", "x_VatRate", "x_CardFeeRate"),
    *("x_CallId", "x_Attempt", "x_State", "x_Estimated", "x_Kind", "x_Workflow", "x_Analysis"),
    *("x_JobKey", "x_Key", "x_Priority", "x_OpenedAt"),
)
ESTIMATED = ("estimated", "unverified")


def focus_rows(charges: Iterable[Charge], prices: Prices) -> Iterator[list[Value]]:
    """In the order of COLUMNS. What has not ended, or cost nothing, has no row."""
    for charge in charges:
        if charge.nano or charge.micro:
            for row in rows_of_charge(charge, prices):
                yield [row.get(column) for column in COLUMNS]


def rows_of_charge(charge: Charge, prices: Prices) -> Iterator[Row]:
    in_won = not charge.nano
    tax_micro = charge.micro * charge.vat_ppm // (PPM + charge.vat_ppm)
    net = charge.micro - tax_micro
    shared = _common(charge, in_won)
    for part in _parts(charge, net, prices):
        cost = _decimal(part.micro, 6) if in_won else _decimal(part.nano, 9)
        yield {
            **shared,
            **_costs(cost),
            **_charged(charge, part, cost),
            "x_Krw": _decimal(part.micro, 6),
        }
    if tax_micro:
        tax = (
            _decimal(tax_micro, 6) if in_won else Decimal(charge.nano * charge.vat_ppm).scaleb(-15)
        )
        yield {**shared, **_costs(tax), **_tax(charge), "x_Krw": _decimal(tax_micro, 6)}


def _parts(charge: Charge, net_micro: int, prices: Prices) -> list[Part]:
    if category_of(charge) != "Usage" or charge.kind != "api":
        return [Part(service_of(charge), 1, "Units", charge.nano, net_micro, None)]
    used = Used(
        charge.provider,
        charge.model,
        charge.opened_us,
        charge.tokens,
        charge.tool_calls,
        charge.nano,
        net_micro,
    )
    return parts_of(used, prices)


def _common(charge: Charge, in_won: bool) -> Row:
    opened = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=charge.opened_us)
    hour = opened.replace(minute=0, second=0, microsecond=0)
    month = hour.replace(day=1, hour=0)
    name = provider_name(charge)
    category, subcategory = SERVICES.get(charge.kind, SERVICES["fixed"])
    return {
        "BillingAccountId": charge.provider or "unknown",
        "BillingCurrency": "KRW" if in_won else "USD",
        "BillingPeriodStart": _moment(month),
        "BillingPeriodEnd": _moment((month + timedelta(days=31)).replace(day=1)),
        "ChargePeriodStart": _moment(hour),
        "ChargePeriodEnd": _moment(hour + timedelta(hours=1)),
        "InvoiceIssuerName": name,
        "ProviderName": name,
        "PublisherName": publisher_of(charge),
        "ServiceCategory": category,
        "ServiceSubcategory": subcategory,
        "ServiceName": service_of(charge),
        "Tags": tags_of(charge),
        "ServiceProviderName": name,
        # Who runs a model that a broker sells is known to the broker alone.
        "HostProviderName": None if charge.provider == "openrouter" else name,
        "x_FxRate": charge.fx_rate,
        "x_FxDate": charge.fx_date,
        "x_FxId": charge.fx_id or None,
        "x_VatRate": _decimal(charge.vat_ppm, 6),
        "x_CardFeeRate": _decimal(charge.fee_ppm, 6),
        "x_CallId": charge.call_id,
        "x_Attempt": charge.attempt,
        "x_State": charge.state,
        "x_Estimated": charge.source in ESTIMATED,
        "x_Kind": charge.kind,
        "x_Workflow": charge.workflow or None,
        "x_Analysis": charge.analysis or None,
        "x_JobKey": charge.job_key or None,
        "x_Key": charge.key or None,
        "x_Priority": charge.priority or None,
        "x_OpenedAt": opened.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }


def _costs(cost: Decimal) -> Row:
    return dict.fromkeys(COLUMNS[:4], cost)


def _charged(charge: Charge, part: Part, cost: Decimal) -> Row:
    category = category_of(charge)
    row: Row = {
        "ChargeCategory": category,
        "ChargeDescription": " ".join(filter(None, (charge.model or charge.endpoint, part.meter))),
        "ChargeFrequency": frequency_of(charge),
    }
    if category != "Usage":
        return row
    sku = f"{charge.provider}/{charge.model or part.meter}/{part.meter}".replace(" ", "-").lower()
    quantity = _quantity(part.number)
    return row | {
        "ListUnitPrice": part.list_usd,
        "ListCost": cost if part.list_usd is None else part.list_usd * part.number,
        "PricingCategory": "Standard",
        "PricingQuantity": quantity,
        "PricingUnit": part.unit,
        "ConsumedQuantity": quantity,
        "ConsumedUnit": part.unit,
        "SkuId": sku,
        "SkuMeter": part.meter,
        "SkuPriceId": f"{sku}@{charge.price_id}" if charge.price_id else sku,
    }


def _tax(charge: Charge) -> Row:
    percent = _decimal(charge.vat_ppm, 4).normalize()
    return {
        "ChargeCategory": "Tax",
        "ChargeDescription": f"VAT {percent:f} %",
        "ChargeFrequency": frequency_of(charge),
    }


def _decimal(whole: int, places: int) -> Decimal:
    return Decimal(whole).scaleb(-places)


def _quantity(number: int) -> Decimal:
    """With a point, since a column of whole numbers alone is read as one of integers."""
    return _decimal(number * 10, 1)


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
