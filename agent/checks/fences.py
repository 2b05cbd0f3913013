"""Checks of `[fence]`: each provider is asked for its limit, and nothing is set."""

from collections.abc import Mapping
from contextlib import closing

from agent.checks import Finding, absent, ok, problem
from agent.wiring.fences import fence_of
from data.home import Home
from models.errors import ActionError
from models.fence.words import NAMES, which_first
from models.fence.worth import caps_in_force, wanted_of
from models.messages import say
from models.settings import Settings
from sallim.ledger import LedgerError
from sallim.ledger.accounts import Accounts


def fences(home: Home, settings: Settings, environ: Mapping[str, str], now: float) -> list[Finding]:
    """`now` is UTC epoch seconds."""
    if settings.demo:
        return []
    return [_of(name, home, settings, environ, now) for name in settings.fence.on]


def _of(
    name: str, home: Home, settings: Settings, environ: Mapping[str, str], now: float
) -> Finding:
    title, provider = f"fence {name}", NAMES[name]
    if settings.automation.block != "on":
        text = say(
            'no fence is set, since automation.block is "{value}": it would refuse calls; set it '
            'to "on"',
            value=settings.automation.block,
        )
        return problem(title, text)
    if not home.ledger.exists():
        return absent(title, say("is set after the first start of the agent"))
    try:
        cents = fence_of(name, settings, environ).read()
        with closing(Accounts.open(home.ledger)) as accounts:
            caps = caps_in_force(accounts.balances(int(now * 1e6)), settings.budget)
            rate = accounts.exchange_for(name)
    except (ActionError, LedgerError) as error:
        return problem(title, str(error))
    wanted = None if rate is None else wanted_of(name, caps, rate)
    if wanted is None or rate is None:
        text = say(
            "no fence is set, since no budget refuses calls of {provider}; take api out of "
            "budget.modes",
            provider=provider,
        )
        return problem(title, text)
    if cents is None:
        text = say(
            "{provider} has no limit of its own yet; the agent sets it within a minute, and its "
            "page Budget says why where it does not",
            provider=provider,
        )
        return absent(title, text)
    return ok(title, which_first(name, cents, wanted, rate)[1])
