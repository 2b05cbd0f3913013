"""The costs as a person sees them, without a browser."""

import time
from decimal import Decimal

import pytest

from data.cost_cells import balance_cells, columns_of
from data.cost_views import VIEWS, Asked, view_rows
from data.ops.recording import CostBatch
from models.costs.periods import period_at
from pages.parts import costs_source
from pages.parts.formats import krw
from sallim.ledger.calls import flat, settled_row
from sallim.ledger.statement_rows import Balance
from sallim.prices import PriceList
from tests.data.stores import Direct
from tests.pages.test_pages import opened, tiles, visible
from tests.sallim.money import WON, asked, settlement

pytestmark = [pytest.mark.slow, pytest.mark.zone]
MICRO = 1_000_000
COSTS = "pages/costs.py"


@pytest.fixture(autouse=True)
def nothing_remembered():
    """Homes of tests may have one folder's name twice."""
    for cached in (
        costs_source.buckets_now,
        costs_source.whole_over,
        costs_source.burn_of,
        costs_source.refused_over,
    ):
        cached.clear()


def call(number, won_micro, *, days_ago=0.0, state="settled", **changed):
    opened_us = int((time.time() - days_ago * 86_400 - 5) * MICRO)
    row = settled_row(asked(f"c{number}", opened_us=opened_us), settlement(won_micro))
    if state == "open":
        row = row._replace(nano_usd=0, gross_micro=0, source="", status=0)
    return row._replace(state=state, seq=number, **changed)


def balances(seoul, spent, unverified=0, reserved=0):
    month = period_at(time.time(), "month", seoul)
    return [
        balance_cells(
            Balance(
                bucket,
                month.since * MICRO,
                month.until * MICRO,
                cap * WON,
                spent * WON,
                reserved * WON,
                unverified * WON,
                1,
            ),
            time.time(),
        )
        for bucket, cap in (("api", 15_000), ("total", 24_900))
    ]


@pytest.fixture
def seoul():
    from zoneinfo import ZoneInfo

    return ZoneInfo("Asia/Seoul")


@pytest.fixture
def money(agent, store, seoul):
    """Today's calls of two providers, one unverified, one open, and some that were refused."""
    calls = [
        call(1, 9_000 * WON),
        call(2, 1_234 * WON, provider="anthropic", model="claude-haiku-4-5"),
        call(3, 66 * WON, state="unverified", source="unverified"),
        call(4, 0, state="open", worst_micro=700 * WON),
        call(5, 400_000, source="estimated", workflow="<b>x</b>"),
    ]
    now = time.time()
    refused = [("api", "openai", "gpt-5-mini", now, "budget", "optional", 4, 90 * WON, now, 1)]
    store.fold_costs(
        CostBatch(
            calls=columns_of([flat(one) for one in calls]),
            refusals=refused,
            balances=balances(seoul, 10_234, 66, 700),
        ),
        now,
    )
    return agent


def test_the_tiles_say_what_is_spent_left_and_expected(money):
    app = opened(COSTS)

    assert not app.exception
    assert tiles(app) == {
        "APIs: spent": "₩10,300",
        "APIs: left": "₩4,000",
        "APIs: month's end": "–",
        "Total: spent": "₩10,300",
        "Total: left": "₩13,900",
        "Total: month's end": "–",
    }
    text = visible(app)
    assert "▲ 69%" not in text
    assert "✓ 69% of ₩15,000" in text
    assert "○ not known yet" in text
    assert "A projection begins after three days" in text
    assert "◷ ₩66 of it is unverified" in str([metric.help for metric in app.metric])


def test_how_each_won_is_known_is_said_in_word_and_icon(money):
    text = visible(opened(COSTS))

    assert ":gray-badge[✓ counted by the provider ₩10,234]" in text
    assert ":orange-badge[◷ unverified ₩66]" in text
    assert ":orange-badge[≈ estimated ₩0.4]" in text


def test_the_course_of_the_month_and_the_bars_are_drawn(money):
    app = opened(COSTS)

    assert len(app.get("plotly_chart")) == 2


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("provider", ["openai", "anthropic"]),
        ("model", ["gpt-5-mini", "claude-haiku-4-5"]),
        ("workflow", ["ocr", "<b>x</b>"]),
        ("analysis", ["video"]),
        ("kind", ["API calls"]),
    ],
)
def test_the_address_says_by_what_is_added_up(money, by, names):
    app = opened(COSTS, by=by)

    assert app.dataframe[0].value.iloc[:, 0].tolist() == names
    assert sum(app.dataframe[0].value["Won"]) == pytest.approx(10_300, abs=1)


@pytest.mark.parametrize("span", ["day", "week", "month", "year"])
@pytest.mark.parametrize("tab", ["", "models", "analyses", "calls", "refused"])
def test_every_span_of_every_tab_is_drawn(money, span, tab):
    app = opened(COSTS, span=span, tab=tab)

    assert not app.exception
    assert app.dataframe or tab == "analyses"
    assert {frame.proto.placeholder for frame in app.dataframe} <= {"–"}
    assert app.segmented_control(key="span").value == span


def test_the_month_is_what_is_shown_first(money):
    assert opened(COSTS).segmented_control(key="span").value == "month"


def test_another_choice_is_written_into_the_address(money):
    app = opened(COSTS)

    app.segmented_control(key="by").set_value("model").run()
    app.segmented_control(key="span").set_value("day").run()

    assert (app.query_params["by"], app.query_params["span"]) == ("model", "day")


