"""`[waiting]`: work that was refused for want of money, and how it runs again."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from models.messages import say
from models.settings.addresses import web_address_or_none
from models.settings.automation import Permission, permission
from models.settings.rules import Wrong, once_each
from models.settings.section import Section
from models.settings.service import argv_rule

WORDS = ("name", "key", "id")


def command_rule(argv: tuple[str, ...]) -> tuple[str, ...]:
    """Raises Wrong."""
    return argv_rule(argv, WORDS, '["/usr/local/bin/analyse", "{key}"]')


class WaitingRerunBy(Section):
    name: str = Field(
        default="analysis",
        min_length=1,
        max_length=200,
        description="Name of the analysis, as `sallim.job` is told it",
        json_schema_extra={"limits": "1 to 200 characters"},
    )
    command: Annotated[tuple[str, ...], AfterValidator(command_rule)] = Field(
        default=(),
        strict=False,
        max_length=64,
        examples=["/usr/local/bin/analyse", "{key}"],
        description="What runs it again: a program by its path and its words, in which {name}, "
        "{key} and {id} are filled in; no shell",
        json_schema_extra={"limits": "at most 64 texts, the first a path that starts with /"},
    )
    url: Annotated[str, AfterValidator(web_address_or_none)] = Field(
        default="",
        description="Or: an address that gets a POST of `name`, `key` and `id`; empty: none",
        json_schema_extra={"limits": "http:// or https://"},
    )
    timeout_seconds: float = Field(
        default=600, ge=1, le=21_600, description="A command that takes longer is ended"
    )
    may_repeat: bool = Field(
        default=False,
        description="Whether it may be run once more where it is not known whether it was begun; "
        "leave it false where that could cost twice",
    )

    @model_validator(mode="after")
    def _has_one_way(self) -> Self:
        """Raises Wrong."""
        if self.command and self.url:
            raise Wrong(
                say(
                    "{where}: {key} stands beside `command`, and one analysis is run again in one "
                    "way; take one of them out, for example {example}",
                    example='url = ""',
                ),
                ("url",),
            )
        return self


class Waiting(Section):
    rerun: Permission = permission("ask", "Run again what was refused, when there is money again")
    pace_percent: int = Field(
        default=10,
        ge=1,
        le=100,
        description="Most that reruns use within 24 hours, as a part of the month of the budget "
        "that refused them",
    )
    at_once_max: int = Field(
        default=1, ge=1, le=20, description="Reruns of one workflow or analysis at the same time"
    )
    tries_max: int = Field(
        default=5, ge=1, le=100, description="What was refused again so often is given up"
    )
    refusals_max: int = Field(
        default=3,
        ge=1,
        le=50,
        description="A workflow that is a [[service]] is paused when so many of its last runs were "
        "all refused and its budget refuses still, as `automation.stop` allows",
    )
    rerun_by: tuple[WaitingRerunBy, ...] = Field(default=(), strict=False, max_length=50)

    _unique = field_validator("rerun_by")(once_each)
