"""What is paid for and not used: idle machines, failed calls, ends that nobody saw, other users."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from shlex import quote

from models.costs.advice.shapes import (
    SAVING_MIN_WON,
    Advice,
    Evidence,
    Losses,
    Machine,
    Outside,
    UsedOutside,
    basis_of,
    is_worth,
)
from models.costs.shapes import NOTHING
from models.messages import say

IDLE_HOURS_MIN = 1


def idle_machines(machines: Iterable[Machine]) -> Iterator[Advice]:
    for one in machines:
        if one.on_hours <= 0 or one.idle_hours < IDLE_HOURS_MIN:
            continue
        hour_won = one.won / one.on_hours
        saving = hour_won * min(one.idle_hours, one.on_hours)
        if saving < SAVING_MIN_WON:
            continue
        yield Advice(
            "idle_machine",
            ("machine", one.machine),
            say(
                "{machine} was rented and idle for {hours:,.0f} h.",
                machine=one.machine,
                hours=float(one.idle_hours),
            ),
            (
                Evidence(say("hours on"), one.on_hours, "hours"),
                Evidence(say("idle for half an hour and longer"), one.idle_hours, "hours"),
                Evidence(say("an hour costs"), hour_won, "won"),
            ),
            saving,
            "high" if one.has_gpu else "medium",
            say("CPU and GPU were under 5 % in each ten minutes of it.")
            if one.has_gpu
            else say("The CPU was under 5 % in each ten minutes of it; of a GPU nothing is known."),
            (
                say("Return it when nothing is left to do, and say so to Sallim."),
                say("Collect work, so that it is rented once for much of it."),
            ),
            command=f"machines off {quote(one.machine)}",
        )


def failed(losses: Iterable[Losses]) -> Iterator[Advice]:
    """Billed with an error, or left by its caller before the end."""
    for one in losses:
        lost = one.failed_won + one.cut_won
        if not is_worth(lost, one.calls):
            continue
        yield Advice(
            "failed",
            basis_of(*one[:3]),
            say(
                "Calls of {model} that were paid for without a whole answer: {n:,}.",
                n=one.failed + one.cut,
                model=one.model,
            ),
            (
                Evidence(say("calls looked at"), Decimal(one.calls), "calls"),
                Evidence(
                    say("ended with an error and cost something"), Decimal(one.failed), "calls"
                ),
                Evidence(say("what those cost"), one.failed_won, "won"),
                Evidence(say("left before the end, estimated"), Decimal(one.cut), "calls"),
                Evidence(say("what those cost, at most"), one.cut_won, "won"),
                Evidence(say("second and later attempts"), Decimal(one.retried), "calls"),
            ),
            lost,
            "high" if one.failed_won >= one.cut_won else "medium",
            say("As the ledger has them, call by call; what was cut is estimated."),
            (
                say("Give the client a longer timeout before it gives up, and fewer retries."),
                say("Read streams to their end, or ask for shorter answers."),
            ),
            "client = OpenAI(timeout=120, max_retries=1)" if one.provider == "openai" else "",
        )


def unverified(losses: Iterable[Losses]) -> Iterator[Advice]:
    """By provider, since a bill says it: nothing is saved, but money is free again."""
    providers: dict[str, tuple[int, Decimal]] = {}
    for one in losses:
        count, won = providers.get(one.provider, (0, NOTHING))
        providers[one.provider] = (count + one.unverified, won + one.unverified_won)
    for provider, (count, won) in sorted(providers.items()):
        if count < 1 or won < SAVING_MIN_WON:
            continue
        yield Advice(
            "unverified",
            ("provider", provider),
            say(
                "Calls of {provider} whose end nobody saw count at their worst case: {n:,}.",
                provider=provider,
                n=count,
            ),
            (
                Evidence(say("calls without an end"), Decimal(count), "calls"),
                Evidence(say("what they count as"), won, "won"),
            ),
            None,
            "high",
            say("Two days old and older: what ends late has ended by then."),
            (say("Type the provider's bill in: what it leaves over is free again."),),
            command=f"costs bill {quote(provider)} YYYY-MM --amount 0.00 --currency USD",
        )


CLOSING = (
    say("Look who has the key; make a new one for the gateway alone and end the old."),
    say("Give others a token of the gateway."),
)


def outside(bills: Iterable[Outside]) -> Iterator[Advice]:
    found: dict[str, tuple[Decimal, Decimal]] = {}
    for one in bills:
        theirs, ours = found.get(one.provider, (NOTHING, NOTHING))
        found[one.provider] = (theirs + one.theirs_usd, ours + one.ours_usd)
    for provider, (theirs, ours) in sorted(found.items()):
        if theirs <= ours:
            continue
        yield Advice(
            "outside",
            ("provider", provider, "bill"),
            say(
                "A key of {provider} is used outside the guard: more is charged than passed it.",
                provider=provider,
            ),
            (
                Evidence(say("charged"), theirs, "usd"),
                Evidence(say("passed the guard"), ours, "usd"),
                Evidence(say("part of the bill that passed the guard"), ours / theirs, "share"),
            ),
            None,
            "high",
            say("By the provider's own bill, beside the ledger."),
            CLOSING,
            command="token create NAME --for gateway",
        )


def used_outside(minutes: Iterable[UsedOutside]) -> Iterator[Advice]:
    """Known within minutes, long before a bill: at least so much, for ours is taken off whole."""
    for one in minutes:
        unpriced = (
            Evidence(say("hours whose model has no price"), Decimal(one.unpriced), "times"),
        )
        yield Advice(
            "outside",
            ("provider", one.provider, "minutes"),
            say(
                "A key of {provider} is used outside the guard: it counts more, by the minute, "
                "than all calls that passed can have used.",
                provider=one.provider,
            ),
            (
                Evidence(say("what that costs, at least"), one.won, "won"),
                Evidence(say("the same in dollars, net"), one.usd, "usd"),
                Evidence(say("tokens beside those of the guard"), Decimal(one.tokens), "times"),
                Evidence(say("hours in which it was"), Decimal(one.hours), "times"),
                *(unpriced if one.unpriced else ()),
            ),
            None,
            "high",
            say("By what the provider counts each minute, of the last 30 days, beside the ledger."),
            CLOSING,
            command="token create NAME --for gateway",
        )
