"""Checks of what guards need: a budget and an exchange rate in the ledger."""

from datetime import UTC, date, datetime

from agent.checks import Finding, absent, ok, problem
from data.home import Home
from models.costs.fx import STALE_DAYS
from models.messages import say
from models.settings import Settings
from models.typed import typed
from sallim.ledger import LedgerError
from sallim.ledger.accounts import Accounts
from sallim.money import won_text


def money(home: Home, settings: Settings, now: float) -> list[Finding]:
    """`now` is UTC epoch seconds."""
    if not home.ledger.exists():
        return [absent("budget", say("stands in the ledger after the first start of the agent"))]
    try:
        accounts = Accounts.open(home.ledger)
        try:
            balances = {row.bucket_id: row for row in accounts.balances(int(now * 1e6))}
            rate = accounts.exchange_for("")
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
    return [budget, _rate(rate.rate_date, rate.micro_won_per_usd, settings, now)]


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
