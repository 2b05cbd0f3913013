"""A house whose provider counts what is used: its calls, and how they ended."""

from datetime import UTC, datetime

from agent.bills.anthropic import AnthropicUsage
from agent.bills.openai import OpenAiUsage
from agent.usage_watching import UsageCollector
from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import Tokens
from tests.sallim.money import asked, settlement
from tests.standins.usage import OPENAI

START = datetime(2026, 11, 20, 3, tzinfo=UTC).timestamp()
MINUTE = 60.0
HOUR = 3_600.0
WON = 10**6
CENT = 10_000_000
COMPLETIONS = f"{OPENAI}completions"


def openai(standing, key="sk-admin-1"):
    return OpenAiUsage("usage:main", key, standing.url)


def anthropic(standing, key="sk-ant-admin-1"):
    return AnthropicUsage("usage:main", key, standing.url)


def collector(home, counting, now):
    return UsageCollector("usage:main", counting, home, lambda: now)


def crashed(home, call_id, at=START, minutes=15, **changed):
    """A call whose caller was killed: nobody said how it ended."""
    row = asked(call_id, 30 * WON, opened_us=int(at * 1e6), endpoint="/v1/chat/completions",
                buckets=("api", "total"), worst_nano_usd=2 * CENT,
                expires_us=int((at + minutes * MINUTE) * 1e6))  # fmt: skip
    accounts = Accounts.open(home.ledger)
    accounts.reserve(row._replace(**changed))
    accounts.expire(int((at + minutes * MINUTE + 1) * 1e6))
    accounts.close()


def ended(home, call_id, at=START, **changed):
    """A call that was settled by its usage, ten seconds later."""
    row = asked(call_id, 30 * WON, opened_us=int(at * 1e6), endpoint="/v1/chat/completions",
                buckets=("api", "total"), worst_nano_usd=2 * CENT,
                expires_us=int((at + 15 * MINUTE) * 1e6))._replace(**changed)  # fmt: skip
    accounts = Accounts.open(home.ledger)
    accounts.reserve(row)
    settled = settlement(
        WON,
        tokens=Tokens(input=1000, output=100),
        tool_calls="",
        model_billed=f"{row.model}-2025-08-07",
    )
    accounts.settle(call_id, 1, settled._replace(settled_us=int((at + 10) * 1e6)))
    accounts.close()


def rows(home):
    accounts = Accounts.open(home.ledger)
    try:
        return {row.call_id: row for row in accounts.calls_since(0, 1000)}
    finally:
        accounts.close()


def states(home):
    return {call_id: row.state for call_id, row in rows(home).items()}


def mini(counted, at=START, sent=1000, made=100, model="gpt-5-mini-2025-08-07"):
    counted.chat(at, model, input_tokens=sent, output_tokens=made)


def readings(harvest):
    return {reading.name: reading.value for reading in harvest.readings}
