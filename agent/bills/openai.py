"""OpenAI: what the organization is charged by UTC day, and what each model used by the minute.

Source: https://platform.openai.com/docs/api-reference/usage (shapes of openai 3.54.0). Tokens that
are cached, written to the cache, sound or images are inside the input.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from agent.net.asking import Asker
from agent.net.paging import read_pages
from models.costs.bills import Bill, Told, amount_of
from models.costs.minutes import TOOLS, Minute
from models.costs.used import Used, count_of, count_or_none, rest_of
from models.messages import say

BASE = "https://api.openai.com"
PROVIDER = "openai"
DAYS = 40
DAY_SECONDS = 86_400
PAGE_MINUTES = 1_440
SCOPE = say(
    "it takes an admin key of the organization (sk-admin-...) that may read usage, not a key for "
    "calls"
)
Result = Mapping[str, Any]


class OpenAiBill:
    """Not thread-safe."""

    def __init__(self, source: str, key: str, base: str = BASE) -> None:
        self._asker = Asker(source, {"Authorization": f"Bearer {key}"}, SCOPE)
        self._base = base

    def read(self, now: float) -> Told:
        """The last forty days, today's as far as it is. Raises SourceError."""
        params: dict[str, str | int] = {
            "start_time": int(now // DAY_SECONDS - DAYS) * DAY_SECONDS,
            "bucket_width": "1d",
            "group_by[]": "line_item",
            "limit": DAYS + 1,
        }
        url = f"{self._base}/v1/organization/costs"
        return Told(read_pages(self._asker, url, params, _bills))


def _bills(bucket: Mapping[str, Any]) -> list[Bill]:
    return [_bill(bucket, result) for result in bucket["results"]]


def _bill(bucket: Mapping[str, Any], result: Mapping[str, Any]) -> Bill:
    line = str(result.get("line_item") or "all")
    amount = result["amount"]
    return Bill(
        PROVIDER,
        float(bucket["start_time"]),
        float(bucket["end_time"]),
        line[:200],
        # "gpt-5-mini, input_tokens"; lines of other things name no model.
        line.partition(",")[0].strip()[:200] if "," in line else "",
        _quantity(result.get("quantity")),
        str(result.get("quantity_unit") or ""),
        amount_of(str(amount["value"]), str(amount["currency"])),
    )


def _quantity(value: Any) -> Decimal:
    return Decimal(value) if isinstance(value, int | Decimal) else Decimal(0)


class OpenAiUsage:
    """Not thread-safe."""

    provider = PROVIDER

    def __init__(self, source: str, key: str, base: str = BASE) -> None:
        self._asker = Asker(source, {"Authorization": f"Bearer {key}"}, SCOPE)
        self._base = base

    def read(self, since: float, until: float, *, with_tools: bool) -> list[Minute]:
        """Whole minutes of UTC. `with_tools`: searches too, which no token shows.

        Raises SourceError, and takes nothing over then.
        """
        span = {"start_time": int(since), "end_time": int(until)}
        by_tier = ["model", "service_tier", "batch"]
        minutes = self._asked("completions", {**span, "group_by[]": by_tier}, _completions)
        minutes += self._asked("embeddings", {**span, "group_by[]": "model"}, _embeddings)
        minutes += self._asked("audio_transcriptions", {**span, "group_by[]": "model"}, _heard)
        for tool in ("web_search_calls", "file_search_calls") if with_tools else ():
            minutes += self._asked(tool, span, _searches)
        return minutes

    def _asked(
        self,
        what: str,
        params: Mapping[str, str | int | list[str]],
        used: Callable[[Result], tuple[str, Used, int]],
    ) -> list[Minute]:
        def minutes(bucket: Mapping[str, Any]) -> list[Minute]:
            return [_minute(bucket, result, used) for result in bucket["results"]]

        url = f"{self._base}/v1/organization/usage/{what}"
        params = {**params, "bucket_width": "1m", "limit": PAGE_MINUTES}
        found = read_pages(self._asker, url, params, minutes)
        return [minute for minute in found if any(minute.used)]


def _minute(
    bucket: Mapping[str, Any], result: Result, used: Callable[[Result], tuple[str, Used, int]]
) -> Minute:
    model, counts, requests = used(result)
    tier = "batch" if result.get("batch") is True else str(result.get("service_tier") or "")[:40]
    since, until = count_of(bucket["start_time"]), count_of(bucket["end_time"])
    return Minute(float(since), float(until), model, counts, requests, tier)


def _completions(result: Result) -> tuple[str, Used, int]:
    sent, made = count_of(result["input_tokens"]), count_of(result["output_tokens"])
    cached = count_or_none(result.get("input_cached_tokens"))
    written = count_or_none(result.get("input_cache_write_tokens"))
    longer = count_or_none(result.get("input_cache_write_12h_tokens"))
    audio = count_or_none(result.get("input_audio_tokens"))
    media = count_or_none(result.get("input_image_tokens"))
    used = Used(
        input=rest_of(sent, cached, written, audio, media),
        cache_read=cached,
        cache_write_5m=rest_of(written, longer),
        cache_write_1h=longer,
        output=made,
        audio_input=audio,
        media_input=media,
    )
    return _model(result), used, count_of(result["num_model_requests"])


def _embeddings(result: Result) -> tuple[str, Used, int]:
    used = Used(input=count_of(result["input_tokens"]))
    return _model(result), used, count_of(result["num_model_requests"])


def _heard(result: Result) -> tuple[str, Used, int]:
    used = Used(audio_seconds=count_of(result["seconds"]))
    return _model(result), used, count_of(result["num_model_requests"])


def _searches(result: Result) -> tuple[str, Used, int]:
    number = count_of(result["num_requests"])
    return TOOLS, Used(web_search=number), number


def _model(result: Result) -> str:
    return str(result.get("model") or "")[:200]
