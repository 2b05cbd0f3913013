"""Checks of what guards need: a budget and an exchange rate in the ledger."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from agent.checks import Finding, absent, ok, problem
from data.home import Home
from data.reader import Reader
from models.budget.words import only_counting
from models.costs.fx import STALE_DAYS
from models.errors import AgentSilent
from models.messages import say
from models.settings import Settings
from models.settings.quota import Quota
from models.settings.rented import Rented
from models.typed import typed
from sallim.ledger import LedgerError
from sallim.ledger.accounts import Accounts
from sallim.ledger.quota_rows import QuotaUse
from sallim.money import won_text

QUOTA_LINE = "minute_calls_max = 10"


def money(home: Home, settings: Settings, now: float) -> list[Finding]:
    """`now` is UTC epoch seconds. In a demo nobody spends, so its ledger has no budget.

    What can be read and not be written admits no call: a row is tried, and undone.
    """
    if settings.demo:
        return []
    if not home.ledger.exists():
        return [absent("budget", say("stands in the ledger after the first start of the agent"))]
    try:
        accounts = Accounts.open(home.ledger)
        try:
            balances = {row.bucket_id: row for row in accounts.balances(int(now * 1e6))}
            rate = accounts.exchange_for("")
            accounts.try_write()
            used = accounts.quota_use(int(now * 1e6))
        finally:
            accounts.close()
    except LedgerError as error:
        return [problem("budget", str(error))]
    if "total" not in balances or rate is None:
        text = say(
            "there is none in the ledger, so every call is refused; start the agent, or run "
            "`{command}`",
            command=typed("reload"),
        )
        return [problem("budget", text)]
    caps = ", ".join(f"{name} {won_text(row.cap_micro)}" for name, row in balances.items())
    budget = ok("budget", say("won this month: {caps}", caps=caps))
    exchange = _rate(rate.rate_date, rate.micro_won_per_usd, settings, now)
    off = [problem("budget", text) for text in only_counting(settings)]
    return [budget, *off, *_only_counting(balances, settings), exchange, *map(_quota, used)]


def _only_counting(known: Iterable[str], settings: Settings) -> list[Finding]:
    text = say("only counts, so no call is refused by it; take it out of budget.modes to cap it")
    caps = settings.budget.caps_krw
    names = [name for name in known if name in caps and settings.budget.mode_of(name) == "count"]
    return [absent(f"budget {name}", text) for name in names]


def _quota(use: QuotaUse) -> Finding:
    text = say("{calls} of {most} calls", calls=f"{use.calls:,}", most=f"{use.calls_max:,}")
    return ok(f"quota {use.quota_id}", text)


def caps(settings: Settings) -> list[Finding]:
    """Those that never hold."""
    return [problem("caps", text) for text in settings.budget.beyond]


def _rate(day: str, micro_won_per_usd: int, settings: Settings, now: float) -> Finding:
    age_days = (datetime.fromtimestamp(now, UTC).date() - date.fromisoformat(day)).days
    won = f"{micro_won_per_usd / 1e6:,.2f}"
    if age_days <= STALE_DAYS:
        return ok("exchange rate", say("{won} won a dollar, of {day}", won=won, day=day))
    if settings.exchange.online:
        text = say(
            "{won} won a dollar is of {day}, {days} days old, though it is asked for; look at the "
            "source fx",
            won=won,
            day=day,
            days=age_days,
        )
        return problem("exchange rate", text)
    text = say(
        "{won} won a dollar is of {day}, {days} days old, with a margin; set online = true in "
        "[exchange] to ask for the rate of the day",
        won=won,
        day=day,
        days=age_days,
    )
    return absent("exchange rate", text)


def prices(settings: Settings) -> list[Finding]:
    """Those that were pasted out of a refusal and not filled in."""
    text = say(
        "no figure stands in this [[price]] yet, so it changes nothing; fill in input_mtok_usd and "
        'output_mtok_usd, for example "0.15"'
    )
    return [problem(f"price {each.name}", text) for each in settings.price if each.says_nothing]


def quotas(settings: Settings) -> list[Finding]:
    """Those that bound nothing."""
    text = say("bounds nothing yet; say how many calls, for example {line}", line=QUOTA_LINE)
    return [problem(f"quota {each.name}", text) for each in settings.quota if not any(_most(each))]


def _most(quota: Quota) -> tuple[int, int, int]:
    return quota.minute_calls_max, quota.hour_calls_max, quota.day_calls_max


def rented(reader: Reader, settings: Settings) -> list[Finding]:
    """Hours are counted by the machines that are watched. Raises QueryRefused."""
    if not settings.rented:
        return []
    # It needs numpy, which `status` and a running agent do without.
    from data.monitoring import machines

    try:
        known = machines(reader)
    except AgentSilent:
        known = []
    return [_rented(each, known) for each in settings.rented]


def _rented(rented: Rented, known: Sequence[str]) -> Finding:
    name, machine = f"rented {rented.name}", rented.machine or rented.name
    if machine in known:
        return ok(name, say("counted by the machine {machine}", machine=machine))
    text = say(
        "no machine {machine} was ever seen, so none of its hours are counted; start a probe on it "
        "(docs/probe.md), or set machine to one of {known}",
        machine=machine,
        known=", ".join(known) or "none yet",
    )
    return problem(name, text)
