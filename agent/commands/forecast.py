"""`forecast`: what comes of a target, of any metric, or of a file of points, as CSV or JSON.

What the agent has forecast within the last hours is printed as it is; anything else is fitted now,
in a process of its own.
"""

import argparse
import os
import re
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent.commands import NO_AGENT, OK, PROBLEM, ROOT, USAGE, home_of
from agent.commands.forecast_lines import LINES
from agent.commands.output import write_lines
from data.home import Home
from models.demand.shapes import (
    HOUR_SECONDS,
    MODELS,
    SEASONS,
    Forecast,
    Measured,
    Recipe,
    Work,
)
from models.demand.targets import step_seconds_of, target_named, targets_of
from models.errors import AgentSilent, ConfigError, ForecastError, QueryRefused
from models.messages import say
from models.settings import Settings
from models.settings.target import Target
from models.tiers import DAY_SECONDS

FRESH_STEPS = 2
SPAN_DAYS = (3, 400)
STEPS_MAX = 168
SECONDS = {"h": HOUR_SECONDS, "d": DAY_SECONDS, "": HOUR_SECONDS}
LENGTH = re.compile(r"([1-9][0-9]{0,3})([hd]?)")


def add_parser(subparsers: Any, shared: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "forecast", parents=[shared], help="what comes, as CSV or JSON", description=__doc__
    )
    parser.add_argument(
        "--series",
        required=True,
        metavar="NAME",
        help="a target (calls, arrivals ...), a metric such as n8n.queue.waiting, or a CSV(.gz) "
        "file of timestamp,value",
    )
    parser.add_argument("--horizon", default="24h", help="how far, as 24h or 7d (default: 24h)")
    parser.add_argument("--model", choices=MODELS, help="default: as the agent does")
    parser.add_argument("--season", choices=SEASONS, help="what repeats (default: as found)")
    parser.add_argument("--span", metavar="28d", help="so much of the past (default: 28d)")
    parser.add_argument(
        "--hourly",
        choices=("mean", "sum", "max"),
        default="mean",
        help="of a file: what an hour makes of its values (default: mean)",
    )
    parser.add_argument("--format", choices=tuple(LINES), default="csv", help="(default: csv)")
    parser.add_argument("--out", metavar="FILE", help="instead of the standard output")
    return parser


def run(arguments: argparse.Namespace) -> int:
    home = home_of(arguments)
    try:
        settings = _settings(home)
        forecast = _forecast(home, settings, arguments, time.time())
        lines = LINES[arguments.format](forecast, settings.house.zone)
        write_lines(lines, arguments.out)
    except ValueError as problem:
        print(problem, file=sys.stderr)
        return USAGE
    except AgentSilent as silent:
        print(silent, file=sys.stderr)
        return NO_AGENT
    except (ConfigError, ForecastError, QueryRefused) as problem:
        print(f"{arguments.series}: {problem}", file=sys.stderr)
        return PROBLEM
    except OSError as error:
        print(f"{error.filename or arguments.out}: {error.strerror}", file=sys.stderr)
        return PROBLEM
    print(f"{forecast.model}: {forecast.why}", file=sys.stderr)
    return OK


def _settings(home: Home) -> Settings:
    from data.settings_file import check, settings_path

    path = settings_path(os.environ, ROOT, home)
    return Settings() if path is None else check(path)


def _forecast(
    home: Home, settings: Settings, arguments: argparse.Namespace, now: float
) -> Forecast:
    """Raises ValueError, ForecastError, AgentSilent, QueryRefused, OSError."""
    seconds = _seconds("--horizon", arguments.horizon)
    recipe = _recipe(arguments)
    target = target_named(settings, arguments.series)
    if target is not None and recipe is None:
        stored = _stored(home, target, seconds, now)
        if stored is not None:
            return stored
    if target is not None:
        recipe = recipe or Recipe(target.model, target.season, target.span_days)
    recipe = recipe or Recipe()
    measured = _measured(home, settings, arguments, recipe, now)
    steps = -(-seconds // measured.step_seconds)
    if steps > STEPS_MAX:
        raise ValueError(f"--horizon {arguments.horizon}: at most {STEPS_MAX} steps are forecast")
    at = int(min(now, measured.end_at)) if _is_file(arguments.series) else int(now)
    return _fitted(measured, settings.house.timezone, at, (arguments.series, recipe, steps))


def _recipe(arguments: argparse.Namespace) -> Recipe | None:
    """None where nothing was asked for. Raises ValueError."""
    if not (arguments.model or arguments.season or arguments.span):
        return None
    days = _seconds("--span", arguments.span or "28d") // DAY_SECONDS
    if not SPAN_DAYS[0] <= days <= SPAN_DAYS[1]:
        raise ValueError(f"--span {arguments.span}: choose {SPAN_DAYS[0]}d to {SPAN_DAYS[1]}d")
    return Recipe(arguments.model or "auto", arguments.season or "auto", days)


def _stored(home: Home, target: Target, seconds: int, now: float) -> Forecast | None:
    """What the agent said lately, as far as it was asked for."""
    from data.demand import latest
    from data.reader import Reader

    try:
        found = latest(Reader(home), target.name)
    except (AgentSilent, QueryRefused):
        return None
    step = step_seconds_of(target)
    steps = -(-seconds // step)
    if found is None or len(found.means) < steps or now - found.made_at > FRESH_STEPS * step:
        return None
    return found._replace(
        means=found.means[:steps],
        naive=found.naive[:steps],
        bands=tuple(row[:steps] for row in found.bands),
    )


def _measured(
    home: Home, settings: Settings, arguments: argparse.Namespace, recipe: Recipe, now: float
) -> Measured:
    """Raises ForecastError, AgentSilent, QueryRefused, OSError."""
    from data.demand import measured_hours
    from data.reader import Patience, Reader
    from data.series_files import file_points, metric_hours

    if _is_file(arguments.series):
        return file_points(Path(arguments.series), arguments.hourly, settings.house.zone)
    reader = Reader(home, Patience(query_seconds=30.0))
    span = (now - recipe.span_days * DAY_SECONDS, now)
    if target_named(settings, arguments.series) is not None:
        return measured_hours(reader, arguments.series, span)
    if "." not in arguments.series:
        known = ", ".join(each.name for each in targets_of(settings))
        raise ValueError(
            f"--series {arguments.series}: there is no such file, and no such target; these are: "
            f"{known}. A metric has dots in its name."
        )
    return metric_hours(reader, arguments.series, span)


def _fitted(measured: Measured, zone: str, now: int, asked: tuple[str, Recipe, int]) -> Forecast:
    """Raises ForecastError."""
    from data.fitting.apart import fit

    name, recipe, steps = asked
    args = {"recipe": recipe.as_json(), "steps": steps}
    (done,) = fit([Work(name, "daily", measured, zone, now, args, seconds_max=60.0)])
    if not isinstance(done.answer, Mapping):
        raise ForecastError(done.problem or say("nothing came of the fit"))
    return Forecast.from_json(done.answer)


def _is_file(series: str) -> bool:
    return series.endswith((".csv", ".csv.gz")) or "/" in series


def _seconds(option: str, text: str) -> int:
    """Raises ValueError."""
    found = LENGTH.fullmatch(text)
    if found is None:
        raise ValueError(f"{option} {text}: write hours or days, as 24h or 7d")
    return int(found[1]) * SECONDS[found[2]]
