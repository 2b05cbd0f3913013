"""Usage interfaces of providers on loopback: what was called is counted by the minute.

They answer as they are documented: a bucket for each minute, empty ones too, at most `limit` a
page, grouped only by what was asked for, and 400 for what they do not know.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.standins.bills import Answer, Desk, Query

MINUTE = 60
PAGE_MAX = 1_440
OPENAI = "/v1/organization/usage/"
ANTHROPIC = "/v1/organizations/usage_report/messages"


@dataclass
class Counted:
    """What the provider has counted so far: kind of endpoint, moment, groups, counts."""

    calls: list[tuple[str, float, dict[str, Any], dict[str, int]]] = field(default_factory=list)

    def chat(self, at: float, model: str, tier: str = "default", **counts: int) -> None:
        group = {"model": model, "service_tier": tier, "batch": False}
        self.calls.append(("completions", at, group, {"num_model_requests": 1, **counts}))

    def messages(self, at: float, model: str, **counts: int) -> None:
        group = {"model": model, "service_tier": "standard"}
        self.calls.append(("messages", at, group, counts))

    def other(self, kind: str, at: float, model: str | None = None, **counts: int) -> None:
        self.calls.append((kind, at, {} if model is None else {"model": model}, counts))

    def within(
        self, kind: str, since: float, groups: list[str]
    ) -> Iterator[tuple[dict[str, Any], dict[str, int]]]:
        """Sums by group of the minute that begins there."""
        sums: dict[str, dict[str, int]] = {}
        for known, at, group, counts in self.calls:
            if known == kind and since <= at < since + MINUTE:
                key = json.dumps({name: group.get(name) for name in groups})
                place = sums.setdefault(key, {})
                for name, count in counts.items():
                    place[name] = place.get(name, 0) + count
        for key, place in sums.items():
            yield json.loads(key), place


Shape = Callable[[float, list[dict[str, Any]]], dict[str, Any]]


def openai_usage(standing: Desk, counted: Counted) -> None:
    """`GET /v1/organization/usage/...` of all kinds that are asked for."""

    def answering(kind: str) -> Callable[[Query, Mapping[str, str]], Answer]:
        def bucket(since: float, results: list[dict[str, Any]]) -> dict[str, Any]:
            return {
                "object": "bucket",
                "start_time": int(since),
                "end_time": int(since) + MINUTE,
                "results": [
                    {"object": f"organization.usage.{kind}.result", "user_id": None, **each}
                    for each in results
                ],
            }

        def answer(query: Query, headers: Mapping[str, str]) -> Answer:
            if headers.get("Authorization") != "Bearer sk-admin-1":
                return 401, b'{"error":{"message":"Missing scopes: api.usage.read"}}'
            known = {"start_time", "end_time", "bucket_width", "limit", "group_by[]", "page"}
            if set(query) - known or query["bucket_width"] != ["1m"]:
                return 400, b'{"error":{"message":"unknown parameter"}}'
            span = (int(query["start_time"][0]), int(query["end_time"][0]))
            return _paged(counted, kind, span, query, bucket)

        return answer

    for kind in (
        *("completions", "embeddings", "audio_transcriptions"),
        *("web_search_calls", "file_search_calls"),
    ):
        standing.routes[OPENAI + kind] = answering(kind)


def anthropic_usage(standing: Desk, counted: Counted) -> None:
    """`GET /v1/organizations/usage_report/messages`."""

    def bucket(since: float, results: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "starting_at": _text(since),
            "ending_at": _text(since + MINUTE),
            "results": [_message(each) for each in results],
        }

    def answer(query: Query, headers: Mapping[str, str]) -> Answer:
        if headers.get("X-Api-Key", headers.get("x-api-key")) != "sk-ant-admin-1":
            return 403, b'{"type":"error","error":{"type":"permission_error"}}'
        moments = (query["starting_at"][0], query["ending_at"][0])
        first, last = (int(datetime.fromisoformat(each).timestamp()) for each in moments)
        return _paged(counted, "messages", (first, last), query, bucket)

    standing.routes[ANTHROPIC] = answer


def _message(each: dict[str, Any]) -> dict[str, Any]:
    counts = dict(each)
    return {
        "uncached_input_tokens": counts.get("input", 0),
        "cache_creation": {
            "ephemeral_1h_input_tokens": counts.get("write_1h", 0),
            "ephemeral_5m_input_tokens": counts.get("write_5m", 0),
        },
        "cache_read_input_tokens": counts.get("read", 0),
        "output_tokens": counts.get("output", 0),
        "server_tool_use": {"web_search_requests": counts.get("searches", 0)},
        "api_key_id": None,
        "workspace_id": None,
        "model": counts["model"],
        "service_tier": counts["service_tier"],
        "context_window": None,
    }


def _paged(
    counted: Counted, kind: str, span: tuple[int, int], query: Query, bucket: Shape
) -> Answer:
    first, last = span
    limit = int(query["limit"][0])
    if not 0 < limit <= PAGE_MAX or first >= last:
        return 400, b'{"error":{"message":"limit or span"}}'
    starts = list(range(first // MINUTE * MINUTE, last, MINUTE))
    place = int(query.get("page", ["page_0"])[0].removeprefix("page_"))
    groups = query.get("group_by[]", [])
    data = [
        bucket(since, [{**group, **sums} for group, sums in counted.within(kind, since, groups)])
        for since in starts[place : place + limit]
    ]
    has_more = place + limit < len(starts)
    page = {
        "object": "page",
        "data": data,
        "has_more": has_more,
        "next_page": f"page_{place + limit}" if has_more else None,
    }
    return 200, json.dumps(page).encode()


def _text(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
