"""Our forecasts beside statsforecast, Prophet and the seasonal naive, on a folder of real series.

    python -m bench.forecast [--series FOLDER] [--peers statsforecast,prophet] [--m4-sample 24]
        [--jobs 1] [--cache FOLDER] [--sum PATTERN ...] [--mean PATTERN ...] [--quick]

Ten origins, 13 hours apart, 24 steps each, at most 672 hours of history. The exit code is 0 only if
the comparisons and the coverage hold on that folder. Without --series: SALLIM_TRACES, else
../shared/data beside the project.
"""

import argparse
import hashlib
import sys
from pathlib import Path

from bench import forecast_costs
from bench import forecast_tables as tables
from bench.forecast_env import PEERS, VERSIONS, python_of_peers
from bench.forecast_protocol import (
    HISTORY,
    STEPS,
    TESTED,
    Answer,
    Window,
    seasonal_naive,
    usable,
    windows,
)
from bench.forecast_run import Asked, Forecaster, ask
from bench.forecast_scores import median_of, scores
from bench.forecast_series import Series, folder_of, read
from bench.forecast_verdict import NAIVE, NAMED, OURS, Claim, Scored, claims
from models.demand.noise import noise_floor

QUICK_SERIES = 6
ENSEMBLE = ("sf_dot", "sf_mstl", "sf_autoets")
SCRIPT = Path(__file__).with_name("forecast_peers.py")


def forecasters(packages: list[str]) -> list[Forecaster]:
    """Ours first; what a peer answers is kept by its version and that of the script."""
    found = [Forecaster(OURS, (sys.executable, "-m", "bench.forecast_ours"))]
    if packages:
        python = python_of_peers(packages)
        script = hashlib.sha256(SCRIPT.read_bytes()).hexdigest()[:8]
        for package in packages:
            version = f"{VERSIONS[package]}-{script}"
            found += [
                Forecaster(peer, (python, str(SCRIPT), peer), version) for peer in PEERS[package]
            ]
    return found


def answered(
    told: argparse.Namespace, asked: list[Window]
) -> tuple[dict[str, list[Answer]], dict[str, str]]:
    """By method, and what is to be said of each."""
    found: dict[str, list[Answer]] = {}
    said: dict[str, str] = {}
    for who in forecasters(told.peers):
        got: Asked = ask(who, asked, told.jobs, told.cache)
        found[who.name], said[who.name] = got.answers, got.note
    if set(ENSEMBLE) <= set(found):
        found["sf_ens3"] = median_of([found[name] for name in ENSEMBLE])
    for name, period in ((NAIVE, STEPS), ("sn168", 7 * STEPS)):
        found[name] = [seasonal_naive(window, period) for window in asked]
    return found, said


def of_group(
    group: str, series: list[Series], asked: list[Window], answers: dict[str, list[Answer]]
) -> Scored:
    places = [place for place, each in enumerate(asked) if series[each.series].group == group]
    mine = [asked[place] for place in places]
    taken = {name: [every[place] for place in places] for name, every in answers.items()}
    return Scored(
        group,
        [each.name for each in series if each.group == group],
        {name: scores(mine, every, STEPS) for name, every in taken.items()},
        {name: scores(mine, every, 1) for name, every in taken.items()},
    )


def shown(scored: Scored, series: list[Series], *, is_known: bool) -> list[Claim]:
    """Prints all tables of a group; what must hold of it."""
    mine = [each for each in series if each.group == scored.group]
    tables.horizon(scored, "24 h")
    tables.horizon(scored, "1 h")
    tables.intervals(scored)
    if scored.group == "ops":
        floors = [noise_floor(each.values.tolist()[-HISTORY:], last=TESTED) for each in mine]
        tables.one_hour(scored, floors, [each.how for each in mine])
    return claims(scored, is_known=is_known)


def costs(asked: list[Window], targets: int) -> list[Claim]:
    """Measured last, in the child."""
    found = forecast_costs.cost(asked, targets)
    if found is None:
        print("no series has 672 hours: what a fit costs is not measured")
        return []
    for problem in found.problems:
        print(problem)
    return forecast_costs.claims(found, targets)


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--series", type=Path, help="folder of CSV or CSV.gz")
    parser.add_argument("--peers", type=_packages, default=[], help="statsforecast,prophet")
    parser.add_argument("--m4-sample", type=int, default=24, help="series by a fixed seed; 0: all")
    parser.add_argument("--jobs", type=int, default=1, help="processes at a time")
    parser.add_argument("--cache", type=Path, help="folder that keeps what peers answered")
    parser.add_argument("--sum", action="append", default=[], help="names whose hours are sums")
    parser.add_argument("--mean", action="append", default=[], help="names whose hours are means")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_SERIES} series of M4")
    return parser.parse_args()


def _packages(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in PEERS:
            raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(PEERS)}")
    return names


def main() -> int:
    told = options()
    folder = folder_of(told.series)
    sample = QUICK_SERIES if told.quick else told.m4_sample
    found = read(folder, sample, told.sum, told.mean)
    series, too_short = usable(found.series)
    if not series:
        print(f"bench.forecast: {folder} has no series that can be forecast", *too_short, sep="\n")
        return 2
    asked = windows(series)
    answers, said = answered(told, asked)
    is_known = set(NAMED) <= {each.name for each in series}
    print(f"{folder}: {len(series)} series, {len(asked)} origins")
    tables.notes(said, [*found.left_out, *too_short])
    must: list[Claim] = []
    for group in ("ops", "m4"):
        if any(each.group == group for each in series):
            must += shown(of_group(group, series, asked, answers), series, is_known=is_known)
    must += costs(asked, forecast_costs.TARGETS // (5 if told.quick else 1))
    return tables.verdict(must)


if __name__ == "__main__":
    sys.exit(main())
