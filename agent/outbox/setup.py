"""What the outbox needs of the settings, with the secrets that they name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from data.credentials import secret
from models.alerts import Severity
from models.alerts.outlook import Channel, Rules
from models.errors import ConfigError
from models.messages import Message, say
from models.settings import Settings
from models.settings.notify import quiet_hours_of


@dataclass(frozen=True, slots=True)
class Setup:
    """`addresses` are secrets: they go to the worker, and nowhere else."""

    rules: Rules
    language: str = "ko"
    public_url: str = ""
    test_weekday: int | None = None
    addresses: Mapping[str, str] = field(default_factory=dict, repr=False)
    problems: Sequence[Message] = ()

    @classmethod
    def none(cls) -> "Setup":
        """No channel: nobody is told anything."""
        return cls(Rules((), ZoneInfo("UTC")))


def setup_of(settings: Settings, environ: Mapping[str, str]) -> Setup:
    """A channel without an address stays one: what is for it goes to the next, and it is said."""
    notify = settings.notify
    addresses, problems = {}, []
    for channel in notify.channel:
        try:
            addresses[channel.name] = secret(channel.url, environ)
        except ConfigError as error:
            problems.append(_missing(channel.name, error))
    rules = Rules(
        channels=[
            Channel(each.name, tuple(map(Severity, each.severities))) for each in notify.channel
        ],
        zone=settings.house.zone,
        quiet=quiet_hours_of(notify.quiet_hours),
        buckets=notify.buckets,
        messages_a_day=notify.messages_max,
    )
    return Setup(
        rules,
        language_of(settings),
        settings.app.public_url,
        notify.test_weekday,
        addresses,
        problems,
    )


def language_of(settings: Settings) -> str:
    """Of messages: their own, else that of the house, else Korean."""
    chosen = settings.notify.language
    if chosen == "auto":
        chosen = settings.house.language
    return "ko" if chosen == "auto" else chosen


def _missing(name: str, error: ConfigError) -> Message:
    return say("the channel {name} sends nothing: {reason}", name=name, reason=str(error))
