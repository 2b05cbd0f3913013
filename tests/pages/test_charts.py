from itertools import pairwise

import numpy as np
import plotly.graph_objects as go
import pytest

from models.messages import say
from models.monitoring import SeriesKey
from models.panels import GPU_PANELS, HOST_PANELS, Chart, Form, Panel, lines_of
from models.traces import Trace
from pages.parts.charts import DARK, LIGHT, Texts, Window, gauge, scale_of, stack
from pages.parts.panels import chart_of
from pages.parts.shapes import band_points, line_points, short

WINDOW = Window(0, 600)
TEXTS = Texts(nothing="no values", more="+{n} more")


def trace(at, mean, *, spread=0.0, name="machine.cpu.utilization", labels=()) -> Trace:
    mean = np.array(mean, float)
    key = SeriesKey("vps", name, labels)
    return Trace(key, "1", np.array(at, float), mean, mean - spread, mean + spread, 10, 15)


def chart(*lines, form=Form.RATIO, left_out=0) -> Chart:
    return Chart("CPU", form, tuple((f"line {n}", one) for n, one in enumerate(lines)), left_out)


def drawn(*charts, window=WINDOW):
    return stack(charts, window, TEXTS)


def test_plotly_accepts_every_kind_of_chart():
    steady = trace([0, 10], [0.2, 0.3], spread=0.1)

    for form in Form:
        figure = drawn(chart(steady, form=form), chart())

        assert go.Figure(figure).to_dict()


def test_the_gauge_is_a_figure_too():
    assert go.Figure(gauge(0.42, "GPU memory")).data[0].value == 42


def test_charts_share_one_time_axis_so_that_one_pointer_reads_all():
    figure = drawn(*[chart(trace([0, 10], [1, 2]))] * 6)

    assert {line["xaxis"] for line in figure["data"]} == {"x"}
    assert {line["yaxis"] for line in figure["data"]} == {"y", "y2", "y3", "y4", "y5", "y6"}
    assert figure["layout"]["hoversubplots"] == "axis"
    assert figure["layout"]["hovermode"] == "x unified"


def test_charts_do_not_overlap():
    layout = drawn(*[chart()] * 6)["layout"]
    domains = sorted(layout[name]["domain"] for name in layout if name.startswith("yaxis"))

    assert all(below[1] < above[0] for below, above in pairwise(domains))
    assert domains[0][0] >= 0
    assert domains[-1][1] <= 1


GAPPY = trace([0, 10, 50, 60], [1, 2, 3, 4], spread=1)


def numbers(values) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]


def test_a_gap_in_the_values_is_a_gap_in_the_line():
    (points,) = line_points(GAPPY, GAPPY.mean, steady=True)

    assert (points["x0"], points["dx"]) == (5_000, 10_000)
    assert numbers(points["y"]) == [1, 2, None, None, None, 3, 4]


def test_where_the_clocks_change_every_moment_is_sent():
    (points,) = line_points(GAPPY, GAPPY.mean, steady=False)

    assert numbers(points["x"]) == [5_000, 15_000, None, 55_000, 65_000]
    assert numbers(points["y"]) == [1, 2, None, 3, 4]


def test_a_value_that_stands_alone_is_drawn_as_wide_as_its_bucket():
    lonely = trace([100], [0.5])

    _, points = line_points(lonely, lonely.mean, steady=True)

    assert points["x"].tolist() == [100_000, 110_000]
    assert points["y"].tolist() == [0.5, 0.5]


def test_a_band_ends_at_each_gap():
    band = band_points(GAPPY, 1, steady=True)

    assert [fill for _, fill in band] == [None, "tonexty", None, "tonexty"]
    assert [points["x0"] for points, _ in band] == [5_000, 5_000, 55_000, 55_000]
    assert [points["y"].tolist() for points, _ in band] == [[0, 1], [2, 3], [2, 3], [4, 5]]


def test_a_band_with_many_gaps_is_one_outline():
    torn = trace([n for n in range(0, 2000, 10) if n % 40], [1.0] * 150, spread=1)

    ((points, fill),) = band_points(torn, 1, steady=True)

    assert fill == "toself"
    assert np.isnan(points["x"]).sum() == 49


def test_an_outline_runs_along_the_low_values_and_back_along_the_high():
    ((points, _),) = band_points(GAPPY, 1, steady=False)

    assert numbers(points["y"])[:5] == [0, 1, 3, 2, None]
    assert numbers(points["x"])[:5] == [5_000, 15_000, 15_000, 5_000, None]


@pytest.mark.parametrize(("spread", "lines"), [(0, 1), (0.001, 1), (0.2, 3)])
def test_only_a_band_that_can_be_seen_is_sent(spread, lines):
    assert len(drawn(chart(trace([0, 10], [0.5, 0.6], spread=spread)))["data"]) == lines


