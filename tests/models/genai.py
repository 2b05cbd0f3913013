"""genai-prices as an oracle: the same usage, priced by the package that the documents come from."""

from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, Decimal, localcontext

from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import Usage as Reported

from models.price_compiling import rows_of
from sallim.prices import PriceList, Rates

SHIPPED = ("anthropic", "openai", "google", "openrouter", "deepseek", "groq", "mistral")
PROVIDERS = {each.id: each for each in get_snapshot().providers}
ROWS, LEFT_OUT = rows_of(PROVIDERS.values(), "genai-prices", 0, {})
RATES = {(row.provider, row.model): Rates.of(row) for row in ROWS}
PRICE_LIST = PriceList(ROWS)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def reported(usage):
    """Our usage as genai-prices wants it: totals, with their parts inside."""
    counts = dict(usage.tool_calls)
    return Reported(
        input_tokens=usage.prompt,
        cache_read_tokens=usage.cache_read,
        cache_write_tokens=usage.cache_write_5m + usage.cache_write_1h,
        cache_write_5m_tokens=usage.cache_write_5m,
        cache_write_1h_tokens=usage.cache_write_1h,
        input_audio_tokens=usage.audio_input + counts.get("cache_read_audio", 0),
        cache_audio_read_tokens=counts.get("cache_read_audio", 0),
        input_image_tokens=usage.media_input - counts.get("video_input", 0),
        input_video_tokens=counts.get("video_input", 0),
        cache_image_read_tokens=0,
        cache_video_read_tokens=0,
        output_tokens=usage.output + usage.reasoning,
        output_reasoning_tokens=usage.reasoning,
        output_audio_tokens=counts.get("audio_output", 0),
        output_image_tokens=counts.get("image_output", 0),
        web_searches=counts.get("web_search", 0),
        storage_searches=counts.get("file_search", 0),
        audio_seconds=counts.get("audio_seconds", 0),
        input_audio_seconds=counts.get("audio_seconds", 0),
    )


def moment(at_us):
    return EPOCH + timedelta(microseconds=at_us)


def nano_usd(provider, model, usage, at_us, context):
    """What genai-prices says, rounded up; a third of a second's price has no end in decimals."""
    with localcontext() as precise:
        precise.prec = 60
        total = model.calc_price(
            reported(usage),
            PROVIDERS[provider],
            genai_request_timestamp=moment(at_us),
            price_context=context,
        ).total_price
        exact = (total * 10**9).quantize(Decimal("1E-20"))
    return int(exact.to_integral_value(ROUND_CEILING))
