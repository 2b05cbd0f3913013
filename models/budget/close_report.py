"""The close of a month as a file: a table for spreadsheets, and a page that stands alone.

Texts of others (names of workflows, errors) are neither markup nor formula there, and the page
asks nothing of anybody: no script, no picture, no address.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from html import escape

from models.budget.close import BucketClose, MonthClose
from models.budget.close_words import dollars, explained, verdict
from models.budget.words import won
from models.csv_text import Value, csv_lines
from models.messages import Message, say

HEADER = ("part", "name", "what", "amount", "unit")
Row = tuple[Value, ...]
Says = Callable[[Message], str]
"""A sentence in the reader's language."""
FULL_PERCENT = 100
STYLE = """
:root { color-scheme: light dark; --line: #8884; --bar: #2a7de1; --over: #c5221f; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
td, th { border-bottom: 1px solid var(--line); padding: .3rem .5rem; text-align: left;
  overflow-wrap: anywhere; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.bar { background: var(--line); height: .5rem; border-radius: .25rem; min-width: 5rem; }
.bar i { display: block; height: 100%; border-radius: .25rem; background: var(--bar); }
.bar i.over { background: var(--over); }
"""


def csv_of(close: MonthClose, charged_won: Decimal | None = None) -> str:
    """Amounts as they are, never rounded; with the mark that Excel asks for."""
    return "\ufeff" + "".join(csv_lines(HEADER, _rows(close, charged_won)))


def _rows(close: MonthClose, charged_won: Decimal | None) -> Iterator[Row]:
    yield ("month", close.month, "charged to the card", charged_won, "won")
    yield from _spent_rows(close)
    yield from _done_rows(close)


def _spent_rows(close: MonthClose) -> Iterator[Row]:
    for bucket in close.buckets:
        for what in ("cap_won", "raised_won", "settled_won", "unverified_won", "spent_won"):
            yield (
                "bucket",
                bucket.bucket_id,
                what.removesuffix("_won"),
                getattr(bucket, what),
                "won",
            )
        yield ("bucket", bucket.bucket_id, "kept", bucket.is_kept, "")
    for thing in close.things:
        yield ("spent", thing.name, thing.by, thing.won, "won")
    for billed in close.billed:
        yield ("billed", billed.provider, "estimated", billed.ours_usd, "usd")
        yield ("billed", billed.provider, "billed", billed.theirs_usd, "usd")
    for name in ("usd", "net_won", "vat_won", "fee_won"):
        amount = getattr(close.dollars, name)
        unit = "usd" if name == "usd" else "won"
        yield ("calls", "of it", name.removesuffix("_won"), amount, unit)


def _done_rows(close: MonthClose) -> Iterator[Row]:
    yield ("refused", "calls", "refused", close.refused.calls, "calls")
    yield ("refused", "calls", "not spent, at most", close.refused.won, "won")
    for did in close.did:
        names = ", ".join(did.targets)
        yield ("stops and starts", names, f"{did.verb} {did.state} by {did.by}", did.times, "times")
    for one in close.analyses:
        yield ("analysis", one.name, "spent", one.won, "won")
        yield ("analysis", one.name, "ended well", one.succeeded, "runs")
        yield ("analysis", one.name, "of each", one.each_won, "won")
    for saving in close.savings:
        yield ("saving", saving.subject, str(saving.sentence), saving.won, "won")
    for doubt in close.doubts:
        yield ("in doubt", doubt.call_id, f"{doubt.provider} {doubt.model}", doubt.won, "won")


def html_of(close: MonthClose, charged_won: Decimal | None = None, says: Says = str) -> str:
    """A whole page."""
    title = says(verdict(close))
    parts = [part for part in _parts(close, charged_won, says) if part]
    return (
        "<!doctype html>\n"
        f'<html><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head>\n"
        f"<body><h1>{escape(title)}</h1>\n{''.join(parts)}</body></html>\n"
    )


