"""What the sections of the settings are made of."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from models.settings.rules import absolute_path, instance_name, secret_name

Switch = Literal["auto", "on", "off"]


class Section(BaseModel):
    # Strict: "10" is not 10, and true is not 1; a unit written into a text must be noticed.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def switch(what: str) -> Any:
    """`auto` never complains: absence is an answer."""
    text = f"Watch {what}: `auto` if found, `on` calls absence an error, `off` never"
    return Field(default="auto", description=text)


def interval(seconds: float) -> Any:
    return Field(default=seconds, ge=1, le=3600, description="Time between two readings")


def timeout(seconds: float) -> Any:
    return Field(
        default=seconds, ge=0.5, le=60, description="A reading that takes longer has failed"
    )


def series(count: int) -> Any:
    return Field(default=count, ge=10, le=5000, description="Series kept; further ones are dropped")


def instance(what: str) -> Any:
    """The name of one entry of a list of tables."""
    return Field(
        default="main",
        description=f"Name of {what}, on every page and in every series",
        json_schema_extra={"limits": "1 to 40 letters, digits, dots, dashes, underscores"},
    )


def secret_of(default: str, what: str) -> Any:
    """The name of a secret, never the secret; see "Secrets" in docs/settings.md."""
    return Field(
        default=default,
        description=f"Name of the environment variable or credential that holds {what}",
        json_schema_extra={"limits": "capital letters, digits, underscores; empty: none"},
    )


def authority() -> Any:
    """Who signs the certificate of what is asked."""
    return Field(
        default="",
        description="Authority of your own, in PEM form; empty: those that this machine knows",
        json_schema_extra={"limits": "a path that starts with /"},
    )


AbsolutePath = Annotated[str, AfterValidator(absolute_path)]
Instance = Annotated[str, AfterValidator(instance_name)]
SecretName = Annotated[str, AfterValidator(secret_name)]
