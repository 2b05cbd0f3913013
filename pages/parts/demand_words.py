"""Names of what is forecast and how, and amounts of it, in the reader's language."""

from decimal import Decimal

from models.demand.shapes import HOUR_SECONDS, Model, Season
from models.demand.targets import is_share
from models.messages import Message, Value, say
from models.settings.target import Target, TargetKind
from pages.parts.formats import krw, number, percent
from pages.parts.texts import told
from pages.parts.values import NO_VALUE
from pages.parts.words import said

KINDS: dict[TargetKind, Message] = {
    "queue": say("work that waits"),
    "arrivals": say("work that comes"),
    "active": say("work that runs"),
    "calls": say("API calls"),
    "spend": say("won a day"),
    "gpu": say("use of the GPUs"),
    "metric": say("a series"),
    "sql": say("a statement of your own"),
}
OWN_NAMES: dict[str, Message] = {
    "queue": say("Work that waits"),
    "arrivals": say("Work that comes"),
    "active": say("Work that runs"),
    "calls": say("API calls"),
    "spend": say("Won a day"),
    "gpu": say("Use of the GPUs"),
}
"""Of targets that stand in for those that nobody named."""
MODELS: dict[Model, Message] = {
    "auto": say("chosen by the backtest"),
    "combo": say("ensemble of eight"),
    "seasonal_naive": say("as a day or a week ago"),
    "holt_winters": say("Holt-Winters"),
    "arima": say("ARIMA with Fourier terms"),
    "theta": say("theta"),
    "stl": say("STL of two seasons"),
    "autoregression": say("autoregression"),
    "intermittent": say("rare work"),
}
SEASONS: dict[Season, Message] = {
    "auto": say("as its history shows"),
    "none": say("nothing"),
    "day": say("the day"),
    "week": say("the week"),
    "both": say("day and week"),
}
MEMBERS: dict[str, Message] = {
    "theta_week": say("theta over the week"),
    "last_cycle": say("as a day ago"),
    "last_value": say("as just now"),
}
"""Parts of the ensemble that nobody chooses alone."""
WEEKDAYS: tuple[Message, ...] = (
    say("Monday"),
    say("Tuesday"),
    say("Wednesday"),
    say("Thursday"),
    say("Friday"),
    say("Saturday"),
    say("Sunday"),
)


def target_name(target: Target) -> str:
    """Not safe inside Markdown: names come from the settings."""
    is_own = OWN_NAMES.get(target.name) if target.name == target.kind else None
    return said(is_own) if is_own else target.name


def amount(target: Target, value: float | None) -> str:
    """Of its own unit.

    >>> amount(Target(name="spend", kind="spend"), 812.4), amount(Target(name="x"), None)
    ('₩812', '–')
    """
    if value is None:
        return NO_VALUE
    if target.kind == "spend":
        return krw(Decimal(round(value)))
    return percent(value) if is_share(target) else number(value)


def span_of_amounts(target: Target, low: float, high: float) -> str:
    """From the one to the other.

    >>> span_of_amounts(Target(name="videos"), 3.2, 41)
    '3.2 – 41'
    """
    return f"{amount(target, low)} – {amount(target, high)}"


def is_daily(step_seconds: int) -> bool:
    return step_seconds > HOUR_SECONDS


def model_name(model: str) -> str:
    by_name: dict[str, Message] = {**{str(key): text for key, text in MODELS.items()}, **MEMBERS}
    return said(by_name[model]) if model in by_name else model


def why_told(why: Message) -> str:
    """A reason in the reader's language, with the models in it by their names."""
    return told(_with_names(why))


def _with_names(why: Message) -> Message:
    values: dict[str, Value] = dict(why.values)
    for name, value in values.items():
        if isinstance(value, Message):
            values[name] = _with_names(value)
        elif name == "models":
            values[name] = ", ".join(model_name(each) for each in str(value).split(", "))
    return Message(why.template, values)


def season_name(season: str) -> str:
    by_name: dict[str, Message] = {str(key): text for key, text in SEASONS.items()}
    return said(by_name[season]) if season in by_name else season