def _parts(close: MonthClose, charged_won: Decimal | None, says: Says) -> Iterator[str]:
    yield _buckets(close.buckets, says)
    for by, heading in HEADINGS.items():
        rows = [(each.name or "–", won(each.won)) for each in close.things if each.by == by]
        yield _table(says(heading), (says(say("What")), says(say("Won"))), rows)
    yield _table(
        says(say("Estimated against billed, in dollars")),
        (says(say("Provider")), says(say("Estimated")), says(say("Billed"))),
        [
            (each.provider, dollars(each.ours_usd), dollars(each.theirs_usd))
            for each in close.billed
        ],
    )
    yield _table(
        says(say("What one analysis cost")),
        (says(say("Analysis")), says(say("Ended well")), says(say("Won each"))),
        [
            (each.name, f"{each.succeeded:,}", "–" if each.each_won is None else won(each.each_won))
            for each in close.analyses
        ],
    )
    if close.refused.calls:
        text = say(
            "{calls} calls were refused, which would have cost {won} won at most.",
            calls=f"{close.refused.calls:,}",
            won=won(close.refused.won),
        )
        yield f"<p>{escape(says(text))}</p>"
    yield _table(
        says(say("Stopped, started and repaired")),
        (says(say("What")), says(say("By")), says(say("Times"))),
        [
            (
                f"{_said(DONE, f'{each.verb} {each.state}', says)}: {', '.join(each.targets)}",
                _said(BYS, each.by, says),
                f"{each.times:,}",
            )
            for each in close.did
        ],
    )
    yield _table(
        says(say("What could be saved in a month")),
        (says(say("What")), says(say("Won"))),
        [(f"{each.subject}: {says(each.sentence)}", won(each.won)) for each in close.savings],
    )
    yield _table(
        says(say("Calls without an end, at their worst")),
        (says(say("Call")), says(say("Of")), says(say("Won"))),
        [(each.call_id, f"{each.provider} {each.model}", won(each.won)) for each in close.doubts],
    )
    if charged_won is not None:
        lines = "".join(f"<li>{escape(says(line))}</li>" for line in explained(close, charged_won))
        title = says(say("The card"))
        yield f"<h2>{escape(title)}</h2><ul>{lines}</ul>"


DONE = {
    "stop verified": say("stopped"),
    "stop failed": say("could not be stopped"),
    "start verified": say("started"),
    "start failed": say("could not be started"),
}
BYS = {
    "person": say("a person"),
    "budget": say("the budget"),
    "scaling": say("scaling"),
    "recovery": say("recovery"),
}
HEADINGS = {
    "kind": say("By kind"),
    "provider": say("By provider"),
    "server": say("By machine and fixed item"),
    "workflow": say("By workflow"),
}


def _said(words: Mapping[str, Message], key: str, says: Says) -> str:
    """What is not known stays as it is."""
    return says(words[key]) if key in words else key


def _buckets(buckets: Iterable[BucketClose], says: Says) -> str:
    kept, over = says(say("kept")), says(say("overspent"))
    rows = "".join(
        f"<tr><td>{escape(each.bucket_id)}</td><td class=n>{won(each.spent_won)}</td>"
        f"<td class=n>{won(each.allowed_won)}</td><td>{_bar(each)}</td>"
        f"<td>{escape(kept if each.is_kept else over)}</td></tr>"
        for each in buckets
    )
    titles = (say("Budget"), say("Spent"), say("Cap"), say("Used"), say("Verdict"))
    head = "".join(
        f"<th{' class=n' if place in (1, 2) else ''}>{escape(says(title))}</th>"
        for place, title in enumerate(titles)
    )
    return f"<table><tr>{head}</tr>{rows}</table>\n"


def _bar(bucket: BucketClose) -> str:
    percent = FULL_PERCENT
    if bucket.allowed_won:
        percent = min(FULL_PERCENT, int(bucket.spent_won * FULL_PERCENT / bucket.allowed_won))
    mark = "" if bucket.is_kept else " class=over"
    return f'<div class=bar><i{mark} style="width:{max(percent, 0)}%"></i></div>'


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Empty without rows; every column but the first is a figure where it looks like one."""
    if not rows:
        return ""
    titles = "".join(f"<th>{escape(text)}</th>" for text in head)
    lines = "".join(
        "<tr>" + "".join(f"<td{_figure(text)}>{escape(text)}</td>" for text in row) + "</tr>"
        for row in rows
    )
    return f"<h2>{escape(title)}</h2><table><tr>{titles}</tr>{lines}</table>\n"


def _figure(text: str) -> str:
    return " class=n" if text.replace(",", "").replace(".", "").lstrip("-").isdigit() else ""
