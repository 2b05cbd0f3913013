"""`[notify]`: who is told what, where and when; `[[notify.channel]]`: by which service."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator

from models.alerts.quiet import QuietHours, clock_time
from models.messages import say
from models.settings.addresses import web_address
from models.settings.rules import Wrong, once_each
from models.settings.section import Instance, SecretName, Section, instance, secret_of

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CHANNELS_MAX = 10


def hours_of_night(text: str) -> str:
    """Raises Wrong unless empty or two times of a day."""
    if text and quiet_hours_of(text) is None:
        raise Wrong(
            say(
                "{where}: {key} is {value}; it takes two times of a day, for example "
                '"23:00-07:00", or "" for none'
            )
        )
    return text


def quiet_hours_of(text: str) -> QuietHours | None:
    """None for what is no span."""
    start, _, end = text.partition("-")
    try:
        return QuietHours(clock_time(start.strip()), clock_time(end.strip()))
    except ValueError:
        return None


class NotifyChannel(Section):
    name: Instance = instance("this channel")
    url: SecretName = secret_of(
        "NOTIFY_URL",
        "its address as Apprise writes it, such as slack://..., tgram://..., mailto://..., "
        "solapi://...: docs/messages.md",
    )
    severities: tuple[Literal["info", "warn", "critical"], ...] = Field(
        default=("info", "warn", "critical"),
        strict=False,
        min_length=1,
        max_length=3,
        examples=["critical"],
        description="What it is for; the first channel for a severity is told, the next ones "
        "where that fails",
        json_schema_extra={"limits": '`"info"`, `"warn"`, `"critical"`'},
    )


class NotifyTelegram(Section):
    token: SecretName = secret_of(
        "", "the token of a bot that takes commands, of @BotFather; empty: none"
    )
    chats: tuple[int, ...] = Field(
        default=(),
        strict=False,
        max_length=10,
        examples=[123456789],
        description="Chats that may command, by their id; all others are ignored",
        json_schema_extra={"limits": "at most 10 whole numbers"},
    )
    api_url: Annotated[str, AfterValidator(web_address)] = Field(
        default="https://api.telegram.org",
        description="Where the Bot API is, for a Bot API server of your own",
        json_schema_extra={"limits": "http:// or https://"},
    )


class Notify(Section):
    language: Literal["auto", "ko", "en"] = Field(
        default="auto",
        description="Language of messages; `auto`: that of the house, Korean where it has none",
    )
    buckets: tuple[str, ...] = Field(
        default=("total", "api"),
        strict=False,
        max_length=50,
        examples=["total"],
        description="Budgets whose thresholds are told; the others stand on the page alone",
        json_schema_extra={"limits": "names as *Money · Budget* has them"},
    )
    messages_max: int = Field(
        default=3,
        ge=1,
        le=100,
        description="Most messages a day and channel, without incidents and blocks; what is more "
        "waits for the next one",
    )
    quiet_hours: Annotated[str, AfterValidator(hours_of_night)] = Field(
        default="23:00-07:00",
        description="When only what is critical is sent, in the zone of the house; empty: never",
        json_schema_extra={"limits": "two times of a day"},
    )
    dead_man_url: SecretName = secret_of(
        "",
        "an address that is asked every minute while the agent is well (healthchecks.io or the "
        "like), which tells you when that stops",
    )
    test_day: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun", "off"] = Field(
        default="mon",
        description="Day on which every channel gets a test message, at 10:00; `off`: never",
    )
    telegram: NotifyTelegram = NotifyTelegram()
    channel: tuple[NotifyChannel, ...] = Field(default=(), strict=False, max_length=CHANNELS_MAX)

    _unique = field_validator("channel")(once_each)

    @property
    def test_weekday(self) -> int | None:
        """Monday is 0."""
        return None if self.test_day == "off" else DAYS.index(self.test_day)
