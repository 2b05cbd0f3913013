"""What is asked of a fit, and what comes back: known to the agent, to pages and to the child.

Moments are UTC epoch seconds, steps are half-open and bear the moment at which they begin.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, get_args

from models.messages import Message, say

HOUR_SECONDS = 3_600
DAY_STEPS, WEEK_STEPS = 24, 168
QUANTILES = (0.025, 0.1, 0.5, 0.8, 0.9, 0.95, 0.975)
"""Of every band: .025 to .975 is the band of 95 %, .1 to .9 that of 80 %."""

Model = Literal[
    "auto",
    "combo",
    "seasonal_naive",
    "holt_winters",
    "arima",
    "theta",
    "stl",
    "autoregression",
    "intermittent",
]
MODELS: tuple[Model, ...] = get_args(Model)
Season = Literal["auto", "none", "day", "week", "both"]
SEASONS: tuple[Season, ...] = get_args(Season)


class Measured(NamedTuple):
    """Values on an even grid, oldest first; None where nothing was measured.

    `start_at` is the moment at which the first step begins.
    """

    start_at: int
    step_seconds: int
    values: tuple[float | None, ...]

    @property
    def end_at(self) -> int:
        return self.start_at + self.step_seconds * len(self.values)

    def as_json(self) -> dict[str, Any]:
        return {**self._asdict(), "values": list(self.values)}

    @classmethod
    def from_json(cls, shape: Mapping[str, Any]) -> "Measured":
        return cls(int(shape["start_at"]), int(shape["step_seconds"]), tuple(shape["values"]))


class Recipe(NamedTuple):
    """How a series is forecast. `auto`: chosen by what its history allows, and by its backtest."""

    model: Model = "auto"
    season: Season = "auto"
    span_days: int = 28

    def as_json(self) -> dict[str, Any]:
        return self._asdict()

    @classmethod
    def from_json(cls, shape: Mapping[str, Any]) -> "Recipe":
        """Raises ValueError for a model or season that there is not."""
        model, season = shape.get("model", "auto"), shape.get("season", "auto")
        if model not in MODELS or season not in SEASONS:
            raise ValueError(f"there is no recipe {model!r} with season {season!r}")
        return cls(model, season, int(shape.get("span_days", 28)))


class Forecast(NamedTuple):
    """A forecast of `len(means)` steps; the first begins at `start_at`.

    `asked` is the recipe that was wanted, `model` what it became, and `why` says so in a sentence.
    `members` are the models whose median it is; `parameters` are JSON. `bands` has a row for each
    of QUANTILES, never crossing; `naive` is what the last day or week alone would say.
    `state` is JSON from which `refresh` goes on without fitting anew; empty: it cannot.
    """

    target: str
    made_at: int
    start_at: int
    step_seconds: int
    asked: Recipe
    model: Model
    members: tuple[str, ...]
    parameters: Mapping[str, Any]
    why: Message
    means: tuple[float, ...]
    bands: tuple[tuple[float, ...], ...]
    naive: tuple[float, ...]
    state: Mapping[str, Any] = MappingProxyType({})
    cpu_seconds: float = 0.0

    def quantile(self, q: float) -> tuple[float, ...]:
        return self.bands[QUANTILES.index(q)]

    def as_json(self) -> dict[str, Any]:
        return {
            **self._asdict(),
            "asked": self.asked.as_json(),
            "members": list(self.members),
            "parameters": dict(self.parameters),
            "why": self.why.as_json(),
            "means": list(self.means),
            "bands": [list(row) for row in self.bands],
            "naive": list(self.naive),
            "state": dict(self.state),
        }

    @classmethod
    def from_json(cls, shape: Mapping[str, Any]) -> "Forecast":
        return cls(
            target=str(shape["target"]),
            made_at=int(shape["made_at"]),
            start_at=int(shape["start_at"]),
            step_seconds=int(shape["step_seconds"]),
            asked=Recipe.from_json(shape["asked"]),
            model=shape["model"],
            members=tuple(shape["members"]),
            parameters=shape["parameters"],
            why=Message.from_json(shape["why"]),
            means=tuple(shape["means"]),
            bands=tuple(tuple(row) for row in shape["bands"]),
            naive=tuple(shape["naive"]),
            state=shape.get("state", {}),
            cpu_seconds=float(shape.get("cpu_seconds", 0.0)),
        )


Kind = Literal["daily", "refresh", "compare", "short", "month"]
"""Of work: `daily` fits, backtests and forecasts; `refresh` forecasts from the state of the last
daily; `compare` backtests recipes; `short` fits the forecast of the next half hour; `month` the won
to the end of a month.
"""


class Work(NamedTuple):
    """One thing for the child to do; `key` names it in the answer.

    `args` are JSON: of `daily` {"recipe", "steps"}, `refresh` {"state", "steps"}, `compare`
    {"recipes", "steps"}; those of `short` and `month` stand in their modules. It is given up after
    `seconds_max` seconds of CPU.
    """

    key: str
    kind: Kind
    measured: Measured
    zone: str
    now: int
    args: Mapping[str, Any]
    seconds_max: float = 20.0

    def as_json(self) -> dict[str, Any]:
        return {**self._asdict(), "measured": self.measured.as_json(), "args": dict(self.args)}

    @classmethod
    def from_json(cls, shape: Mapping[str, Any]) -> "Work":
        return cls(**{**shape, "measured": Measured.from_json(shape["measured"])})


class Compared(NamedTuple):
    """A recipe in the backtest: mean absolute errors by step, and how often its bands held.

    `mase` is by the error of the seasonal naive over the history; `skill` is 1 - its error over
    that of seasonal naive at the same moments; `origins` says how many there were.
    """

    recipe: Recipe
    one_minus_wape: float | None
    mase: float | None
    skill: float | None
    coverage80: float | None
    coverage95: float | None
    origins: int
    why: Message
    forecast: Forecast | None = None

    def as_json(self) -> dict[str, Any]:
        forecast = None if self.forecast is None else self.forecast.as_json()
        return {
            **self._asdict(),
            "recipe": self.recipe.as_json(),
            "why": self.why.as_json(),
            "forecast": forecast,
        }

    @classmethod
    def from_json(cls, shape: Mapping[str, Any]) -> "Compared":
        forecast = shape.get("forecast")
        return cls(
            **{
                **shape,
                "recipe": Recipe.from_json(shape["recipe"]),
                "why": Message.from_json(shape["why"]),
                "forecast": None if forecast is None else Forecast.from_json(forecast),
            }
        )


class Done(NamedTuple):
    """What came of a work: `answer` is the JSON of its kind, or None and `problem` says why.

    `is_early`: nothing failed, but the history does not carry a forecast yet.
    """

    key: str
    kind: Kind
    answer: Mapping[str, Any] | Sequence[Any] | None
    problem: Message | None = None
    cpu_seconds: float = 0.0
    is_early: bool = False

    def as_json(self) -> dict[str, Any]:
        return {**self._asdict(), "problem": self.problem and self.problem.as_json()}

    @classmethod
    def from_json(cls, shape: Mapping[str, Any]) -> "Done":
        problem = shape.get("problem")
        return cls(**{**shape, "problem": None if problem is None else Message.from_json(problem)})


NOT_ENOUGH = say("less than a day is known: nothing is forecast yet, what is measured decides")
