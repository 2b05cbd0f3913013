"""From the values of a machine to charts in the reader's language."""

from collections.abc import Iterable, Sequence

from models.messages import Message, say
from models.panels import Chart, Line, Panel, lines_of
from models.traces import Trace
from pages.parts.texts import catalog, language

WORDS: dict[str, Message] = {
    "read": say("read"),
    "write": say("write"),
    "receive": say("in"),
    "transmit": say("out"),
    "general": say("in general"),
    "encoder": say("encoder"),
    "decoder": say("decoder"),
}


def charts_of(panels: Iterable[Panel], traces: Sequence[Trace]) -> list[Chart]:
    return [chart_of(panel, traces) for panel in panels]


def chart_of(panel: Panel, traces: Sequence[Trace]) -> Chart:
    lines = lines_of(panel, traces)
    shown = lines[: panel.traces_max]
    return Chart(
        _said(panel.title),
        panel.form,
        tuple((label_of(line), line.trace) for line in shown),
        left_out=len(lines) - len(shown),
    )


def label_of(line: Line) -> str:
    words = [] if line.word is None else [_said(line.word)]
    return " ".join(words + [_said(WORDS[v]) if v in WORDS else v for v in line.labels])


def _said(message: Message) -> str:
    """Figures take no Markdown, so nothing is escaped here."""
    return catalog(language()).gettext(message.template).format(**message.values)
