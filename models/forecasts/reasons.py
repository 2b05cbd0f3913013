"""Why a forecast is what it is, in a sentence for people."""

from collections.abc import Iterable, Sequence
from functools import reduce

from models.forecasts.combining import THRESHOLD
from models.messages import Message, say


def also(parts: Iterable[Message]) -> Message:
    """One sentence of several; there must be one at least."""
    return reduce(lambda one, other: say("{one}; {other}", one=one, other=other), parts)


def combined(kept: Sequence[str], left_out: Sequence[str], failed: Sequence[str]) -> list[Message]:
    """Of the ensemble: how many models, and which were left out and why."""
    tried = len(kept) + len(left_out) + len(failed)
    reasons = [say("the median of {kept} of {tried} models", kept=len(kept), tried=tried)]
    if left_out:
        reasons.append(
            say(
                "left out, since their error was lately more than {times} times that of the "
                "best: {models}",
                times=THRESHOLD,
                models=", ".join(left_out),
            )
        )
    return [*reasons, *could_not(failed)]


def could_not(failed: Sequence[str]) -> list[Message]:
    if not failed:
        return []
    return [say("could not be fitted: {models}", models=", ".join(failed))]


def restless(models: Sequence[str]) -> list[Message]:
    if not models:
        return []
    return [say("its fit did not settle, and is used as it is: {models}", models=", ".join(models))]


def beyond(horizon: int, steps: int, step_seconds: int) -> list[Message]:
    """Of steps that no backtest has seen."""
    if steps <= horizon:
        return []
    return [
        say(
            "bands beyond {hours} h are extrapolated: they were tested up to there",
            hours=horizon * step_seconds // 3_600,
        )
    ]
