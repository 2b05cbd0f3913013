"""`[[pool]]`: machines that do the same work, and how many of them are wanted when."""

from pydantic import Field

from models.settings.fixed import PRICE_LIMITS, PriceText
from models.settings.section import Instance, Section, instance

CAPACITY_MAX = 1e15
"""Of bytes, too."""


class Pool(Section):
    name: Instance = instance("this pool, for example gpu")
    target: str = Field(
        default="",
        max_length=40,
        description="The [[target]] that is its demand",
        json_schema_extra={"limits": "the name of a target; empty: the pool is not planned"},
    )
    capacity: float = Field(
        default=1.0,
        gt=0,
        le=CAPACITY_MAX,
        description="What one carries: of counts so many in 5 minutes, else so much at once",
    )
    instances_min: int = Field(default=0, ge=0, le=100, description="So many stay on at least")
    instances_more_max: int = Field(
        default=1, ge=0, le=100, description="And so many more at most, as demand needs them"
    )
    start_seconds: int = Field(
        default=180,
        ge=0,
        le=3_600,
        description="From wanted to ready, while none was measured",
    )
    utilization_percent: int = Field(
        default=90, ge=30, le=100, description="How full a machine may be by what is measured"
    )
    headroom_percent: int = Field(
        default=80,
        ge=50,
        le=99,
        description="Of 100 half hours ahead, so many must have room by the forecast",
    )
    hour_price: PriceText = Field(
        default="0 KRW",
        description="What an hour of one costs; won with VAT, dollars and euros without",
        json_schema_extra={"limits": PRICE_LIMITS},
    )
    increment_seconds: int = Field(
        default=1, ge=1, le=86_400, description="Its time is charged in whole steps of this"
    )
    budget: str = Field(
        default="servers",
        max_length=200,
        description="The budget that pays for it",
        json_schema_extra={"limits": "a budget, like `servers`"},
    )
    down_seconds: int = Field(
        default=300, ge=0, le=86_400, description="So long it must be too many before one goes"
    )
    batch_jobs: int = Field(
        default=0,
        ge=0,
        le=10_000,
        description="Of rare work: start when so many wait; 0: it is no rare work",
    )
    deadline_seconds: int = Field(
        default=0,
        ge=0,
        le=604_800,
        description="Of rare work: or when the oldest has waited almost this long; 0: it may wait",
    )
    job_seconds: int = Field(
        default=300, ge=1, le=86_400, description="Of rare work: how long one job takes"
    )
    prediction: bool = Field(
        default=True,
        description="Whether a forecast may start machines, once it has proven itself for a week",
    )

    @property
    def instances_max(self) -> int:
        return self.instances_min + self.instances_more_max
