"""The money of the demo household: what its work asks of APIs, its server, its fixed items.

Pure and seeded by what is asked: the same call always costs the same, at the prices that come
along. The budget is kept as the ledger keeps it, from the first day of a month.
"""

# ruff: noqa: S311  Chance that can be repeated, not secrets.

import random
from collections.abc import Iterator
from typing import NamedTuple
from zoneinfo import ZoneInfo

from models.costs.periods import DAY_SECONDS, period_at
from models.demo.errands import AFTER_VIDEO, BY_WORKFLOW, TRANSCRIBE, Errand, hashes_of
from models.demo.household_budget import MICRO, MICROSECONDS, Money, Till
from models.demo.pipeline import executions, jobs
from models.demo.refusals import tried
from sallim.ledger.money_rows import CallRow, Exchange, Tokens
from sallim.money import gross_micro
from sallim.prices import Bounds, PriceList, cost_of, shipped, worst_of
from sallim.usage.counting import Usage

SEOUL = ZoneInfo("Asia/Seoul")
UNVERIFIED, FAILED = 0.003, 0.012


ONE = CallRow(
    seq=0,
    call_id="",
    attempt=1,
    provider="",
    model="",
    endpoint="",
    workflow="",
    analysis="",
    job_key="",
    key_label="",
    priority="essential",
    buckets=(),
    worst_nano_usd=0,
    worst_micro=0,
    price_id="",
    fx_id="",
    vat_ppm=100_000,
    fee_ppm=0,
    stream=False,
    host="vps",
    pid=0,
    process="",
    opened_us=0,
    expires_us=0,
    state="settled",
    nano_usd=0,
    gross_micro=0,
    source="usage",
    status=200,
    latency_us=0,
    model_billed="",
    tokens=Tokens(),
    tool_calls="",
    overhead_us=0,
    error="",
    settled_us=0,
    updated_us=0,
)


class Booked(NamedTuple):
    """What is booked without a call, each month on its first day or each day at its end."""

    provider: str
    endpoint: str
    won: int
    monthly: bool = False


BOOKED = (
    Booked("hetzner", "fixed:vps", 5_200, True),
    Booked("namecheap", "fixed:domain", 900, True),
    Booked("runpod", "server:gpu-rented", 96),
    Booked("hetzner", "storage:backup", 6),
    Booked("hetzner", "network:egress", 3),
)


def money(since: float, now: float) -> Money:
    """Everything that was opened in [since, now), and how full the buckets are now."""
    first = period_at(since, "month", SEOUL).since
    till = Till(SEOUL)
    for call in sorted(_asked(first, now), key=lambda call: (call.opened_us, call.call_id)):
        till.take(call, now)
    told = till.closed(since, now)
    refused = sorted([*told.refusals, *tried(since, now)], key=lambda row: row.last_us)
    return told._replace(
        refusals=[row._replace(seq=seq) for seq, row in enumerate(refused, start=1)]
    )


def _asked(since: float, now: float) -> Iterator[CallRow]:
    """Every call as it would be if all were admitted, and what is booked."""
    known = shipped()
    prices, exchange = PriceList(known.rates), known.exchange
    for call_id, key, errand, at in _errands(since, now):
        if at < now:
            call = _call(errand, call_id, at, prices, exchange)
            yield call._replace(job_key=key)
    yield from _booked(since, now)


def _errands(since: float, now: float) -> Iterator[tuple[str, str, Errand, float]]:
    """Name, what is analysed, which call, when: as the runs and jobs of the household want them."""
    for job_id, _, _, stage, key, _, _, _, started, *_ in jobs(since, now, now):
        wanted = {"transcribe": (TRANSCRIBE,), "summarise": AFTER_VIDEO}.get(str(stage), ())
        if isinstance(started, float):
            for number, errand in enumerate(wanted):
                yield f"{job_id}-{number}", str(key), errand, started + 1 + 6 * number
    for run in executions(since, now, now):
        if run.workflow_id in BY_WORKFLOW and run.started_at is not None:
            name = f"demo-{run.workflow_id}-{run.execution_id}"
            yield name, "", BY_WORKFLOW[run.workflow_id], run.started_at + 1