def test_models_show_reserved_against_used_and_refused(money):
    frame = opened(COSTS, tab="models").dataframe[0].value

    mini = frame[frame["Model"] == "gpt-5-mini"].iloc[0]
    assert mini["Refused"] == 4
    assert mini["Calls"] == 4
    assert mini["p50"] == pytest.approx(0.9)
    assert "Used of reserved" in frame


def test_single_calls_say_how_they_ended(money):
    lines = opened(COSTS, tab="calls", order="dearest").dataframe[0].value

    assert lines["Won"].tolist()[:2] == [9_000, 1_234]
    assert set(lines["State"]) == {"✓ settled", "◷ unverified", "… open", "≈ estimated"}


REFUSED = [
    ("api", "openai", "gpt-5-mini", "budget", 4, 90 * WON),
    ("", "openai", "/v1/images/generations", "unpriced_path", 7, 0),
    ("", "groq", "new-model", "unknown_model", 1, 0),
    ("", "", "http://127.0.0.1:4000/v1/x", "unknown_host", 2, 0),
]


def refuse(store, balances_now):
    now = time.time()
    rows = [
        (bucket, provider, name, now, code, "optional", calls, needed, now - number, number + 1)
        for number, (bucket, provider, name, code, calls, needed) in enumerate(REFUSED)
    ]
    store.fold_costs(CostBatch(refusals=rows, balances=balances_now), now)


def test_refused_calls_say_why_and_what_to_do(money, store, seoul):
    refuse(store, balances(seoul, 10_234))
    app = opened(COSTS, tab="refused")
    frame = app.dataframe[0].value

    assert frame["Why"].tolist()[:2] == [
        "■ more than is left for its priority",
        "■ what is sent there has no price",
    ]
    assert frame["Model or path"].tolist() == [
        "gpt-5-mini",
        "/v1/images/generations",
        "new-model",
        "http://127.0.0.1:4000/v1/x",
    ]
    told = next(each.value for each in app.markdown if "- **more than is left" in each.value)
    assert told.count("\n- **") == 4
    assert "- **what is sent there has no price**: Send it without the guard" in told
    assert "-m agent prices update --download --home" in told
    assert frame["Calls"].tolist() == [8, 7, 1, 2]
    models = opened(COSTS, tab="models").dataframe[0].value
    assert "/v1/images/generations" not in models["Model"].tolist()


def test_refused_calls_are_a_file_as_well(money, store, seoul):
    refuse(store, balances(seoul, 10_234))
    wanted = Asked((time.time() - 600, time.time() + 60), seoul, lambda: PriceList([]))
    view = VIEWS["refused"]
    rows = list(view_rows(view, Direct(store), wanted))

    path, code = (view.header.index(name) for name in ("path", "code"))
    assert [row[path] for row in rows][1:3] == ["/v1/images/generations", ""]
    assert {row[code] for row in rows} == {each[3] for each in REFUSED}


def test_without_refused_calls_the_tab_says_so(agent, store, seoul):
    calls = columns_of([flat(call(1, 5))])
    store.fold_costs(CostBatch(calls=calls, balances=balances(seoul, 0)), time.time())
    app = opened(COSTS, tab="refused")

    assert not app.dataframe
    assert "No call was refused" in visible(app)


def test_who_was_only_ever_refused_is_told_why(agent, store, seoul):
    refuse(store, balances(seoul, 0))
    app = opened(COSTS)

    assert not app.exception
    assert app.dataframe[0].value["Calls"].sum() == 14


def test_a_month_that_will_not_do_says_when_the_cap_is_reached(agent, store, seoul):
    calls = [call(n, 900 * WON, days_ago=n) for n in range(1, 20)]
    store.fold_costs(
        CostBatch(
            calls=columns_of([flat(one._replace(buckets=("api", "total"))) for one in calls]),
            balances=balances(seoul, 14_600),
        ),
        time.time(),
    )
    app = opened(COSTS)

    assert not app.exception
    assert "■ 97% of ₩15,000" in visible(app)
    if "month's end –" not in visible(app):
        assert "cap on 20" in visible(app) or "cap perhaps 20" in visible(app)


def test_without_a_budget_and_calls_the_page_says_what_would_fill_it(agent):
    app = opened(COSTS)

    assert not app.exception
    assert ["[budget]" in block.value or "guard(" in block.value for block in app.code] == [
        True,
        True,
    ]
    assert not app.dataframe


def test_a_budget_without_calls_shows_the_line_for_the_sdk(agent, store, seoul):
    store.fold_costs(CostBatch(balances=balances(seoul, 0)), time.time())

    app = opened(COSTS)

    assert [("guard(" in block.value) for block in app.code] == [True]
    assert tiles(app)["APIs: left"] == "₩15,000"


def test_a_silent_agent_leaves_what_was_known_last_and_says_so_in_red(silent_money):
    app = opened(COSTS)

    errors = [error.value for error in app.error]
    assert any("The agent is silent" in text for text in errors)
    assert any(text.startswith("Last known") for text in errors)
    assert tiles(app)["APIs: spent"] == "₩10,300"


@pytest.fixture
def silent_money(home, store, seoul):
    store.fold_costs(
        CostBatch(
            calls=columns_of([flat(call(1, 9_000 * WON))]), balances=balances(seoul, 10_234, 66)
        ),
        time.time(),
    )
    store.close()
    return home


def test_amounts_on_screen_are_whole_won_with_commas():
    assert krw(Decimal("1234567.6")) == "₩1,234,568"
    assert krw(Decimal("-0.25")) == "-₩0.3"
