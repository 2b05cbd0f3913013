"""Our own check of FOCUS: mandatory columns, kinds of values, what may be empty.

The rules are those of FOCUS_Spec v1.2 (columns of Cost and Usage) and of 1.4 for the provider
columns that replace ProviderName and PublisherName.
"""

import json
import re
from decimal import Decimal

import pytest

from models.focus import COLUMNS, Charge, focus_rows
from sallim.ledger.money_rows import Tokens
from sallim.prices import PriceList, shipped

PRICES = PriceList(shipped().rates)
OPENED_US = 1_764_547_199_123_456
"""2025-11-30 23:59:59.123456 UTC: in Seoul it is December already."""
MONEY = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")
NEVER_EMPTY_1_2 = (
    *MONEY,
    *("BillingAccountId", "BillingCurrency", "BillingPeriodStart", "BillingPeriodEnd"),
    *("ChargeCategory", "ChargePeriodStart", "ChargePeriodEnd", "InvoiceIssuerName"),
    *("ProviderName", "PublisherName", "ServiceCategory", "ServiceName"),
)
MANDATORY_1_2 = (
    *NEVER_EMPTY_1_2,
    *("BillingAccountName", "ChargeClass", "ChargeDescription", "PricingQuantity", "PricingUnit"),
)
MANDATORY_1_4 = ("ServiceProviderName", "HostProviderName", "InvoiceIssuerName")
ALLOWED = {
    "ChargeCategory": {"Usage", "Tax", "Credit", "Adjustment"},
    "ChargeClass": {None, "Correction"},
    "ChargeFrequency": {"One-Time", "Recurring", "Usage-Based"},
    "PricingCategory": {None, "Standard", "Dynamic", "Committed", "Other"},
    "BillingCurrency": {"USD", "KRW"},
    "ServiceCategory": {
        *("AI and Machine Learning", "Compute", "Networking", "Storage", "Other"),
    },
}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def charge(**changed):
    known = Charge(
        *("call-1", 1, "openai", "gpt-5-mini", "/v1/responses", "api", "settled", "usage"),
        *("ocr", "video", "video-17", "laptop", "important", OPENED_US),
        *(Tokens(input=1_000, output=100), "", 450_000, 702_000, 100_000, 25_000),
        *("price-1", "fx-1", Decimal("1383.000000"), "2025-11-28"),
    )
    return known._replace(**changed)


KINDS = {
    "usage": {},
    "unverified": {"state": "unverified", "source": "unverified", "tokens": Tokens()},
    "broker": {"provider": "openrouter", "model": "deepseek/deepseek-chat"},
    "no tax": {"vat_ppm": 0},
    "server": {
        "kind": "server",
        "endpoint": "server:gpu-rented",
        "model": "",
        "provider": "runpod",
    },
    "fixed, in won": {"kind": "fixed", "endpoint": "fixed:vps", "nano": 0, "micro": 7_700_000_000},
    "storage": {"kind": "storage", "endpoint": "storage:s3"},
    "network": {"kind": "network", "endpoint": "network:egress"},
    "credit": {"nano": -450_000, "micro": -702_000},
    "correction": {"endpoint": "correction", "nano": -3, "micro": -4},
    "opening": {"endpoint": "opening", "nano": 0, "micro": 5_000_000, "provider": "", "model": ""},
    "formula": {"workflow": '=HYPERLINK("x")', "model": "@model", "provider": "+provider"},
}


def rows(**changed):
    return [dict(zip(COLUMNS, row, strict=True)) for row in focus_rows([charge(**changed)], PRICES)]


@pytest.mark.parametrize("name", KINDS)
def test_every_row_keeps_the_rules(name):
    found = rows(**KINDS[name])

    assert found
    for row in found:
        for column in NEVER_EMPTY_1_2:
            assert row[column] not in (None, ""), column
        for column, values in ALLOWED.items():
            assert row[column] in values, column
        for column in (name for name in COLUMNS if name.endswith(("PeriodStart", "PeriodEnd"))):
            assert MOMENT.fullmatch(row[column]), column
        for column in (*MONEY, "x_Krw"):
            assert isinstance(row[column], Decimal), column
        assert json.loads(row["Tags"])
        check_quantities(row)


def check_quantities(row):
    category = row["ChargeCategory"]
    priced = ("PricingQuantity", "PricingUnit", "PricingCategory", "SkuId", "SkuPriceId")
    if category == "Usage":
        assert all(row[column] is not None for column in priced)
        # Without a point, a reader takes the column for integers, which FOCUS does not allow.
        assert "." in str(row["PricingQuantity"])
    else:
        assert all(row[column] is None for column in (*priced, "ConsumedQuantity", "SkuMeter"))
    assert (row["ConsumedQuantity"] is not None) == (category == "Usage")
    if row["ListUnitPrice"] is not None:
        assert row["ListCost"] == row["ListUnitPrice"] * row["PricingQuantity"]
    if category == "Usage":
        recurs = row["x_Kind"] == "fixed"
        assert row["ChargeFrequency"] == ("Recurring" if recurs else "Usage-Based")


def test_the_mandatory_columns_are_there_and_our_own_come_last():
    assert set(MANDATORY_1_2) | set(MANDATORY_1_4) <= set(COLUMNS)
    assert len(set(MANDATORY_1_2)) == 21
    assert len(set(COLUMNS)) == len(COLUMNS)
    own = [column.startswith("x_") for column in COLUMNS]
    assert own == sorted(own)


@pytest.mark.parametrize("name", KINDS)
def test_won_add_up_to_what_the_ledger_has(name):
    asked = charge(**KINDS[name])

    assert sum(row["x_Krw"] for row in rows(**KINDS[name])) == Decimal(asked.micro).scaleb(-6)


def test_a_row_a_meter_and_one_for_the_tax():
    usage_in, usage_out, tax = rows()

    assert (usage_in["SkuMeter"], usage_in["BilledCost"]) == (
        "Input Tokens",
        Decimal("0.000250000"),
    )
    assert (usage_out["SkuMeter"], usage_out["BilledCost"]) == (
        *("Output Tokens", Decimal("0.000200000")),
    )
    assert usage_in["ListUnitPrice"] == Decimal("0.00000025")
    assert (tax["ChargeCategory"], tax["ChargeDescription"]) == ("Tax", "VAT 10 %")
    assert tax["BilledCost"] == Decimal("0.000045")


def test_periods_are_those_of_utc():
    row = rows()[0]

    assert (row["BillingPeriodStart"], row["BillingPeriodEnd"]) == (
        *("2025-11-01T00:00:00Z", "2025-12-01T00:00:00Z"),
    )
    assert (row["ChargePeriodStart"], row["ChargePeriodEnd"]) == (
        *("2025-11-30T23:00:00Z", "2025-12-01T00:00:00Z"),
    )
    assert row["x_OpenedAt"] == "2025-11-30T23:59:59.123456Z"


def test_who_sells_who_made_and_who_hosts():
    broker = rows(**KINDS["broker"])[0]

    assert (broker["ServiceProviderName"], broker["PublisherName"], broker["HostProviderName"]) == (
        *("OpenRouter", "DeepSeek", None),
    )
    own = rows()[0]
    assert {own["ProviderName"], own["PublisherName"], own["HostProviderName"]} == {"OpenAI"}


def test_what_is_estimated_says_so_and_what_cost_nothing_has_no_row():
    assert rows(**KINDS["unverified"])[0]["x_Estimated"] is True
    assert rows()[0]["x_Estimated"] is False
    assert rows(nano=0, micro=0) == []