def _call(
    errand: Errand, call_id: str, at: float, prices: PriceList, exchange: Exchange
) -> CallRow:
    chance = random.Random(call_id)
    rates = prices.find(errand.provider, errand.model)
    if rates is None:
        raise ValueError(f"{errand.provider} {errand.model} has no price any more")
    usage, bounds = _used(errand, chance)
    opened_us = int(at * MICROSECONDS)
    nano = cost_of(usage, rates, opened_us)
    worst_nano = max(worst_of(bounds, rates, {"service_tier": "default"}, opened_us), nano)
    prompt_hash, prefix_hash = hashes_of(errand, call_id, at)
    latency_us = int(errand.seconds * (0.5 + chance.expovariate(1.6)) * MICROSECONDS)
    call = ONE._replace(
        call_id=call_id,
        provider=errand.provider,
        model=errand.model,
        model_billed=errand.model,
        endpoint=errand.endpoint,
        workflow=errand.workflow,
        analysis=errand.analysis,
        key_label=errand.key,
        priority=errand.priority,
        buckets=("api", f"provider:{errand.provider}", "total"),
        worst_nano_usd=worst_nano,
        worst_micro=gross_micro(worst_nano, exchange),
        nano_usd=nano,
        gross_micro=gross_micro(nano, exchange),
        price_id=rates.price_id,
        fx_id=exchange.fx_id,
        vat_ppm=exchange.vat_ppm,
        fee_ppm=exchange.fee_ppm,
        opened_us=opened_us,
        expires_us=opened_us + 900 * MICROSECONDS,
        latency_us=latency_us,
        tokens=usage.tokens,
        tool_calls=_tools(usage),
        overhead_us=chance.randrange(90, 220),
        settled_us=opened_us + latency_us,
        updated_us=opened_us + latency_us,
        prompt_hash=prompt_hash,
        prefix_hash=prefix_hash,
        output_max=errand.output_max,
    )
    return _as_it_went(call, chance)


def _as_it_went(call: CallRow, chance: random.Random) -> CallRow:
    """Nearly always well; some are refused by the provider, of a few nobody knows."""
    luck = chance.random()
    if luck < UNVERIFIED:
        return call._replace(
            state="unverified",
            source="unverified",
            nano_usd=call.worst_nano_usd,
            gross_micro=call.worst_micro,
            tokens=Tokens(),
            settled_us=0,
            latency_us=0,
            status=0,
        )
    if luck < UNVERIFIED + FAILED:
        status = chance.choice((429, 500, 503))
        return call._replace(
            state="released",
            source="",
            nano_usd=0,
            gross_micro=0,
            tokens=Tokens(),
            status=status,
            error=f"HTTP {status}",
        )
    return call


def _used(errand: Errand, chance: random.Random) -> tuple[Usage, Bounds]:
    size = 0.6 + 0.8 * chance.random()
    if errand.sound_seconds:
        sound = (("audio_seconds", int(errand.sound_seconds * size)),)
        return Usage(tool_calls=sound), Bounds(0, 0, tool_calls=sound)
    sent = int(errand.input * size)
    # The first call of a day finds no cache.
    cached = errand.cached if chance.random() < 0.8 else 0
    made = min(int(errand.output * (0.5 + chance.random())), errand.output_max)
    usage = Usage(input=sent + errand.cached - cached, cache_read=cached, output=made)
    return usage, Bounds(usage.prompt, errand.output_max)


def _tools(usage: Usage) -> str:
    named = ", ".join(f'["{name}", {number}]' for name, number in usage.tool_calls)
    return f"[{named}]" if named else ""


def _booked(since: float, now: float) -> Iterator[CallRow]:
    day = period_at(since, "day", SEOUL)
    while day.until <= now:
        month = period_at(day.since, "month", SEOUL)
        for item in BOOKED:
            if item.monthly and month.since != day.since:
                continue
            at_us = (day.since + (300 if item.monthly else DAY_SECONDS - 600)) * MICROSECONDS
            yield _booking(item, at_us)
        day = period_at(day.until, "day", SEOUL)


def _booking(item: Booked, at_us: int) -> CallRow:
    """Billed in won, VAT included."""
    micro = item.won * MICRO
    return ONE._replace(
        call_id=f"demo-{item.endpoint}-{at_us // (DAY_SECONDS * MICROSECONDS)}",
        provider=item.provider,
        endpoint=item.endpoint,
        buckets=("servers", "total"),
        worst_micro=micro,
        gross_micro=micro,
        source="typed",
        status=0,
        opened_us=at_us,
        expires_us=at_us,
        settled_us=at_us,
        updated_us=at_us,
    )
