"""The process that fits: `python -m data.fitting.child [PARENT]`.

Each line of its standard input is a Work; answers are lines of JSON: `progress` (the key, which
part is done, what is next), then `done`. One that fails says why, and the next one is taken.
"""

import importlib
import json
import logging
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TextIO

from data.children import live_and_die_with, only_our_lines, say_line
from models.demand.shapes import DAY_STEPS, Done, Recipe, Work
from models.errors import ForecastError, NoForecast
from models.forecasts.watching import Watch
from models.messages import Message, say

if TYPE_CHECKING:
    from models.forecasts.history import History

log = logging.getLogger(__name__)

NICENESS = 10
MEMORY_BYTES_MAX = 1_500_000_000
"""Of addresses: statsmodels takes 0.5 GB of them, of which 0.2 GB are memory (measured)."""
HARD_FACTOR, HARD_SECONDS = 1.5, 5.0
"""A fit that does not look at its watch is ended that much later."""
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")

Answer = Mapping[str, Any] | Sequence[Any]
Fits = Callable[[Work, Watch], Answer]


def main(parent: int) -> None:
    """Do what is asked, line by line, until nobody can ask any more."""
    live_and_die_with(parent)
    lines = only_our_lines()
    _be_modest()
    for line in sys.stdin.buffer:
        work = Work.from_json(json.loads(line))
        _tell_done(lines, done(work, partial(_tell_progress, lines, work.key)))
    os._exit(0)


def done(work: Work, tell: Callable[[float, Message], None]) -> Done:
    """What comes of it, whatever happens. `cpu_seconds` is without loading what fits."""
    spent = time.process_time
    began = spent()
    answer, problem, is_early = None, None, False
    try:
        fits = fits_of(work.kind)
        began = spent()
        signal.setitimer(signal.ITIMER_PROF, work.seconds_max * HARD_FACTOR + HARD_SECONDS)
        answer = fits(work, Watch(spent, work.seconds_max, tell))
    except ForecastError as error:
        problem, is_early = error.message, isinstance(error, NoForecast)
    except MemoryError:
        problem = say(
            "the fit needed more memory than {size} MB: choose a shorter span",
            size=MEMORY_BYTES_MAX // 1_000_000,
        )
    except Exception as error:
        log.exception("%s (%s) failed", work.key, work.kind)
        problem = say(
            "the fit failed ({kind}: {text}): choose another model, or report it",
            kind=type(error).__name__,
            text=str(error),
        )
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
    return Done(work.key, work.kind, answer, problem, spent() - began, is_early)


def fits_of(kind: str) -> Fits:
    """What does a kind of work, loaded by now. Raises ForecastError where there is none."""
    if kind not in FITS:
        raise ForecastError(say("nothing here fits {kind}: update Sallim", kind=kind))
    room, fits = FITS[kind]
    importlib.import_module(room)
    return fits


def _daily(work: Work, watch: Watch) -> Answer:
    from models.forecasts.fit import daily

    recipe = Recipe.from_json(work.args["recipe"])
    return daily(work.key, _history(work), recipe, _steps(work), watch).as_json()


def _refresh(work: Work, watch: Watch) -> Answer:
    from models.forecasts.fit import refresh

    return refresh(work.key, _history(work), work.args["state"], _steps(work), watch).as_json()


def _compare(work: Work, watch: Watch) -> Answer:
    from models.forecasts.compare import compare

    recipes = [Recipe.from_json(each) for each in work.args["recipes"]]
    found = compare(work.key, _history(work), recipes, _steps(work), watch)
    return [each.as_json() for each in found]


def _short(work: Work, _: Watch) -> Answer:
    from models.forecasts.short import short_fit

    return short_fit(work.measured, work.now).as_json()


def _month(work: Work, _: Watch) -> Answer:
    from models.forecasts.month import month_document

    return month_document(work)


FITS: Mapping[str, tuple[str, Fits]] = MappingProxyType(
    {
        "daily": ("models.forecasts.fit", _daily),
        "refresh": ("models.forecasts.fit", _refresh),
        "compare": ("models.forecasts.compare", _compare),
        "short": ("models.forecasts.short", _short),
        "month": ("models.forecasts.month", _month),
    }
)
"""By kind: the module that is loaded before the time of a fit begins, and what asks it."""


def _history(work: Work) -> "History":
    from models.forecasts.history import history_of

    return history_of(work.measured, work.zone, work.now)


def _steps(work: Work) -> int:
    return int(work.args.get("steps", DAY_STEPS))


def _be_modest() -> None:
    os.nice(NICENESS)
    for name in THREADS:
        os.environ[name] = "1"
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))


def _tell_progress(lines: TextIO, key: str, part: float, what: Message) -> None:
    say_line(lines, "progress", [key, part, what.as_json()])


def _tell_done(lines: TextIO, told: Done) -> None:
    try:
        say_line(lines, "done", told.as_json(), finite=True)
    except (ValueError, TypeError) as error:
        log.error("%s (%s) gave no JSON: %s", told.key, told.kind, error)
        problem = say("the fit gave no finite numbers: choose another model")
        say_line(lines, "done", told._replace(answer=None, problem=problem).as_json())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else os.getppid())
