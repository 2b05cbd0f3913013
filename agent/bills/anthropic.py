"""Anthropic: what the organization is charged by UTC day, and what each model used by the minute.

Amounts are cents; tokens that are cached stand beside the input. Source:
https://docs.claude.com/en/api/admin-api/usage-cost (get-cost-report, get-messages-usage-report)
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from agent.net.asking import Asker
from agent.net.paging import read_pages
from models.costs.bills import Bill, NoBill, Told, amount_of
from models.costs.charges import Price
from models.costs.minutes import Minute
from models.costs.used import Used, count_of, count_or_none
from models.messages import say

BASE = "https://api.anthropic.com"
PROVIDER = "anthropic"
DAYS = 40
DAY_SECONDS = 86_400
PAGE_DAYS = 31
PAGE_MINUTES = 1_440
CENTS = Decimal(100)
SCOPE = say(
    "it takes an admin key, which only organizations have; an account of one person types its "
    "bill in with `costs bill`"
)


class AnthropicBill:
    """Not thread-safe."""

    def __init__(self, source: str, key: str, base: str = BASE) -> None:
        self._asker = _asker(source, key)
        self._base = base

    def read(self, now: float) -> Told:
        """The last forty days, today's as far as it is. Raises SourceError."""
        params: dict[str, str | int] = {
            "starting_at": _text((now // DAY_SECONDS - DAYS) * DAY_SECONDS),
            "bucket_width": "1d",
            "group_by[]": "description",
            "limit": PAGE_DAYS,
        }
        url = f"{self._base}/v1/organizations/cost_report"
        return Told(read_pages(self._asker, url, params, _bills))


def _bills(bucket: Mapping[str, Any]) -> list[Bill]:
    return [_bill(bucket, result) for result in bucket["results"]]


def _bill(bucket: Mapping[str, Any], result: Mapping[str, Any]) -> Bill:
    if not isinstance(result["amount"], str):
        raise NoBill(f"an amount that is no text: {result['amount']!r}")
    cents = amount_of(result["amount"], str(result["currency"]))
    parts = [result.get(name) for name in ("description", "token_type", "service_tier")]
    return Bill(
        PROVIDER,
        _moment(bucket["starting_at"]),
        _moment(bucket["ending_at"]),
        ", ".join(str(part) for part in parts if part)[:200] or str(result.get("cost_type")),
        str(result.get("model") or "")[:200],
        Decimal(0),
        "",
        Price(cents.amount / CENTS, cents.currency),
    )


class AnthropicUsage:
    """Not thread-safe."""

    provider = PROVIDER

    def __init__(self, source: str, key: str, base: str = BASE) -> None:
        self._asker = _asker(source, key)
        self._base = base

    def read(self, since: float, until: float, *, with_tools: bool) -> list[Minute]:  # noqa: ARG002  # searches are always told
        """Whole minutes of UTC. Raises SourceError, and takes nothing over then."""
        params: dict[str, str | int | list[str]] = {
            "starting_at": _text(since),
            "ending_at": _text(until),
            "bucket_width": "1m",
            "group_by[]": ["model", "service_tier"],
            "limit": PAGE_MINUTES,
        }
        url = f"{self._base}/v1/organizations/usage_report/messages"
        found = read_pages(self._asker, url, params, _minutes)
        return [minute for minute in found if any(minute.used)]


def _minutes(bucket: Mapping[str, Any]) -> list[Minute]:
    since, until = (_moment(bucket[name]) for name in ("starting_at", "ending_at"))
    return [
        Minute(
            since,
            until,
            str(result.get("model") or "")[:200],
            _used(result),
            None,
            str(result.get("service_tier") or "")[:40],
        )
        for result in bucket["results"]
    ]


def _used(result: Mapping[str, Any]) -> Used:
    written = result.get("cache_creation") or {}
    tools = result.get("server_tool_use") or {}
    return Used(
        input=count_of(result["uncached_input_tokens"]),
        cache_read=count_or_none(result.get("cache_read_input_tokens")),
        cache_write_5m=count_or_none(written.get("ephemeral_5m_input_tokens")),
        cache_write_1h=count_or_none(written.get("ephemeral_1h_input_tokens")),
        output=count_of(result["output_tokens"]),
        web_search=count_or_none(tools.get("web_search_requests")),
    )


def _moment(text: str) -> float:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise NoBill(f"a moment without a zone: {text[:40]!r}")
    return moment.timestamp()


def _text(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _asker(source: str, key: str) -> Asker:
    return Asker(source, {"x-api-key": key, "anthropic-version": "2023-06-01"}, SCOPE)
