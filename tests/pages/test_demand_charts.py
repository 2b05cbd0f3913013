"""Figures of the demand, without a browser."""

import math

import numpy as np
import pytest

from pages.parts.demand_charts import (
    Band,
    Line,
    Look,
    ahead_figure,
    compared_figure,
    floats,
    html,
    moments,
    past_figure,
    steps_figure,
)

LOOK = Look(("#0072B2", "#E69F00", "#009E73", "#CC79A7"))
AT = moments(1_800_000_000, 3_600, 3)
TRUTH = Line("measured", AT, np.array([1.0, 2.0, 3.0]))
FORECAST = Line("forecast", moments(1_800_010_800, 3_600, 2), np.array([4.0, 5.0]))
BAND95 = Band("95 %", FORECAST.at, np.array([1.0, 1.0]), np.array([9.0, 9.0]))
BAND80 = Band("80 %", FORECAST.at, np.array([3.0, 3.0]), np.array([6.0, 6.0]))


def named(figure):
    return [part["name"] for part in figure["data"] if part.get("showlegend", True)]


def test_a_step_stands_in_its_middle_and_what_is_not_known_is_a_hole():
    assert moments(0, 3_600, 2).tolist() == [1_800, 5_400]
    assert math.isnan(floats([None, 1.0])[0])


def test_the_wide_band_lies_below_the_narrow_one_and_both_below_the_lines():
    figure = ahead_figure(TRUTH, FORECAST, [BAND95, BAND80], (1_800_010_800, "now"), LOOK)

    assert named(figure) == ["95 %", "80 %", "measured", "forecast"]


def test_the_line_of_now_stands_at_its_moment_and_the_axis_shows_all_of_it():
    figure = ahead_figure(TRUTH, FORECAST, [BAND80], (1_800_010_800, "now"), LOOK)

    assert figure["layout"]["shapes"][0]["x0"] == 1_800_010_800_000
    assert figure["layout"]["annotations"][0]["text"] == "now"
    low, high = figure["layout"]["xaxis"]["range"]
    assert low == AT[0] * 1000
    assert high == FORECAST.at[-1] * 1000


def test_a_band_is_filled_between_its_two_lines():
    figure = ahead_figure(TRUTH, FORECAST, [BAND80], (0.0, "now"), LOOK)

    lower, upper = figure["data"][:2]
    assert lower["y"].tolist() == [3, 3]
    assert (upper["y"].tolist(), upper["fill"]) == ([6, 6], "tonexty")


def test_nothing_at_all_is_still_a_figure():
    nothing = Line("x", floats([]), floats([]))

    for figure in (
        ahead_figure(nothing, nothing, [], (5.0, "now"), LOOK),
        past_figure(nothing, nothing, nothing, [], LOOK),
        compared_figure(nothing, [], LOOK),
        steps_figure([nothing], LOOK),
    ):
        low, high = figure["layout"]["xaxis"]["range"]
        assert low <= high


def test_each_recipe_has_a_colour_of_its_own():
    lines = [Line(str(n), AT, TRUTH.values) for n in range(5)]

    figure = compared_figure(TRUTH, lines, LOOK)

    assert len({part["line"]["color"] for part in figure["data"]}) == 6


def test_counts_of_machines_are_steps_and_what_is_asked_about_lies_on_top():
    figure = steps_figure([Line("as asked", AT, TRUTH.values), Line("now", AT, TRUTH.values)], LOOK)

    assert {part["line"]["shape"] for part in figure["data"]} == {"hv"}
    assert figure["data"][-1]["name"] == "as asked"


def test_past_forecasts_are_drawn_with_what_costs_nothing():
    figure = past_figure(TRUTH, FORECAST, Line("naive", AT, TRUTH.values), [BAND95], LOOK)

    assert named(figure) == ["95 %", "naive", "forecast", "measured"]


@pytest.mark.parametrize("name", ["<b>x</b>", "a & b"])
def test_names_from_outside_are_no_html(name):
    figure = compared_figure(Line(name, AT, TRUTH.values), [], LOOK)

    assert "<" not in figure["data"][0]["name"]
    assert html("a & <b>") == "a &amp; &lt;b&gt;"
