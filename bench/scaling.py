"""Machines by what is measured and by forecast, replayed over real demand: forecasting.md, 8.

    python -m bench.scaling [--trace FILE] [--warmup 3,10] [--quick]

Compares ours, which is the agent's own decision, with reactive scaling, an HPA, a schedule by the
hour, and an oracle. Without --trace: the two known traces of SALLIM_TRACES. Then rare jobs on a
fleet of up to two machines.
"""

import argparse
import itertools
import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.report import Figure, report
from bench.scaling_rare import rare_figures
from bench.scaling_trace import DAY_MINUTES, MINUTE_SECONDS, Demand, folder, read
from models.demand.shapes import Measured
from models.forecasts.short import short_fit
from models.scaling.outlook import outlook_of, steps_of
from models.scaling.policies import (
    BUCKET_MINUTES,
    oracle,
    oracle_held,
    ours,
    reactive,
    seasonal,
    static,
)
from models.scaling.rules import Rules
from models.scaling.shapes import BUCKET_SECONDS, ShortFit
from models.scaling.simulate import Policy, Run, run

TRACES = ("nasa_http_jul95_1min", "twitter_stream_2021_08_1min")
FEWER = {"nasa_http_jul95_1min": 90.0}
"""Of the instance-hours of a reactive fleet so many percent at most, at equal overload."""
NOT_MORE = 105.0
MINIMUM, MAXIMUM, HOUR_WON, HPA, COMPARED = 1, 40, 400, 0.8, 0.7
REACTIVE = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9)
OURS = ((0.5, 0.9), (0.6, 0.9), (0.7, 0.9), (0.8, 0.9), (0.9, 0.9), (0.95, 0.9), (0.95, 0.7))
"""Headroom and utilization; what a pool has by itself is the fourth."""
LEAST_SHARE = 1e-6


class Line(NamedTuple):
    name: str
    found: Run


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trace", type=Path, help="CSV of timestamp,value, .gz or not")
    parser.add_argument("--warmup", default="3,10", help="minutes from ordered to ready")
    parser.add_argument("--quick", action="store_true", help="one warm-up, fewer seeds")
    told = parser.parse_args()
    warmups = [float(each) for each in told.warmup.split(",")][: 1 if told.quick else None]
    files = [told.trace] if told.trace else [folder() / f"{name}.csv.gz" for name in TRACES]
    figures = []
    for file in files:
        demand = read(file)
        fits = fits_of(demand)
        for warmup in warmups:
            figures += replayed(demand, fits, warmup)
    figures += rare_figures(3 if told.quick else 10)
    return report("bench.scaling", figures)


