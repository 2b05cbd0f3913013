"""From the values of a machine to charts in the reader's language."""

from collections.abc import Iterable, Sequence

from models.panels import Chart, Line, Panel, lines_of
from models.traces import Trace
from pages.parts.words import in_words, said


def charts_of(panels: Iterable[Panel], traces: Sequence[Trace]) -> list[Chart]:
    return [chart_of(panel, traces) for panel in panels]


def chart_of(panel: Panel, traces: Sequence[Trace]) -> Chart:
    lines = lines_of(panel, traces)
    # The highest are shown, in an order that does not change with them: it gives the colours.
    order = list(panel.names)
    shown = sorted(
        lines[: panel.traces_max],
        key=lambda line: (order.index(line.trace.key.name), line.trace.key.labels),
    )
    return Chart(
        said(panel.title),
        panel.form,
        tuple((label_of(line), line.trace) for line in shown),
        left_out=len(lines) - len(shown),
    )


def label_of(line: Line) -> str:
    words = [] if line.word is None else [said(line.word)]
    return " ".join(words + [in_words(value) for value in line.labels])
