"""The figures of the money, without Streamlit."""

from decimal import Decimal
from zoneinfo import ZoneInfo

from models.costs.burn import burn_down
from models.costs.burn_shapes import DaySpent
from models.costs.periods import day_of, start_of
from models.costs.shapes import Bucket, Point
from pages.parts.charts import LIGHT
from pages.parts.costs_charts import BurnTexts, bars_figure, burn_figure

SEOUL = ZoneInfo("Asia/Seoul")
FIRST = day_of(1_762_000_000, SEOUL)
START, END = start_of(FIRST, SEOUL), start_of(FIRST + 30, SEOUL)
NOW = start_of(FIRST + 9, SEOUL) + 3_600
TEXTS = BurnTexts("settled", "unverified", "spent", "even", "expected", "band", "cap {won}")


def figure(unverified=0, calls=100):
    amounts = [Decimal(number) for number in (3_000, 1_000, 0, 0)]
    day = DaySpent(Decimal(calls), Decimal(unverified), Decimal(calls))
    days = {FIRST + n: day for n in range(9)}
    bucket = Bucket("api", START, END, *amounts, 1, NOW)
    return burn_figure(burn_down(bucket, days, NOW, SEOUL), SEOUL, LIGHT, TEXTS)


def line(drawn, name):
    return next(trace for trace in drawn["data"] if trace["name"] == name)


def test_the_spent_line_begins_at_nothing_and_ends_now():
    spent = line(figure(), "spent")

    assert (spent["x"][0], spent["y"][0]) == ("2025-11-01 00:00", 0)
    assert (spent["x"][-1], spent["customdata"][-1]) == ("2025-11-10 01:00", "₩900")


def test_what_is_unverified_is_hatched_and_absent_where_there_is_none():
    hatched = line(figure(unverified=10), "unverified")

    assert hatched["fillpattern"]["shape"] == "/"
    assert hatched["customdata"][-1] == "₩90"
    assert "unverified" not in [trace["name"] for trace in figure()["data"]]


def test_the_band_goes_on_from_what_is_spent_and_stays_on_the_picture():
    drawn = figure(calls=200)
    high, low = line(drawn, "band"), drawn["data"][1]

    assert high["y"][0] == low["y"][0] == line(drawn, "spent")["y"][-1]
    assert high["fill"] == "tonexty"
    assert drawn["layout"]["yaxis"]["range"][1] > max(high["y"])
    assert drawn["layout"]["annotations"][0]["text"] == "■ cap ₩3,000"


def test_labels_of_neighbouring_lines_stand_at_alternate_ends():
    labels = figure()["layout"]["annotations"]

    assert [label["text"] for label in labels] == ["■ cap ₩3,000", "95%", "90%", "80%", "70%"]
    assert [label["x"] for label in labels] == [0, 1, 0, 1, 0]


def test_without_a_past_there_is_no_band():
    amounts = [Decimal(number) for number in (3_000, 0, 0, 0)]
    empty = burn_down(Bucket("api", START, END, *amounts, 1, NOW), {}, NOW, SEOUL)

    drawn = burn_figure(empty, SEOUL, LIGHT, TEXTS)
    assert [trace["name"] for trace in drawn["data"]] == ["even", "spent"]


def test_bars_share_their_days_and_markup_in_a_name_stays_text():
    points = [Point("<b>x</b>", start_of(FIRST + n, SEOUL), 0, Decimal(n), 1) for n in range(3)]
    drawn = bars_figure([("<b>x</b>", points), ("y", points)], SEOUL, LIGHT)

    days = ["2025-11-01", "2025-11-02", "2025-11-03"]
    assert [trace["x"] for trace in drawn["data"]] == [days, days]
    assert drawn["data"][0]["name"] == "&lt;b&gt;x&lt;/b&gt;"
    assert drawn["layout"]["xaxis"]["ticktext"][0] == "11/01"


def test_months_are_told_as_months():
    points = [Point("a", START, 0, Decimal(1), 1), Point("a", END, 0, Decimal(1), 1)]

    axis = bars_figure([("a", points)], SEOUL, LIGHT)["layout"]["xaxis"]
    assert axis["ticktext"] == ["2025-11", "2025-12"]
