"""The tab `advice` as a person sees it, without a browser."""

import csv
import io
import json
import time
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from data.cost_cells import columns_of
from data.cost_views import Asked
from data.known_prices import readable_prices
from data.ops.recording import CostBatch
from pages.parts import costs_source
from pages.parts.costs_advice import figure
from pages.parts.costs_export import Wanted, file_of
from sallim.ledger.calls import flat
from sallim.ledger.money_rows import Tokens
from tests.pages.test_costs_page import COSTS, balances, call, seoul
from tests.pages.test_pages import opened, visible
from tests.sallim.money import WON

pytestmark = [pytest.mark.slow, pytest.mark.zone]
SEOUL = ZoneInfo("Asia/Seoul")
HASH = "0123456789abcdef" * 2
__all__ = ["seoul"]


@pytest.fixture(autouse=True)
def nothing_remembered():
    for cached in (costs_source.advised_on, costs_source.buckets_now, costs_source.whole_over):
        cached.clear()


def put(store, seoul, calls):
    rows = [flat(one._replace(seq=number)) for number, one in enumerate(calls, start=1)]
    batch = CostBatch(calls=columns_of(rows), balances=balances(seoul, 10_000))
    store.fold_costs(batch, time.time())


def paid(number, **changed):
    """6,000 tokens in and 1,000 out of gpt-5-mini, at its listed price: 0.0035 dollars, 7 won."""
    told = {
        "nano_usd": 3_500_000,
        "tokens": Tokens(input=6_000, output=1_000),
        "model": "gpt-5-mini",
        "days_ago": 0.001 * number,
        **changed,
    }
    return call(number, 7 * WON, **told)


@pytest.fixture
def wasteful(agent, store, seoul):
    """40 optional calls of a workflow with a name that means something in Markdown."""
    calls = [
        paid(n, workflow="*ocr* [x](y)", priority="optional", prompt_hash=HASH, output_max=9_000)
        for n in range(1, 41)
    ]
    late = [paid(n, state="unverified", source="unverified", days_ago=4) for n in (50, 51)]
    put(store, seoul, [*calls, *late])
    return agent


def test_each_recommendation_says_its_saving_and_how_sure_it_is(wasteful):
    app = opened(COSTS, tab="advice")
    text = visible(app)

    assert not app.exception
    # 39 of 40 calls asked the same; nano costs a fifth, flex the half.
    for part in (
        "1. Repeated calls",
        "2. Cheaper model",
        "3. Slower and cheaper tier",
        "✓ ₩273 a month",
        "✓ ₩224 a month",
        "✓ ₩140 a month",
        "gpt-5-nano instead of gpt-5-mini would cost 80% less.",
        "saves nothing by itself",
    ):
        assert part in text
    assert "**₩273** a month could be saved." in text
    assert "*ocr* [x](y)" not in text
    assert "\\*ocr\\* \\[x\\](y)" in text


def test_the_evidence_and_the_lines_to_paste_are_there(wasteful):
    app = opened(COSTS, tab="advice")

    figures = dict(app.dataframe[1].value.to_numpy().tolist())
    assert figures["calls looked at"] == "40"
    assert figures["what they did cost"] == "₩280"
    assert figures["the same tokens with the cheaper model"] == "₩56"
    codes = [block.value for block in app.code]
    assert 'model = "gpt-5-nano"' in codes
    assert any('service_tier="flex"' in code for code in codes)
    assert any("-m agent costs bill openai YYYY-MM" in code for code in codes)
    assert len(app.expander) == len(app.dataframe)


def test_it_says_what_it_looked_at_and_that_sums_overlap(wasteful):
    text = visible(opened(COSTS, tab="advice"))

    assert ": 42. Rented" in text
    assert "Rented machines that were watched: 0." in text
    assert "the sum counts only the largest" in text


def test_it_can_be_taken_along_as_a_whole_and_no_cell_is_a_formula(agent, store, seoul, home):
    put(store, seoul, [paid(n, workflow="=cmd()", prompt_hash=HASH) for n in range(1, 41)])
    prices = partial(readable_prices, home)
    now = time.time()
    wanted = Wanted(str(home.path), "advice", Asked((now - 60, now), SEOUL, prices))

    text = file_of(wanted, "csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    again = json.loads(file_of(wanted, "json"))

    assert [row["kind"] for row in rows] == ["repeated", "cheaper_model"]
    assert {row["workflow"] for row in rows} == {"'=cmd()"}
    assert {row["workflow"] for row in again} == {"=cmd()"}
    assert Decimal(rows[0]["saving_krw_month"]) == 273
    assert rows[0]["evidence"].startswith("calls looked at: 40 calls; ")
    assert [row["code"] for row in rows] == [row["code"] for row in again]


def test_its_buttons_stand_below_it(wasteful):
    app = opened(COSTS, tab="advice")

    labels = [button.label for button in app.get("download_button")]
    assert labels == ["This view as CSV", "This view as JSON", "Everything as FOCUS"]


def test_of_very_many_only_the_dearest_are_shown(agent, store, seoul):
    """Twenty workflows, of which each could use a smaller model."""
    calls = [
        paid(100 * flow + n, workflow=f"flow-{flow:02}", days_ago=0.001 * n)
        for flow in range(20)
        for n in range(1, 21 + flow)
    ]
    put(store, seoul, calls)

    text = visible(opened(COSTS, tab="advice"))

    assert "12. Cheaper model" in text
    assert "13." not in text
    assert "flow-19" in text
    assert "flow-00" not in text
    assert "Smaller ones that are not shown: 8." in text


def test_where_nothing_is_to_be_saved_it_says_what_it_looked_at(agent, store, seoul):
    put(store, seoul, [paid(1)])

    app = opened(COSTS, tab="advice")

    assert [block.value for block in app.success] == ["Nothing that would cost less was found."]
    assert ": 1. Rented machines" in visible(app)
    assert "fewer than 20 calls" in visible(app)
    assert not app.code


def test_calls_of_long_ago_are_not_looked_at(agent, store, seoul):
    put(store, seoul, [paid(n, days_ago=40) for n in range(1, 41)])

    assert "No call is known of the last 30 days." in visible(opened(COSTS, tab="advice"))


def test_it_speaks_korean(wasteful):
    text = visible(opened(COSTS, tab="advice", lang="ko"))

    assert "더 저렴한 모델" in text
    assert "Cheaper model" not in text


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        ("1234.5", "won", "₩1,235"),
        ("0.5", "usd", "$0.50"),
        ("0.255", "share", "26%"),
        ("30.25", "hours", "30.2 h"),
        ("1", "times", "1"),
    ],
)
def test_figures_have_units(value, unit, shown):
    assert figure(Decimal(value), unit) == shown
