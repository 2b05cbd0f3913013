"""`[[target]]`: a series whose demand is forecast."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from models.demand.shapes import MODELS, SEASONS, Model, Season
from models.messages import say
from models.settings.metered import label_texts, metric_name
from models.settings.rules import Wrong, machine_name
from models.settings.section import Instance, Section, instance

SQL_CHARACTERS_MAX = 4_000
TargetKind = Literal["queue", "arrivals", "active", "calls", "spend", "gpu", "metric", "sql"]


class Target(Section):
    name: Instance = instance("what is forecast, for example videos")
    kind: TargetKind = Field(
        default="arrivals",
        description="What it is: `queue` (jobs and executions that wait), `arrivals` (that come), "
        "`active` (that run), `calls` (to paid APIs), `spend` (won a day of a budget), `gpu` (use "
        "of the cards), `metric` (any series), `sql` (any SELECT over the store)",
    )
    only: str = Field(
        default="",
        max_length=200,
        description="Only this analysis, workflow or provider; of `spend` the budget (empty: "
        "`api`); empty: all",
        json_schema_extra={"limits": "at most 200 characters"},
    )
    metric: Annotated[str, AfterValidator(metric_name)] = Field(
        default="",
        description="Of `metric`: its name, like `n8n.queue.waiting`",
        json_schema_extra={"limits": "a name of docs/metrics"},
    )
    labels: Annotated[tuple[str, ...], AfterValidator(label_texts)] = Field(
        default=(),
        strict=False,
        description="Of `metric`: only series with these labels, like `state=used`",
        json_schema_extra={"limits": "a label and its value"},
    )
    machine: Annotated[str, AfterValidator(machine_name)] = Field(
        default="",
        description="Of `metric` and `gpu`: only of this machine; empty: all",
        json_schema_extra={"limits": "at most 64 characters"},
    )
    hourly: Literal["mean", "sum", "max"] = Field(
        default="mean",
        description="Of `metric` and `sql`: what an hour makes of its values; counts are summed",
    )
    sql: str = Field(
        default="",
        max_length=SQL_CHARACTERS_MAX,
        description="Of `sql`: one SELECT with the columns `at` (TIMESTAMPTZ) and `value`",
        json_schema_extra={"limits": f"at most {SQL_CHARACTERS_MAX:,} characters"},
    )
    budget: str = Field(
        default="api",
        max_length=200,
        description="The budget that starves it: while that refuses, what waits is no demand",
        json_schema_extra={"limits": "a budget, like `api`; empty: none does"},
    )
    model: Model = Field(
        default="auto",
        description=f"What forecasts it: {', '.join(f'`{each}`' for each in MODELS)}",
    )
    season: Season = Field(
        default="auto",
        description=f"What repeats in it: {', '.join(f'`{each}`' for each in SEASONS)}",
    )
    span_days: int = Field(
        default=28, ge=3, le=400, description="So much of its history is looked at"
    )

    @model_validator(mode="after")
    def _has_its_series(self) -> Self:
        """Raises Wrong."""
        for kind, key, example in (
            ("metric", "metric", 'metric = "n8n.queue.waiting"'),
            ("sql", "sql", 'sql = "SELECT queued_at AS at, 1 AS value FROM jobs"'),
        ):
            if self.kind == kind and not getattr(self, key):
                raise Wrong(
                    say(
                        '{where}: {key} is empty, and `kind = "{kind}"` needs it; for example '
                        "{example}",
                        kind=kind,
                        example=example,
                    ),
                    (key,),
                )
        return self
