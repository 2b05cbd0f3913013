"""Weeks of demand in a real store: what was measured, what was forecast, how good that was."""

import math
import time

from data.ops.demand import DemandBatch
from models.demand.accuracy import AHEADS, WINDOWS_DAYS, Accuracy, Truth
from models.demand.shapes import DAY_STEPS, HOUR_SECONDS, QUANTILES, Forecast, Recipe
from models.messages import say
from models.scaling.shapes import Plan

SETTINGS = """
[house]
signin = "off"
timezone = "Asia/Seoul"

[[target]]
name = "videos"
kind = "arrivals"

[[target]]
name = "money"
kind = "spend"
only = "api"
"""
POOL = """
[[pool]]
name = "gpu"
target = "videos"
capacity = 8
instances_more_max = 3
hour_price = "600 KRW"
"""
KOREA_SECONDS = 9 * HOUR_SECONDS


def demand_at(moment: int) -> float:
    """Most at 15:00 in Seoul, half of that on Saturday and Sunday; always whole."""
    local = moment + KOREA_SECONDS
    weekday = (local // 86_400 + 3) % 7
    of_day = 1 + math.sin((local % 86_400 / 86_400 - 0.375) * 2 * math.pi)
    return float(round(40 * of_day * (0.5 if weekday >= 5 else 1.0)) + 4)


def last_hour(now: float) -> int:
    return int(now // HOUR_SECONDS) * HOUR_SECONDS


def truths(now: float, hours: int, target: str = "videos") -> list[Truth]:
    end = last_hour(now)
    begins = range(end - hours * HOUR_SECONDS, end, HOUR_SECONDS)
    return [Truth(target, at, HOUR_SECONDS, demand_at(at)) for at in begins]


def forecast(made_at: int, target: str = "videos", **changed) -> Forecast:
    """Two more than comes true, with a band of ten around it."""
    begins = [made_at + step * HOUR_SECONDS for step in range(DAY_STEPS)]
    means = tuple(demand_at(at) + 2 for at in begins)
    shape = {
        "target": target,
        "made_at": made_at,
        "start_at": made_at,
        "step_seconds": HOUR_SECONDS,
        "asked": Recipe(),
        "model": "combo",
        "members": ("theta", "holt_winters"),
        "parameters": {},
        "why": say("the median of two that did best in the backtest"),
        "means": means,
        "bands": tuple(tuple(mean + 20 * (q - 0.5) for mean in means) for q in QUANTILES),
        "naive": tuple(demand_at(at - 86_400) for at in begins),
        "cpu_seconds": 0.3,
    }
    return Forecast(**shape | changed)


def accuracies(now: float, target: str = "videos", **changed) -> list[Accuracy]:
    shape = {
        "target": target,
        "made_at": last_hour(now),
        "steps": 160,
        "one_minus_wape": 0.91,
        "naive_one_minus_wape": 0.74,
        "noise_floor": 0.95,
        "skill": 0.65,
        "coverage80": 0.81,
        "coverage95": 0.96,
        "pinball": 1.2,
        "bias": 0.02,
        "drifted": False,
    } | changed
    return [Accuracy(days=d, ahead=a, **shape) for d in WINDOWS_DAYS for a in AHEADS]


def fill(
    store, now: float | None = None, hours: int = 28 * 24, target: str = "videos", **changed
) -> None:
    """`changed` are fields of the newest forecast."""
    now = time.time() if now is None else now
    end = last_hour(now)
    made = [end - step * HOUR_SECONDS for step in range(48, 0, -1)]
    store.demand.keep(
        DemandBatch(
            forecasts=[
                *(("refresh", forecast(at, target)) for at in made),
                ("daily", forecast(end, target, **changed)),
            ],
            truths=truths(now, hours, target),
            accuracies=accuracies(now, target),
            plans=[plan(end)],
        )
    )


def told(target: str = "videos", **changed) -> dict:
    """What `GET /demand` says of one series and a pool."""
    shape = {
        "name": target,
        "kind": "arrivals",
        "recipe": Recipe("holt_winters", "day", 14).as_json(),
        "chosen_by": "minji",
        "chosen_at": time.time() - 7_200,
        "made_at": last_hour(time.time()),
        "problem": None,
        "is_early": False,
    } | changed
    pool = {
        "pool": "gpu",
        "target": target,
        "is_on": True,
        "since": time.time() - 86_400,
        "reason": say("it was better for a week").as_json(),
        "figures": {},
        "wanted": True,
    }
    return {"targets": [shape], "pools": [pool]}


def plan(at: int, pool: str = "gpu") -> Plan:
    reason = say("{n} machines: 12 videos wait", n=2)
    return Plan(pool, at, 2, 1, 2, 3, reason, {"load": 12.0, "is_on": True})
