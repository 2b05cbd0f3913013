"""How the benchmark of forecasts prints what it found."""

import os
from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np

from bench.forecast_scores import Scores, compared, ranks
from bench.forecast_verdict import NAIVE, OURS, Claim, Scored
from bench.report import machine

COLUMNS = (*("relMAE", "MASE", "MASEmed", "rank", "1-WAPE", "c80", "c95", "pinball", "CPU-ms"),)


def horizon(scored: Scored, which: str) -> None:
    """All methods of a group, the best first."""
    methods: Mapping[str, Scores] = scored.day if which == "24 h" else scored.hour
    places = ranks({name: each.mase for name, each in methods.items()})
    count = len(scored.names)
    print(f"\n{scored.group}, {which} ahead, {count} series\n\n| method | {' | '.join(COLUMNS)} |")
    print("|---|" + "---:|" * len(COLUMNS))
    for name in sorted(methods, key=lambda each: scored.relative(each, which)):
        each = methods[name]
        cells = (
            f"{scored.relative(name, which):.3f}",
            *(f"{np.mean(each.mase):.3f}", f"{np.median(each.mase):.3f}", f"{places[name]:.2f}"),
            f"{np.nanmean(each.accuracy):.2f}",
            *(f"{np.mean(each.covered80):.3f}", f"{np.mean(each.covered95):.3f}"),
            *(f"{np.mean(each.pinball):.3f}", f"{np.median(each.cpu_ms):.0f}"),
        )
        print(f"| {f'**{name}**' if name == OURS else name} | {' | '.join(cells)} |")


def intervals(scored: Scored) -> None:
    """Ours beside each: how much less or more, the interval over series, on how many better."""
    print(f"\n{scored.group}: our MASE beside each method's, interval of 95 % over series\n")
    print("| beside | 24 h | better on | 1 h | better on |\n|---|---:|---:|---:|---:|")
    for name in scored.day:
        if name != OURS:
            cells = []
            for methods in (scored.day, scored.hour):
                it = compared(methods[OURS].mase, methods[name].mase)
                cells.append(f"{it.more:+.1%} [{it.low:+.0%}, {it.high:+.0%}]")
                cells.append(f"{it.better} of {it.series}")
            print(f"| {name} | {' | '.join(cells)} |")


def one_hour(scored: Scored, floors: Sequence[float | None], hows: Sequence[str]) -> None:
    """1-WAPE of the next hour by series, and the best that its noise lets anybody expect."""
    methods = [OURS, *(name for name in scored.hour if name != OURS)]
    print(f"\n{scored.group}: 1-WAPE one hour ahead, in %\n")
    print(f"| series | an hour is the | {' | '.join(methods)} | at best |")
    print("|---|---|" + "---:|" * (len(methods) + 1))
    for place, name in enumerate(scored.names):
        cells = [f"{scored.hour[each].accuracy[place]:.1f}" for each in methods]
        floor = floors[place]
        best = "" if floor is None else f"{100 * floor:.1f}"
        print(f"| {name} | {hows[place]} | {' | '.join(cells)} | {best} |")


def verdict(claims: Sequence[Claim]) -> int:
    """The table of what must hold, and the summary line; 0 if all does."""
    print("\n| what | measured | wanted | |\n|---|---:|---:|---|")
    for claim in claims:
        said = "holds" if claim.holds else "MISSED"
        print(f"| {claim.what} | {claim.measured} | {claim.wanted} | {said} |")
    missed = [claim.what for claim in claims if not claim.holds]
    said = "all hold" if not missed else "missed: " + "; ".join(missed)
    when = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M")
    where = f"{machine()}, load {os.getloadavg()[0]:.1f}"
    kept = len(claims) - len(missed)
    print(f"\nbench.forecast, {when}, {where}: {kept} of {len(claims)} limits; {said}")
    return 1 if missed else 0


def notes(of: Mapping[str, str], left_out: Sequence[str]) -> None:
    for name, note in of.items():
        if note:
            print(f"{name}: {note}")
    for each in left_out:
        print(f"left out: {each}")
    if len(of) <= 1:
        print(f"no peers were asked (--peers statsforecast,prophet): compared with {NAIVE} only")
