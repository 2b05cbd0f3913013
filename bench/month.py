"""A month in fast motion, whole: its figures, and with --out what docs/month-limits.md shows.

    python -m bench.month [--short] [--out docs]

Eight guarded programs, the agent's parts that follow, services, an outbox and its channel live
from the first of November to the third of December by a clock of ours; see `tests/month/`.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.month_picture import picture
from bench.report import Figure, report
from tests.month.chronicle import Chronicle
from tests.month.plan import DAY_SECONDS, ROLL

ROOT = Path(__file__).parents[1]


def lived(*, short: bool) -> Chronicle:
    """In a process of its own, which lives by the clock of the month."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "month.json"
        words = [sys.executable, "-m", "tests.month", str(file), *(["--short"] * short)]
        subprocess.run(words, cwd=ROOT, check=True)
        return Chronicle.read(file)


def figures(month: Chronicle) -> list[Figure]:
    known = [tuple(each) for each in month.alerts["told"]]
    cap = {name: max(look[name][2] for look in month.looks) for name in ("total", "api")}
    essential = month.outcomes["essential"]
    return [
        Figure("calls let through", month.admission["admitted"], "calls"),
        Figure("let through beyond their line", len(month.admission["wrongly"]), "calls", 0),
        Figure("most committed of the total", _most(month, "total"), "won", cap["total"]),
        Figure("most committed of the APIs", _most(month, "api"), "won", cap["api"]),
        Figure("settled beside the provider's bill", _beside(month), "nano-USD", 0),
        Figure("alerts put", len(month.alerts["put"]), "alerts"),
        Figure("alerts doubled or lost", _not_once(month, known), "alerts", 0),
        Figure("essential calls served", essential["served"], "calls"),
        Figure("the same, above 95 %", month.outcomes["essential beyond 95 %"]["served"], "calls"),
        Figure("essential refused though they fitted", _wrongly_refused(month), "calls", 0),
        Figure("what a loop got of 4,500 won", month.loop["won"], "won", 3_000),
        Figure("longest stop or start, proven", max(each[1] for each in month.stops), "s", 120),
        Figure("stopped services that recovery restarted", _restarted(month), "services", 0),
        Figure("analyses that waited for money", len(month.waiting), "analyses"),
        Figure("of these served in the two days after", _served(month), "analyses"),
        Figure("most of what waited, in 24 h", _most_waited(month), "won", 3_990),
        Figure("the month took", month.seconds, "s"),
    ]


def _most(month: Chronicle, bucket: str) -> float:
    return max(look[bucket][1] for look in month.looks)


def _beside(month: Chronicle) -> int:
    return abs(month.bill["settled"] - month.bill["billed"])


def _not_once(month: Chronicle, known: list[tuple]) -> int:
    doubled = len(known) - len(set(known))
    lost = len({tuple(each) for each in month.alerts["events"]} - set(known))
    came = sum(month.alerts["came"].values()) + len(month.alerts["ended"])
    return doubled + lost + abs(came - sum(each[3] != "full" for each in known))


def _wrongly_refused(month: Chronicle) -> int:
    return sum(needed + used <= cap for _, _, needed, used, cap in month.essential_refused)


def _restarted(month: Chronicle) -> int:
    """But for the one that had crashed."""
    return len(month.recovery["restarted"]) - 1


def _served(month: Chronicle) -> int:
    return sum(at >= ROLL and state == "done" for *_, at, state, _ in month.waiting)


def _most_waited(month: Chronicle) -> float:
    """A tenth of the total, and a tenth of the APIs, by the budget that refused it."""
    begun = [(at, won) for *_, at, _, won in month.waiting if at >= ROLL]
    days: list[Callable[[], float]] = [
        lambda at=at: round(sum(won for when, won in begun if at - DAY_SECONDS < when <= at), 6)
        for at, _ in begun
    ]
    return max((day() for day in days), default=0.0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="steps of three hours, fewer calls")
    parser.add_argument("--quick", action="store_true", help="the same")
    parser.add_argument("--out", type=Path, help="folder for month-limits.svg and .json")
    told = parser.parse_args()
    month = lived(short=told.short or told.quick)
    found = figures(month)
    if told.out is not None:
        (told.out / "month-limits.svg").write_text(picture(month), encoding="utf-8")
        shape = {each.what: [round(each.value, 3), each.unit] for each in found}
        (told.out / "month-limits.json").write_text(json.dumps(shape, indent=1) + "\n")
    return report("bench.month", found)


if __name__ == "__main__":
    sys.exit(main())
