"""Rates out of rows: found by name, read whole or not at all, and what comes with the package."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sallim.ledger.money_rows import RateRow
from sallim.prices import Bounds, PriceList, Rates, cost_of, limits_of, shipped, worst_of
from sallim.usage import Usage

ROOT = Path(__file__).parents[2]
NOW_US = 1_795_900_000_000_000
MILLION = Usage(1_000_000)


def row(document, model="m", provider="p", source="list"):
    text = document if isinstance(document, str) else json.dumps({"v": 1, **document})
    return RateRow(provider, model, "id", text, source, 0)


def priced(nano, **more):
    return {"prices": [{"rates": {"input": nano}}], **more}


@pytest.mark.parametrize(
    "document",
    [
        "",
        "no JSON",
        "[]",
        '{"v": 2, "prices": [{"rates": {}}]}',
        {"prices": []},
        {},
        priced(-1),
        priced(0.5),
        priced("1"),
        priced(True),
        priced([1, [2]]),
        {"prices": [{"rates": {"input": 1}, "valid_from": "yesterday"}]},
        {"prices": [{"rates": {"input": 1}, "minutes_utc": [60]}]},
        priced(1, also=[{}]),
    ],
)
def test_a_document_that_cannot_be_read_is_no_price(document):
    with pytest.raises(ValueError, match="the price of p m cannot be read: "):
        Rates.of(row(document))
    assert PriceList([row(document)]).find("p", "m") is None


def test_the_owner_is_asked_first_then_the_order_of_the_list():
    rows = [
        row(priced(3, match={"starts_with": "m"}, rank=2), "third"),
        row(priced(2, match={"starts_with": "m"}, rank=1), "second"),
        row(priced(1, match={"regex": "^m.*$"}, rank=9), "m*", source="owner"),
    ]

    assert PriceList(rows).find("p", "m-1").model == "m*"
    assert PriceList(rows[:2]).find("p", "m-1").model == "second"
    assert PriceList(rows).find("p", "x") is None


@pytest.mark.parametrize(
    ("clause", "yes", "no"),
    [
        ({"equals": ["a", "B"]}, "b", "ab"),
        ({"starts_with": "gpt"}, "gpt-5", "a-gpt"),
        ({"ends_with": "-mini"}, "gpt-mini", "mini-gpt"),
        ({"contains": ["x", "y"]}, "oyo", "oo"),
        ({"regex": r"^a\d$"}, "a1", "aa"),
        ({"and": [{"contains": "a"}, {"or": [{"equals": "ab"}, {"equals": "ac"}]}]}, "ac", "ad"),
        ({"smells_like": "a"}, "", "a"),
    ],
)
def test_clauses(clause, yes, no):
    found = PriceList([row(priced(1, match=clause), "model")])

    assert (found.find("p", yes) is not None) == bool(yes)
    assert found.find("p", no) is None


@pytest.mark.parametrize(
    "clause", [{"regex": "("}, {"equals": 5}, {"and": 1}, ["a"], {"or": ["a"]}]
)
def test_a_clause_that_cannot_be_read_finds_nothing_and_raises_nothing(clause):
    rows = [row(priced(1, match=clause), "odd"), row(priced(2), "m")]

    assert PriceList(rows).find("p", "m").model == "m"
    assert PriceList(rows).find("p", "odd") is None


def test_a_discount_is_taken_off_both_and_rounded_up():
    rates = Rates.of(row(priced(1_000_001, discount_ppm=333_333)))

    assert cost_of(MILLION, rates, NOW_US) == 666_668
    assert worst_of(Bounds(1_000_000, 0), rates) == 666_668


def test_the_dearer_of_two_sources_is_kept_free_and_the_first_one_paid():
    rates = Rates.of(row(priced(100, also=[{"prices": [{"rates": {"input": 150}}]}])))

    assert cost_of(MILLION, rates, NOW_US) == 100
    assert worst_of(Bounds(1_000_000, 0), rates) == 150


def test_a_price_holds_from_its_first_day_to_the_one_before_its_last():
    spans = [
        {"rates": {"input": 1}},
        {"rates": {"input": 2}, "valid_from": "2026-11-20", "valid_to": "2026-11-22"},
    ]
    rates = Rates.of(row({"prices": spans}))
    midnights = (1_795_132_800 + 86_400 * days for days in (-1, 0, 1, 2))

    assert [cost_of(MILLION, rates, at * 10**6) for at in midnights] == [1, 2, 2, 1]


def test_a_price_of_tomorrow_is_kept_free_today_and_one_of_next_week_is_not():
    spans = [
        {"rates": {"input": 1}},
        {"rates": {"input": 2}, "valid_from": "2026-11-21"},
        {"rates": {"input": 9}, "valid_from": "2026-11-28"},
    ]
    rates = Rates.of(row({"prices": spans}))
    bounds, at_us = Bounds(1_000_000, 0), 1_795_132_800 * 10**6

    assert worst_of(bounds, rates, None, at_us - 86_400 * 10**6 - 1) == 1
    assert worst_of(bounds, rates, None, at_us) == 2
    assert worst_of(bounds, rates, None, at_us + 2 * 86_400 * 10**6) == 2
    assert worst_of(bounds, rates) == 9


def test_a_tool_without_a_price_is_known_to_have_none():
    rates = Rates.of(row({"prices": [{"rates": {"input": 1, "web_search": 10}}]}))

    assert rates.prices("web_search")
    assert not rates.prices("code_execution")
    assert cost_of(Usage(tool_calls=(("web_search", 2), ("x", 5))), rates, NOW_US) == 20


def test_a_call_may_have_a_price_of_its_own():
    rates = Rates.of(row({"prices": [{"rates": {"request": 7}}]}))

    assert cost_of(Usage(), rates, NOW_US) == 7
    assert worst_of(Bounds(0, 0), rates) == 7


def test_everything_that_is_shipped_can_be_read():
    brought = shipped()
    prices = PriceList(brought.rates)

    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", brought.date)
    assert (
        len({(each.provider, each.model) for each in brought.rates}) == len(brought.rates) > 1_000
    )
    assert all(Rates.of(each) for each in brought.rates)
    assert {each.provider for each in brought.rates} == {
        *("local", "anthropic", "openai", "google", "openrouter", "deepseek", "groq", "mistral")
    }
    assert prices.find("openai", "gpt-5-mini").also
    assert (ROOT / "sallim/prices/shipped.json").stat().st_size < 400_000
    assert brought.exchange.micro_won_per_usd > 10**9


def test_what_runs_at_home_is_free_whatever_its_name():
    local = PriceList(shipped().rates).find("local", "qwen3:30b")
    usage = Usage(10**6, 5, output=10**6, tool_calls=(("web_search", 3),))

    assert cost_of(usage, local, NOW_US) == 0
    assert worst_of(Bounds(10**6, 10**6), local) == 0


@pytest.mark.parametrize(
    ("provider", "model", "most_in", "most_out"),
    [
        ("openai", "gpt-5-mini", 272_000, 128_000),
        ("openai", "gpt-5-mini-2025-08-07", 272_000, 128_000),
        ("openai", "text-embedding-3-small", 8_191, 0),
        ("anthropic", "claude-haiku-4-5-20251001", 200_000, 64_000),
        ("google", "models/gemini-2.5-pro", 1_048_576, 65_536),
        ("deepseek", "deepseek-v4-flash", 1_000_000, 393_216),
    ],
)
def test_what_models_take_at_most(provider, model, most_in, most_out):
    limits = limits_of(provider, model)

    assert limits[:2] == (most_in, most_out)
    assert limits.source
    assert limits.date


def test_a_window_bounds_what_is_not_known_better():
    limits = limits_of("openrouter", "google/gemini-2.5-flash")

    assert limits.max_input_tokens == limits.max_output_tokens > 1_000_000
    assert "genai-prices" in limits.source
    assert limits_of("openai", "gpt-99") is None
    assert limits_of("nobody", "gpt-5-mini") is None


def test_nothing_of_it_is_loaded_by_a_program_that_only_records_jobs():
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import sallim;"
        "print([name for name in sys.modules if name.startswith('sallim.') and "
        "name.split('.')[1] in ('money', 'usage', 'prices')])"
    )
    command = [sys.executable, "-I", "-S", "-c", code]
    process = subprocess.run(command, capture_output=True, text=True, check=True)

    assert process.stdout == "[]\n"


def test_reading_a_usage_and_its_price_loads_nothing_heavy():
    heavy = "decimal json re ssl asyncio inspect email http urllib sqlite3 logging dataclasses"
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import sallim.prices, sallim.usage;"
        f"print(set({heavy!r}.split()) & set(sys.modules) - {{'re'}})"
    )
    command = [sys.executable, "-I", "-S", "-c", code]
    process = subprocess.run(command, capture_output=True, text=True, check=True)

    assert process.stdout == "set()\n"