def fits_of(demand: Demand) -> list[tuple[int, ShortFit]]:
    """One a day, of what was known then."""
    trace = demand.trace
    steps = tuple(steps_of(trace.demand))
    fits = []
    for minute in range(trace.begin, trace.end, DAY_MINUTES):
        known = Measured(trace.start_at, BUCKET_SECONDS, steps[: minute // BUCKET_MINUTES])
        fits.append((minute, short_fit(known, trace.start_at + minute * MINUTE_SECONDS)))
    return fits


def replayed(demand: Demand, fits: Sequence[tuple[int, ShortFit]], warmup: float) -> list[Figure]:
    """Prints the table; what is compared comes back."""
    trace = demand.trace
    rules = Rules(
        demand.name,
        capacity=demand.capacity,
        instances_min=MINIMUM,
        instances_max=MAXIMUM,
        start_seconds=warmup * MINUTE_SECONDS,
        hour_micro=HOUR_WON * 10**6,
    )
    tell(demand, rules, warmup)

    def tried(policy: Policy) -> Run:
        return run(trace, rules, policy)

    def tried_ours(headroom: float, utilization: float) -> Run:
        own = rules._replace(headroom=headroom, utilization=utilization)
        return run(trace, own, ours(own, outlook_of(trace, fits, headroom, rules.capacity)))

    by_load = {each: tried(reactive(rules, each)) for each in REACTIVE}
    by_us = {each: tried_ours(*each) for each in OURS}
    usual = by_us[rules.headroom, rules.utilization]
    least = oracle(trace, rules)
    before = sorted(trace.demand[trace.begin - 7 * DAY_MINUTES : trace.begin])
    p95 = math.ceil(before[int(0.95 * (len(before) - 1))] / rules.capacity)
    lines = [
        Line("oracle", least),
        Line("oracle, held 5 min, starts paid", oracle_held(trace, rules)),
        Line(f"always {p95} (p95 of the week before)", tried(static(p95))),
        Line(f"seasonal by the hour {COMPARED}", tried(seasonal(rules, COMPARED))),
        *(Line(f"reactive {each}", found) for each, found in by_load.items()),
        Line(f"HPA-like {HPA}", by_load[HPA]),
        *(Line(f"ours, headroom {q}, use {use}", found) for (q, use), found in by_us.items()),
        Line("ours, as a pool has it", usual),
    ]
    table(lines, least.instance_hours)
    return compared(f"{demand.name} W{warmup:g}", usual, by_load, list(by_us.values()))


def compared(
    where: str, usual: Run, by_load: dict[float, Run], by_us: Sequence[Run]
) -> list[Figure]:
    """Instance-hours at equal overload, in percent of those of reactive scaling."""
    limit = next((each for name, each in FEWER.items() if where.startswith(name)), NOT_MORE)
    beside = by_load[COMPARED]
    at_ours = hours_at(list(by_load.values()), usual.over_share)
    at_theirs = hours_at(by_us, beside.over_share)
    return [
        Figure(
            f"{where}: ours of reactive at equal overload",
            100 * usual.instance_hours / at_ours,
            "%",
            limit,
        ),
        Figure(
            f"{where}: ours of reactive {COMPARED} at its overload",
            100 * at_theirs / beside.instance_hours,
            "%",
            limit,
        ),
    ]


def hours_at(family: Sequence[Run], over_share: float) -> float:
    """What a family of one kind needs for that overload: between two by the logarithm of it.

    Beyond its ends the nearest stands; one that has less overload with fewer hours is preferred.
    """
    target = math.log(max(over_share, LEAST_SHARE))
    points = sorted(
        (math.log(max(each.over_share, LEAST_SHARE)), each.instance_hours) for each in family
    )
    found = [hours for over, hours in points if over <= target]
    for (low, more), (high, fewer) in itertools.pairwise(points):
        if low <= target <= high and high > low:
            found.append(more + (fewer - more) * (target - low) / (high - low))
    return min(found) if found else points[0][1]


def tell(demand: Demand, rules: Rules, warmup: float) -> None:
    days = (demand.trace.end - demand.trace.begin) / DAY_MINUTES
    print(
        f"\n{demand.name}: {days:.1f} days replayed, {demand.filled} minutes filled; capacity "
        f"{rules.capacity:.4g}, {MINIMUM} to {MAXIMUM} machines, start {warmup:g} min, fewer after "
        f"{rules.down_seconds / 60:g} min, {HOUR_WON} won an hour by the second; ours: headroom "
        f"{rules.headroom}, use {rules.utilization}, refit daily"
    )


def table(lines: Sequence[Line], least_hours: float) -> None:
    width = max(len(line.name) for line in lines)
    heads = ("hours", "of oracle", "over", "minutes over", "changes", "won")
    print(f"{'':{width}}  " + "  ".join(f"{head:>12}" for head in heads))
    for name, found in lines:
        cells: tuple[Callable[[], str], ...] = (
            lambda found=found: f"{found.instance_hours:,.1f}",
            lambda found=found: f"{found.instance_hours / least_hours:.2f}x",
            lambda found=found: f"{100 * found.over_share:.2f} %",
            lambda found=found: f"{found.over_minutes:,}",
            lambda found=found: f"{found.events:,}",
            lambda found=found: f"{found.won_micro // 10**6:,}",
        )
        print(f"{name:{width}}  " + "  ".join(f"{cell():>12}" for cell in cells))


if __name__ == "__main__":
    sys.exit(main())
