"""The GPUs of a machine, out of its live values."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from models.live import Live, LiveSeries
from models.monitoring import SeriesKey, State
from models.tile_kinds import GPU
from models.tiles import state_with_value
from models.views import View

ID = "hw.id"


@dataclass(frozen=True, slots=True)
class Card:
    """`values` are those of the last reading, by metric; `throttled_by` the reasons in force."""

    id: str
    name: str
    values: dict[str, LiveSeries]
    throttled_by: tuple[str, ...]
    is_lost: bool = False

    @property
    def title(self) -> str:
        """Name and the end of the identity, which tells two cards of one kind apart."""
        return f"{self.name} {self.id[-4:]}".strip()

    @property
    def asleep(self) -> bool:
        return self.value("hw.gpu.asleep") == 1.0

    def value(self, name: str) -> float | None:
        series = self.values.get(name)
        return None if series is None else series.value

    def age_seconds(self, now: float) -> float | None:
        """Age of the newest value at `now` (UTC epoch seconds); None without any."""
        moments = [series.at for series in self.values.values()]
        return max(0.0, now - max(moments)) if moments else None


def cards_of(live: Live | None, machine: str, remembered: Iterable[SeriesKey] = ()) -> list[Card]:
    """Every GPU of a machine, by its identity; one that is only remembered has no values."""
    found: dict[str, list[LiveSeries]] = {}
    for series in live.series if live else ():
        identity = dict(series.key.labels).get(ID)
        if series.key.machine == machine and identity is not None:
            found.setdefault(identity, []).append(series)
    cards = {identity: _card(identity, found[identity]) for identity in found}
    for key in remembered:
        labels = dict(key.labels)
        if ID in labels:
            name = labels.get("hw.name", "GPU")
            cards.setdefault(labels[ID], Card(labels[ID], name, {}, ()))
    return [cards[identity] for identity in sorted(cards)]


def _card(identity: str, series: list[LiveSeries]) -> Card:
    names = {dict(one.key.labels).get("hw.name", "") for one in series} - {""}
    # A card that sleeps or is lost says little more than that: what it said before is over.
    newest = max(one.at for one in series)
    series = [one for one in series if one.at == newest]
    return Card(
        identity,
        min(names, default="GPU"),
        # The work of encoder and decoder is a part, not the headline.
        {
            one.key.name: one
            for one in series
            if dict(one.key.labels).get("hw.gpu.task", "general") == "general"
        },
        tuple(
            dict(one.key.labels).get("reason", "")
            for one in series
            if one.key.name == "hw.gpu.throttle" and one.value
        ),
        is_lost=any(("error.type", "lost") in one.key.labels and one.value for one in series),
    )


def state_of(card: Card, view: View, now: float) -> State:
    """Whether what is known of a card is of now, as on a tile; `now` in UTC epoch seconds."""
    live, age = view.live, card.age_seconds(now)
    if live is None or age is None:
        return State.ABSENT
    if view.silent:
        return State.STALE
    is_ours = all(series.key.machine == live.machine for series in card.values.values())
    sources = live.sources if is_ours else ()
    source = next((source for source in sources if source.name == GPU), None)
    return state_with_value(source, age)[0]


def belongs_to(identity: str) -> Callable[[SeriesKey], bool]:
    """Whether a series is one of that card."""
    return lambda key: dict(key.labels).get(ID) == identity
