"""What providers say of the money: paid ahead, charged, and how fresh that is."""

import json
import time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from data.cost_views import VIEWS, Asked, view_rows
from models.costs.prepaid import DAY_SECONDS, Burnt, Figure, Outlook, outlook
from models.costs.prepaid_json import prepaid_json
from models.costs.told import HOURLY, HOUSE, METERED, MONEY, PREPAID
from models.messages import say
from models.monitoring import Thing
from pages.parts import costs_source
from sallim.prices import PriceList
from tests.data.stores import Direct
from tests.pages.canned import source
from tests.pages.test_costs_page import COSTS, money, seoul  # noqa: F401  (fixtures)
from tests.pages.test_pages import ENGLISH, NOT_TRANSLATED, opened, visible

pytestmark = [pytest.mark.slow, pytest.mark.zone]
SOON = (
    "{provider}: {left} is left of what was paid ahead, and gone on {date} at {burn} a day; top it "
    "up, or call it less"
)


@pytest.fixture(autouse=True)
def nothing_remembered():
    """Homes of tests may have one folder's name twice."""
    for cached in (
        *(costs_source.buckets_now, costs_source.whole_over, costs_source.prepaid_now),
        *(costs_source.lines_of_bills, costs_source.bills_of_month),
    ):
        cached.clear()


def balances(now: float) -> list[Outlook]:
    """One that ends in four days, one that was recharged, one that rests."""
    burnt = Burnt((Decimal(7), Decimal(7)), Decimal(1), Decimal(40))
    short = outlook(
        ("google", "USD"), [Figure(now - DAY_SECONDS, Decimal(5), is_typed=True)], burnt, now
    )
    figures = [
        Figure(now - days * DAY_SECONDS, Decimal(amount))
        for days, amount in ((9, 5), (5, 1), (4, 11), (0.1, 8))
    ]
    return [
        outlook(("openai", "USD"), [Figure(now - 60, Decimal(3))], Burnt(), now),
        outlook(("runpod", "USD"), figures, Burnt(), now),
        short._replace(warning=say(SOON, provider="google", left="[$4]", date="-", burn="-")),
    ]


def tell(store, now, found):
    detail = json.dumps([prepaid_json(one) for one in found])
    store.record([Thing(MONEY, HOUSE, PREPAID, "", detail, now)])


def verdict(provider, cause, theirs, ours, *, is_alarm=False):
    until = (time.time() - DAY_SECONDS) // DAY_SECONDS * DAY_SECONDS
    detail = {
        "theirs_nano": theirs * 10**6,
        "ours_nano": ours * 10**6,
        "drift_nano": (theirs - ours) * 10**6,
        "is_alarm": is_alarm,
        "guarded_ppm": min(ours, theirs) * 10**6 // theirs,
        "since": until - DAY_SECONDS,
        "until": until,
    }
    name = f"{until - DAY_SECONDS:.0f}:{until:.0f}:"
    return Thing("verdict", provider, name, cause, json.dumps(detail), time.time())


@pytest.fixture
def told(money, store):  # noqa: F811  (the fixture)
    now = time.time()
    tell(store, now, balances(now))
    store.record(
        [
            verdict("openai", "rounding", 1200, 1200),
            verdict("<b>x</b>", "outside", 500, 100, is_alarm=True),
        ]
    )
    return money


def test_balances_stand_in_the_order_in_which_they_end(told):
    frame = opened(COSTS, tab="providers").dataframe[0].value

    assert frame["Provider"].tolist() == ["google", "runpod", "openai"]
    assert frame["State"].tolist() == ["▲ ends soon", "✓ enough", "○ rests"]
    assert frame["Left"].tolist()[0] == "$4.00"
    assert frame["Days left"].tolist()[0] == "4.0"
    assert frame["Burns a day"].tolist()[:2] == ["$1.00", "$0.79"]
    assert frame["Last said"].tolist()[:2] == ["$5.00 typed in 1 d ago", "$8.00 asked 2 h ago"]


def test_what_ends_soon_stands_above_everything_and_a_recharge_says_what_to_do(told):
    app = opened(COSTS, tab="providers")
    text = visible(app)

    assert r"google: \[\$4\] is left of what was paid ahead" in text
    assert r"runpod: recharged by \$10.00 on" in text
    assert "It is cash that no cap here bounds" in text


