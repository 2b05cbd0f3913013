"""`[[graceful]]`: which model the gateway asks instead of a dearer one, and from when on."""

from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from models.messages import say
from models.settings.budget import Budget
from models.settings.rules import Wrong
from models.settings.section import Instance, Section, instance
from models.settings.values import shown

MODEL_MAX = 100


def model_name(text: str) -> str:
    """Raises Wrong for what no provider calls a model; empty is none."""
    if len(text) > MODEL_MAX or not text.isascii() or not text.isprintable() or " " in text:
        raise Wrong(
            say(
                "{where}: {key} is {value}; it takes the name of a model as the provider writes "
                'it, for example "gpt-5-mini"'
            )
        )
    return text


def model(what: str, example: str) -> Any:
    return Field(
        default="",
        examples=[example],
        description=f"{what}, as calls name it; empty: nothing is changed",
        json_schema_extra={"limits": f"at most {MODEL_MAX} characters"},
    )


class Graceful(Section):
    """Essential calls, and those that do not go through the gateway, keep their model."""

    name: Instance = instance("this step")
    bucket: str = Field(
        default="api",
        examples=["api"],
        description="Budget of which so much must be spent",
        json_schema_extra={"limits": "a budget that has a cap, such as `api` or `total`"},
    )
    at_percent: int = Field(
        default=80, ge=1, le=100, description="Part of its cap that is spent before it is done"
    )
    from_model: Annotated[str, AfterValidator(model_name)] = model("The dearer model", "gpt-5")
    to_model: Annotated[str, AfterValidator(model_name)] = model(
        "The cheaper one, of the same provider", "gpt-5-mini"
    )

    @model_validator(mode="after")
    def _is_another(self) -> Self:
        """Raises Wrong."""
        if self.from_model and self.from_model == self.to_model:
            raise Wrong(
                say(
                    "{where}: {key} is {value}, which is from_model as well; name a cheaper one, "
                    'for example "gpt-5-mini"',
                    value=shown(self.to_model),
                ),
                ("to_model",),
            )
        return self


def of_known_budgets(entries: tuple[Graceful, ...], info: ValidationInfo) -> tuple[Graceful, ...]:
    """Raises Wrong where a step goes by a budget that there is not."""
    budget = info.data.get("budget")
    if not isinstance(budget, Budget):  # It is wrong itself, and told.
        return entries
    for place, entry in enumerate(entries):
        if entry.bucket not in budget.caps_krw:
            message = say(
                "{where}: {key} is {value}, which has no cap; it takes one of {known}, for "
                'example "api"',
                value=shown(entry.bucket),
                known=", ".join(budget.caps_krw),
            )
            raise Wrong(message, (str(place), "bucket"))
    return entries