def test_a_chart_without_lines_says_so():
    texts = [text["text"] for text in drawn(chart())["layout"]["annotations"]]

    assert texts == ["<b>CPU</b>", "○ no values"]


def test_lines_without_room_are_counted():
    texts = drawn(chart(trace([0, 10], [1, 2]), left_out=3))["layout"]["annotations"]

    assert texts[0]["text"].endswith("+3 more")


def test_names_from_outside_cannot_bring_markup_into_a_figure():
    evil = Chart("CPU", Form.RATIO, (("<b>x</b>", trace([0, 10], [1, 2])),))

    figure = drawn(evil)

    assert "&lt;b&gt;x" in figure["layout"]["annotations"][0]["text"]
    assert [line["name"] for line in figure["data"] if "name" in line] == [
        "CPU &lt;b&gt;x&lt;/b&gt;"
    ]


def test_a_calm_machine_looks_calm():
    assert scale_of(chart(trace([0], [0.02]))).top == 0.1
    assert scale_of(chart(trace([0], [0.5]))).top == 1.0


@pytest.mark.parametrize(
    ("peak", "suffix"), [(0, " B/s"), (5_000, " KiB/s"), (3e6, " MiB/s"), (2e12, " TiB/s")]
)
def test_rates_are_shown_in_the_unit_that_fits_them(peak, suffix):
    assert scale_of(chart(trace([0], [peak]), form=Form.BYTES_PER_SECOND)).suffix == suffix


def test_on_a_dark_ground_the_first_line_is_lighter():
    dark = drawn(chart(trace([0, 10], [1, 2])), window=Window(0, 600, DARK))

    assert dark["data"][0]["line"]["color"] == DARK[0] != LIGHT[0]


def test_values_are_sent_in_half_the_bytes_and_stay_right_to_the_eye():
    values = np.linspace(0.001, 100, 1000)

    sent = short(values)

    assert sent.dtype == np.float32
    assert np.abs(sent / values - 1).max() < 0.0005


def test_a_flag_shows_the_share_of_time_in_which_it_was_set():
    held = trace([0, 10], [0.25, 1.0], spread=0.25)

    (line,) = drawn(chart(held, form=Form.FLAG))["data"]

    assert line["y"].tolist() == [0.25, 1.0]


def test_where_a_finger_scrolls_a_chart_does_not_zoom():
    layout = drawn(chart(), window=Window(0, 600, zooms=False))["layout"]

    assert (layout["dragmode"], layout["xaxis"]["fixedrange"]) == (False, True)


def test_a_refresh_keeps_the_zoom():
    assert drawn(chart())["layout"]["uirevision"]


def test_loopback_is_no_network():
    names = [(("direction", "receive"), ("interface", name)) for name in ("lo", "eth0")]
    network = next(panel for panel in HOST_PANELS if panel.key == "network")
    traces = [trace([0], [1], name="system.network.io", labels=labels) for labels in names]

    assert [line.labels for line in lines_of(network, traces)] == [("eth0", "receive")]


def test_the_highest_line_comes_first():
    labels = [(("mountpoint", name),) for name in ("/", "/var")]
    space = next(panel for panel in HOST_PANELS if panel.key == "space")
    name = "system.filesystem.utilization"
    traces = [
        trace([0], [v], name=name, labels=pair) for v, pair in zip([0.1, 0.9], labels, strict=True)
    ]

    assert [line.labels for line in lines_of(space, traces)] == [("/var",), ("/",)]


def test_reasons_that_never_held_are_no_lines():
    throttle = GPU_PANELS[-1]
    traces = [
        trace([0], [value], name="hw.gpu.throttle", labels=(("reason", reason),))
        for reason, value in (("hw thermal", 1), ("sw power cap", 0))
    ]

    assert [line.labels for line in lines_of(throttle, traces)] == [("hw thermal",)]


def test_every_panel_draws_metrics_that_exist():
    from models.metrics import METRICS

    for panel in (*HOST_PANELS, *GPU_PANELS):
        assert set(panel.names) <= METRICS.keys()


def test_two_metrics_of_a_panel_are_told_apart_by_a_word():
    panel = Panel("m", say("M"), Form.RATIO, {"a": say("one"), "b": None})
    lines = lines_of(panel, [trace([0], [1], name="b"), trace([0], [1], name="a")])

    assert [str(line.word) for line in lines] == ["one", "None"]


def test_a_line_keeps_its_colour_whichever_is_higher():
    way = "network.io.direction"
    names = {
        which: [
            label
            for label, _ in chart_of(
                HOST_PANELS[3],
                [
                    trace([0], [high], name="system.network.io", labels=((way, direction),))
                    for direction, high in {"receive": 1.0, "transmit": which}.items()
                ],
            ).lines
        ]
        for which in (0.5, 2.0)
    }

    assert names[0.5] == names[2.0] == ["in", "out"]
