"""The close of a month as a value: its verdict, its report, and why the card says otherwise."""

import csv
import io
import json
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from models.budget.close import (
    Billed,
    BucketClose,
    Did,
    Dollars,
    Doubt,
    MonthClose,
    PerAnalysis,
    Refusals,
    Saving,
    Thing,
    billed_of,
    split_gross,
)
from models.budget.close_json import close_of, shape_of
from models.budget.close_report import csv_of, html_of
from models.budget.close_words import close_alert, explained, implied_rate, verdict
from models.costs.freshness import Compared
from models.messages import say

WON = Decimal
EVIL = "=cmd|'/c calc'!A1<script>alert(1)</script>"


def bucket(name, cap, spent, unverified=0, raised=0):
    return BucketClose(
        name, WON(cap), WON(raised), WON(spent - unverified), WON(unverified), WON(0)
    )


def close(**changed):
    known = MonthClose(
        month="2026-11",
        since=1_793_458_800,
        until=1_796_050_800,
        buckets=(bucket("total", 24_900, 22_000), bucket("api", 15_000, 12_000)),
        things=(Thing("kind", "api", WON(12_000)), Thing("workflow", EVIL, WON("1.5"))),
        billed=(Billed("openai", WON("7.10"), WON("7.40")),),
        refused=Refusals(12, WON(480)),
        did=(Did("stop", "budget", "verified", 2, ("gpu", EVIL)),),
        analyses=(
            PerAnalysis("video", WON(9_000), 300, WON(30)),
            PerAnalysis("x", WON(1), 0, None),
        ),
        savings=(Saving("tag", say("Use {model}.", model=EVIL), WON(900)),),
        doubts=(Doubt("c-1", "openai", "gpt-5", "unverified", WON(70)),),
        doubts_more=0,
        dollars=Dollars(WON(8), WON(10_000), WON(1_000), WON(275)),
    )
    return known._replace(**changed)


def test_it_is_kept_as_long_as_no_bucket_is_over_what_it_was_allowed():
    over = (bucket("total", 24_900, 22_000), bucket("api", 15_000, 15_001))

    assert str(verdict(close())) == "2026-11 is closed and kept: 22,000 of 24,900 won"
    assert "overspent" in str(verdict(close(buckets=over)))
    raised = (over[0], over[1]._replace(raised_won=WON(1)))
    assert close(buckets=raised).is_kept
    assert str(close_alert(close(buckets=over)).severity) == "warn"


def test_the_message_is_few_lines_and_has_what_a_person_needs():
    alert = close_alert(close())

    assert [str(line) for line in alert.lines] == [
        "api: 12,000 of 15,000 won",
        "estimated 7.10 dollars, billed 7.40",
        "refused calls: 12",
        "calls without an end, counted at their worst: 1, 0 won (c-1)",
        f"could have saved 900 won, tag: Use {EVIL}.",
        "type in what the card was charged, and see the plan of the next month, on the page",
    ]
    assert (alert.dedup_key, alert.link) == ("month:2026-11", "/budget?tab=months")


def test_a_close_survives_json():
    shape = json.loads(json.dumps(shape_of(close())))

    assert close_of(shape) == close()


def test_the_table_has_every_amount_as_it_is_and_no_formula():
    rows = list(csv.reader(io.StringIO(csv_of(close(), WON(23_000)).removeprefix("\ufeff"))))

    assert rows[1] == ["month", "2026-11", "charged to the card", "23000", "won"]
    assert ["bucket", "api", "kept", "true", ""] in rows
    assert ["analysis", "x", "of each", "", "won"] in rows
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@"))]
    assert ["spent", f"'{EVIL}", "workflow", "1.5", "won"] in rows


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.text = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        assert not [name for name, _ in attrs if name in ("src", "href") or name.startswith("on")]

    def handle_data(self, data):
        self.text.append(data)


@pytest.mark.parametrize("charged", [None, WON(23_000)])
def test_the_page_stands_alone_and_holds_no_markup_of_others(charged):
    page = Tags()
    page.feed(html_of(close(), charged))

    assert not {"script", "img", "link", "iframe"} & set(page.tags)
    text = " ".join(page.text)
    assert EVIL in text
    assert ("The card" in text) == (charged is not None)
    for part in ("2026-11 is closed and kept", "12 calls were refused", "stopped: gpu", "video"):
        assert part in text


def test_a_page_is_in_the_language_of_its_reader():
    text = html_of(close(), None, lambda message: f"[{message}]")

    assert "<h2>[By workflow]</h2>" in text


def test_why_the_card_was_charged_more_is_taken_apart():
    month = close(buckets=(bucket("total", 24_900, 22_000, unverified=70),))
    lines = [str(line) for line in explained(month, WON(23_000))]

    assert lines == [
        "the card was charged 23,000 won, 1,000 won more than the 22,000 won that were counted",
        (
            "calls were counted at 8.00 dollars and 1,250.0 won a dollar, with 1,000 won of VAT "
            "and 275 won for the card"
        ),
        "70 won of it are calls whose end nobody saw, at their worst: so much may never be charged",
        "openai bills 7.40 dollars where 7.10 were estimated",
        "if all of the difference is the rate of exchange, a dollar did cost 1,360.9 won",
    ]


def test_a_rate_is_only_named_where_it_can_be_the_cause():
    assert implied_rate(close(), WON(22_000)) is None
    assert implied_rate(close(), WON(100)) is None
    assert implied_rate(close(dollars=Dollars()), WON(23_000)) is None
    assert "as was counted" in str(explained(close(), WON(22_000))[0])
    assert "21,000 won less than the" in str(explained(close(), WON(1_000))[0])


def test_where_a_bill_of_the_month_is_there_its_days_are_not_added_to_it():
    day = 86_400.0
    month = Compared("openai", "", 0.0, 30 * day, WON(9), WON(8), "outside", True, None)
    days = [month._replace(since=n * day, until=(n + 1) * day, theirs_usd=WON(1)) for n in range(3)]

    assert billed_of([*days, month]) == (Billed("openai", WON(8), WON(9)),)
    assert billed_of(days) == (Billed("openai", WON(24), WON(3)),)


def test_gross_won_are_their_parts_again():
    parts = split_gross(WON("1234.567891"), WON("0.8"), 100_000, 25_000)

    assert parts.won == WON("1234.567891")


def test_a_correction_keeps_the_caps_of_the_day_it_was_closed():
    fresh = close(
        buckets=(bucket("total", 9, 23_000), bucket("api", 9, 13_000), bucket("servers", 1, 2)),
        savings=(),
    )
    corrected = close().corrected(fresh)

    assert [(each.bucket_id, each.cap_won, each.spent_won) for each in corrected.buckets] == [
        ("total", WON(24_900), WON(23_000)),
        ("api", WON(15_000), WON(13_000)),
    ]
    assert corrected.savings == close().savings
    assert close().differs_from(corrected)
    assert not close().differs_from(close(refused=Refusals(0, WON(0))))
