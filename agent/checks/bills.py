"""Checks of `[[bill]]`: each provider is asked once for everything, and nothing of it is kept."""

from collections.abc import Iterator, Mapping, Sequence

from agent.billing import Reads
from agent.checks import Finding, absent, ok, problem
from agent.price_listing import Lists
from agent.usage_watching import Counting
from agent.wiring.providers import bill_of, cash_of, prices_of, usage_of
from models.costs.price_list import HETZNER, Wanted, differences, wanted_of
from models.costs.used import summed
from models.errors import SourceError
from models.messages import say
from models.settings import Settings
from models.settings.bill import Bill

HOUR_SECONDS = 3_600
MINUTE_SECONDS = 60


def bills(settings: Settings, environ: Mapping[str, str], now: float) -> list[Finding]:
    """`now` is UTC epoch seconds."""
    found = [finding for bill in settings.bill for finding in _of(bill, settings, environ, now)]
    return [*found, *_not_compared(settings)]


def _of(
    bill: Bill, settings: Settings, environ: Mapping[str, str], now: float
) -> Iterator[Finding]:
    name = bill.name
    reads = bill_of(bill, f"bill:{name}", environ, settings.house.zone)
    if reads is not None:
        yield bill_said(f"bill {name}", reads, now)
    cash = cash_of(bill, f"cash:{name}", environ)
    if cash is not None:
        yield from cash_said(f"cash {name}", cash, now)
    counting = usage_of(bill, f"usage:{name}", environ)
    if counting is not None:
        yield usage_said(f"usage {name}", counting, now)
    lists = prices_of(bill, f"prices:{name}", environ)
    if lists is not None:
        yield from prices_said(f"prices {name}", lists, wanted_of(settings))


def bill_said(name: str, reads: Reads, now: float) -> Finding:
    try:
        return ok(name, say("{count} lines of the bill", count=len(reads.read(now).bills)))
    except SourceError as error:
        return problem(name, error.reason)


def cash_said(name: str, cash: Reads, now: float) -> Iterator[Finding]:
    try:
        told = cash.read(now)
    except SourceError as error:
        yield problem(name, error.reason)
        return
    left = ", ".join(f"{each.price.amount:f} {each.price.currency}" for each in told.cash)
    yield ok(name, say("{left} left of what was paid ahead", left=left or "0"))
    yield from (problem(name, note) for note in told.notes)


def usage_said(name: str, counting: Counting, now: float) -> Finding:
    """Of the last hour, with everything that may be asked for later."""
    until = now // MINUTE_SECONDS * MINUTE_SECONDS
    try:
        minutes = counting.read(until - HOUR_SECONDS, until, with_tools=True)
    except SourceError as error:
        return problem(name, error.reason)
    used = summed(each.used for each in minutes)
    text = say(
        "{sent} tokens sent and {made} made within the last hour, as they count them",
        sent=used.sent,
        made=used.output,
    )
    return ok(name, text)


def prices_said(name: str, lists: Lists, wanted: Sequence[Wanted]) -> Iterator[Finding]:
    try:
        listed = lists.prices()
    except SourceError as error:
        yield problem(name, error.reason)
        return
    found = [problem(name, text) for text in differences(wanted, listed)]
    if not wanted:
        text = say(
            "the price list is read; an item of [[fixed]] or [[rented]] is compared with it when "
            "it names {provider}, server_type and location",
            provider='provider = "hetzner"',
        )
        yield absent(name, text)
    elif not found:
        vat = f"{listed.vat_rate.normalize():f}"
        text = say(
            "{count} prices are as in the list, which adds {vat} % VAT", count=len(wanted), vat=vat
        )
        yield ok(name, text)
    yield from found


def _not_compared(settings: Settings) -> Iterator[Finding]:
    wanted = wanted_of(settings)
    if wanted and not any(bill.source == HETZNER for bill in settings.bill):
        text = say(
            "nobody compares the prices of {names} with the list of Hetzner; add [[bill]] with "
            "{source}",
            names=", ".join(item.name for item in wanted),
            source='source = "hetzner"',
        )
        yield absent("prices", text)
