"""What providers say to the demo household: balances paid ahead, bills, prices by hour and GB.

Told by the rules that hold for real ones, out of the calls that the household made.
"""

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal

from models.costs.periods import DAY_SECONDS, date_of, day_of, period_at
from models.costs.prepaid import WINDOWS_DAYS, Burnt, Figure, Outlook, outlook
from models.costs.prepaid_json import prepaid_json
from models.costs.prepaid_words import Rule, warning
from models.costs.reconcile import Group, judge
from models.costs.told import HOURLY, HOUSE, METERED, MONEY, PREPAID
from models.demo.costs import SEOUL
from models.demo.household_budget import MICRO
from models.monitoring import Thing
from sallim.ledger.money_rows import CallRow
from sallim.money import NANO, gross_micro
from sallim.prices import shipped

RULE = Rule(Decimal(7), Decimal(1_000))
TYPED_DAYS_AGO, DAYS_LEFT = 3, 5
TOPPED_UP_DAYS_AGO = 12
LEFT, BURN, PAID = Decimal("9.50"), Decimal("0.06"), Decimal(10)
HOUR_NANO = 340_000_000
BILLED_DAYS = 10
OUTSIDE_NANO, OUTSIDE_DAYS_AGO = 310_000_000, 4
"""Somebody tries a key of the house on a laptop."""
METERED_ITEMS = (
    ("egress", "network", "3 KRW", Decimal(1)),
    ("backup", "storage", "9 KRW", Decimal("0.6666")),
)
"""Name, kind, price and GB of a day; they cost what `models/demo/costs.py` books for them."""


def money_things(calls: Sequence[CallRow], now: float) -> list[Thing]:
    """`calls` are those of `models.demo.costs.money`, `now` is UTC epoch seconds."""
    exchange = shipped().exchange
    hour = gross_micro(HOUR_NANO, exchange)
    won = Decimal(exchange.micro_won_per_usd) / MICRO
    balances = [
        one._replace(warning=warning(one, RULE, won, SEOUL)) for one in _balances(calls, now)
    ]
    machines = [{"name": "gpu-rented", "provider": "runpod", "won": f"{Decimal(hour) / MICRO:f}"}]
    lists = {
        PREPAID: [prepaid_json(one) for one in balances],
        HOURLY: machines,
        METERED: list(_metered(calls, now)),
    }
    return [
        *(Thing(MONEY, HOUSE, name, "", json.dumps(told), now) for name, told in lists.items()),
        *_verdicts(calls, now, exchange.micro_won_per_usd),
    ]


def _balances(calls: Sequence[CallRow], now: float) -> Iterator[Outlook]:
    """One that is asked, one that is typed in and ends soon, one that rose by itself."""
    asked = _burnt(calls, "openrouter", now, now - 600)
    yield outlook(("openrouter", "USD"), [Figure(now - 600, Decimal("6.40"))], asked, now)
    told_at = now - TYPED_DAYS_AGO * DAY_SECONDS
    typed = _burnt(calls, "google", now, told_at)
    pace = max(amount / days for days, amount in zip(WINDOWS_DAYS, typed.in_windows, strict=True))
    figure = (typed.since_told + DAYS_LEFT * pace).quantize(Decimal("0.01"))
    yield outlook(("google", "USD"), [Figure(told_at, figure, is_typed=True)], typed, now)
    yield outlook(("runpod", "USD"), _falling(now), Burnt(), now)


def _burnt(calls: Sequence[CallRow], provider: str, now: float, told_at: float) -> Burnt:
    own = [(call.opened_us / MICRO, call.nano_usd) for call in calls if call.provider == provider]

    def since(moment: float) -> Decimal:
        return Decimal(sum(nano for at, nano in own if at >= moment)) / NANO

    windows = tuple(since(now - days * DAY_SECONDS) for days in WINDOWS_DAYS)
    return Burnt(windows, since(told_at), Decimal(WINDOWS_DAYS[-1]))


def _falling(now: float) -> list[Figure]:
    """Six cents a day, and ten dollars that somebody, or a switch, paid in between."""
    return [
        Figure(
            now - days * DAY_SECONDS - 900,
            LEFT + BURN * days - (PAID if days > TOPPED_UP_DAYS_AGO else 0),
        )
        for days in range(28, -1, -1)
    ]


def _metered(calls: Sequence[CallRow], now: float) -> Iterator[dict[str, object]]:
    month = period_at(now, "month", SEOUL)
    days = day_of(now, SEOUL) - month.first_day
    for name, kind, price, gigabytes in METERED_ITEMS:
        booked = sum(
            call.gross_micro
            for call in calls
            if call.endpoint == f"{kind}:{name}" and call.opened_us >= month.since * MICRO
        )
        yield {
            "name": name,
            "kind": kind,
            "provider": "hetzner",
            "price": price,
            "gb": f"{gigabytes * days:f}",
            "free_gb": "0",
            "won": f"{Decimal(booked) / MICRO:f}",
            "counted_to": str(date_of(month.first_day + days - 1)) if days else "",
            "gaps": [],
        }


def _verdicts(calls: Sequence[CallRow], now: float, micro_won_per_usd: int) -> Iterator[Thing]:
    """Each whole UTC day of two providers beside what the household counted of it."""
    today = int(now) // DAY_SECONDS
    counted: dict[tuple[str, int], int] = {}
    for call in calls:
        key = (call.provider, call.opened_us // (DAY_SECONDS * MICRO))
        counted[key] = counted.get(key, 0) + call.nano_usd
    for provider in ("openai", "anthropic"):
        for days_ago in range(1, BILLED_DAYS + 1):
            ours = counted.get((provider, today - days_ago), 0)
            outside = provider == "openai" and days_ago == OUTSIDE_DAYS_AGO
            since = float((today - days_ago) * DAY_SECONDS)
            theirs = ours + (OUTSIDE_NANO if outside else 0)
            group = Group(provider, "", since, since + DAY_SECONDS, theirs, ours)
            yield _verdict(group, now, micro_won_per_usd)


def _verdict(group: Group, now: float, micro_won_per_usd: int) -> Thing:
    told = judge(group, now, micro_won_per_usd)
    detail = {
        "theirs_nano": group.theirs_nano,
        "ours_nano": group.known_nano,
        "drift_nano": told.drift_nano,
        "is_alarm": told.is_alarm,
        "guarded_ppm": told.guarded_ppm,
        "since": group.since,
        "until": group.until,
    }
    name = f"{group.since:.0f}:{group.until:.0f}:{group.model}"
    return Thing("verdict", group.provider, name, told.cause, json.dumps(detail), now)
