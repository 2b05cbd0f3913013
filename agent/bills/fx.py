"""Exchange rates: Frankfurter first, the European Central Bank where it does not answer.

Both publish once a day on working days, so on a weekend the last day there was is what comes;
each rate bears its own day. Sources: https://frankfurter.dev and
https://www.ecb.europa.eu/stats/eurofxref (both without a key).
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

from agent.net.asking import Asker
from models.costs.fx import DayRate, NoRate, judged, read_ecb, read_frankfurter
from models.errors import SourceError
from models.monitoring import Reading

FRANKFURTER = "https://api.frankfurter.dev"
ECB = "https://www.ecb.europa.eu"
DAYS_ASKED = 40
"""So that a bill of last month is booked at the rate of its day after a first start, too."""

Known = Callable[[], Sequence[DayRate]]
Keep = Callable[[Sequence[DayRate]], None]


class FxCollector:
    """`known` are the rates believed so far, `keep` takes those that were judged."""

    name = "fx"

    def __init__(
        self,
        known: Known,
        keep: Keep,
        clock: Callable[[], float],
        bases: tuple[str, str] = (FRANKFURTER, ECB),
        timeout_seconds: float = 20.0,
    ) -> None:
        self._known = known
        self._keep = keep
        self._clock = clock
        self._frankfurter, self._ecb = bases
        self._asker = Asker(self.name, timeout_seconds=timeout_seconds)

    def collect(self, _monotonic_seconds: float) -> list[Reading]:
        """Raises SourceError when neither answers, or says what cannot be."""
        today = datetime.fromtimestamp(self._clock(), UTC).date()
        try:
            rates = self._asked(self._from_frankfurter, today)
        except SourceError:
            rates = self._asked(self._from_ecb, today)
        self._keep(rates)
        newest = rates[-1]
        return [
            Reading("fx.won_per_usd", float(newest.won_per_usd)),
            Reading("fx.won_per_eur", float(newest.won_per_eur)),
            Reading("fx.age", float((today - newest.day).days * 86_400)),
        ]

    def _asked(self, ask: Callable[[date], list[DayRate]], today: date) -> list[DayRate]:
        try:
            return judged(ask(today), self._known(), today)
        except NoRate as error:
            raise self._asker.garbled(str(error)) from error

    def _from_frankfurter(self, today: date) -> list[DayRate]:
        since = today - timedelta(days=DAYS_ASKED)
        url = f"{self._frankfurter}/v1/{since}..?base=USD&symbols=KRW,EUR"
        return read_frankfurter(self._asker.body(url))

    def _from_ecb(self, today: date) -> list[DayRate]:
        body = self._asker.body(f"{self._ecb}/stats/eurofxref/eurofxref-hist-90d.xml")
        return [rate for rate in read_ecb(body) if rate.day >= today - timedelta(days=DAYS_ASKED)]
