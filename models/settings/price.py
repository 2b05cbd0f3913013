"""`[[price]]`: what the owner pays for a model, where it is not, or not as, the lists know it."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from models.settings.money_rules import provider_name, usd_amount
from models.settings.section import Instance, Section, instance

Amount = Annotated[str, BeforeValidator(usd_amount)]


def dollars(what: str) -> Any:
    """A price in USD, kept as the text that was written, so that it is never a float."""
    return Field(
        default="",
        description=f"USD for {what}; empty: not said here",
        json_schema_extra={"limits": "a number, or a text like `0.15`"},
    )


def tokens_max(what: str) -> Any:
    return Field(
        default=0,
        ge=0,
        le=100_000_000,
        description=f"Most tokens that one call can {what}; 0: as the table knows it",
    )


class Price(Section):
    """Without any price of its own it only changes what is known: a discount, the most tokens."""

    name: Instance = instance("this price")
    provider: Annotated[str, AfterValidator(provider_name)] = Field(
        default="openai",
        description="Whose price it is; `local` costs nothing as it is",
        json_schema_extra={"limits": "small letters, digits, dots, dashes, underscores"},
    )
    model: str = Field(
        default="",
        max_length=200,
        description="Name of the model; `*` stands for anything, as in `gpt-5*`; empty: none",
        json_schema_extra={"limits": "at most 200 characters"},
    )
    input_mtok_usd: Amount = dollars("a million tokens of text sent")
    cache_read_mtok_usd: Amount = dollars("a million tokens read from a cache")
    cache_write_mtok_usd: Amount = dollars("a million tokens written to a cache")
    output_mtok_usd: Amount = dollars("a million tokens made, thoughts included")
    audio_input_mtok_usd: Amount = dollars("a million tokens of sound sent")
    audio_hour_usd: Amount = dollars("an hour of sound")
    web_search_usd: Amount = dollars("one search of the web")
    request_usd: Amount = dollars("one call, whatever it uses")
    discount_percent: float = Field(
        default=0, ge=0, le=100, description="How much less is paid than the price says"
    )
    input_tokens_max: int = tokens_max("send")
    output_tokens_max: int = tokens_max("make")

    @property
    def says_nothing(self) -> bool:
        """As pasted out of a refusal: the figures are not filled in yet."""
        figures = type(self).model_fields.keys() - {"name", "provider", "model"}
        return self.provider != "local" and not any(getattr(self, name) for name in figures)