def test_each_bill_says_how_fresh_it_is_and_why_it_differs(told):
    frame = opened(COSTS, tab="providers").dataframe[1].value

    assert frame["Provider"].tolist() == ["<b>x</b>", "openai"]
    assert frame["State"].tolist() == ["✎ typed in or a file"] * 2
    assert frame["Charged, USD"].tolist() == [0.5, 1.2]
    assert frame["Passed the guard"].tolist() == [0.2, 1.0]
    assert frame["Why they differ"].tolist() == ["■ a key is used outside", "✓ they round"]


def test_a_key_that_is_used_outside_is_told_with_what_to_do(told):
    text = visible(opened(COSTS, tab="providers"))

    assert "0.4000 USD of its bill did not pass the guard" in text
    assert "Revoke the keys" in text
    assert r"\<b>x\</b>" in text


def test_bills_and_balances_can_be_taken_along(told, store):
    span = (time.time() - 40 * DAY_SECONDS, time.time())
    asked = Asked(span, ZoneInfo("Asia/Seoul"), lambda: PriceList([]))
    bills = list(view_rows(VIEWS["bills"], Direct(store), asked))
    balances = list(view_rows(VIEWS["prepaid"], Direct(store), asked))

    assert {row[0]: row[4] for row in bills} == {
        "openai": Decimal("1.2"),
        "<b>x</b>": Decimal("0.5"),
    }
    assert [row[:3] for row in balances] == [
        ["google", "USD", Decimal(4)],
        ["runpod", "USD", balances[1][2]],
        ["openai", "USD", Decimal(3)],
    ]


def test_a_bill_that_cannot_be_read_says_why(told, home, monkeypatch):
    settings = home.path / "sallim.toml"
    settings.write_text('[house]\nsignin = "off"\n[[bill]]\nname = "main"\n')
    monkeypatch.setenv("SALLIM_CONFIG", str(settings))
    told.sources.append(source("bill:main", "error", reason="OPENAI_ADMIN_KEY is not set"))
    app = opened(COSTS, tab="providers")

    assert "■ error" in app.dataframe[1].value["State"].tolist()
    assert "OPENAI_ADMIN_KEY is not set" in visible(app)


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_with_nothing_yet_it_says_what_would_fill_it(money, lang):  # noqa: F811
    app = opened(COSTS, lang=lang, tab="providers")

    assert not app.exception
    commands = [block.value for block in app.code]
    assert any("costs cash gemini --amount" in command for command in commands)
    assert any('source = "openai"' in command for command in commands)


def test_a_balance_is_shown_also_where_nothing_was_ever_spent(agent, store):
    tell(store, time.time(), balances(time.time()))

    assert "openai" in opened(COSTS).dataframe[0].value["Provider"].tolist()


def test_what_is_left_is_told_in_hours_of_rented_machines(told, store):
    shapes = [{"name": "gpu [a]", "provider": "runpod", "won": "536.69"}]
    costs_source.rented_hours.clear()
    store.record([Thing(MONEY, HOUSE, HOURLY, "", json.dumps(shapes), time.time())])

    assert r"Or, of rented machines, for 25.8 h of *gpu \[a\]* (₩537 an hour)." in visible(
        opened(COSTS)
    )


def test_traffic_and_space_show_what_was_measured_and_what_was_not(told, store):
    shape = {
        "name": "egress",
        "kind": "network",
        "provider": "hetzner",
        "gb": "6.48",
        "free_gb": "5",
        "price": "10 KRW",
        "won": "14.8",
        "counted_to": "2026-11-27",
        "gaps": [["2026-11-03", 21_600]],
    }
    costs_source.metered_now.clear()
    store.record([Thing(MONEY, HOUSE, METERED, "", json.dumps([shape]), time.time())])
    app = opened(COSTS, tab="providers")

    [line] = app.dataframe[2].value.to_dict("records")
    assert (line["GB this month"], line["Free GB"], line["Won"]) == (6.48, 5.0, 15.0)
    assert (line["Kind"], line["Counted to"]) == ("Network", "2026-11-27")
    assert "egress: not measured on 2026-11-03 (6" in visible(app)
    costs_source.metered_now.clear()


def test_korean_pages_have_no_english_left(told):
    app = opened(COSTS, tab="providers", lang="ko")
    text = NOT_TRANSLATED.sub("", visible(app))
    cells = [str(cell) for frame in app.dataframe for cell in frame.value["상태"]]

    assert not app.exception
    assert ENGLISH.findall(text + " ".join(cells)) == []
    assert "▲ 곧 소진" in cells
