"""A day of traffic through three SDKs: some over the gateway, some over a guard, one ledger."""

import asyncio
from contextlib import contextmanager

import pytest

from tests.sallim.guard.house import GuardedHouse
from tests.traffic import Clients, Day

pytestmark = pytest.mark.slow


@contextmanager
def by_way_of(house):
    """The SDKs as a person configures them: a base URL and a token."""
    import anthropic
    import openai
    from google import genai
    from google.genai import types

    options = types.HttpOptions(base_url=f"{house.url}/w/ocr")
    with (
        openai.OpenAI(api_key=house.token, base_url=f"{house.url}/w/ocr/v1") as one,
        anthropic.Anthropic(api_key=house.token, base_url=f"{house.url}/w/ocr") as other,
        genai.Client(api_key=house.token, http_options=options) as third,
    ):
        yield Clients(one, other, third)


async def at_once_by_way_of(house, day: Day, times: int) -> None:
    import anthropic
    import openai
    from google import genai
    from google.genai import types

    options = types.HttpOptions(base_url=house.url)
    google = genai.Client(api_key=house.token, http_options=options)
    async with (
        openai.AsyncOpenAI(api_key=house.token, base_url=f"{house.url}/v1") as one,
        anthropic.AsyncAnthropic(api_key=house.token, base_url=house.url) as other,
        google.aio as third,
    ):
        await asyncio.gather(*(day.work_async(Clients(one, other, third)) for _ in range(times)))


def test_a_day_through_the_gateway_and_guards_is_the_upstreams_own_bill(house, monkeypatch):
    monkeypatch.setenv("SALLIM_LEDGER", str(house.home.ledger))
    near, day = GuardedHouse(house.accounts, house.upstream), Day(29)
    house.upstream.faults = day.faults(150)
    with by_way_of(house) as sdks:
        day.work(sdks, rounds=5)
    with near.openai() as openai, near.anthropic() as anthropic, near.genai() as google:
        day.work(Clients(openai, anthropic, google), rounds=3)
    house.upstream.faults = []
    asyncio.run(at_once_by_way_of(house, day, 5))

    house.ends(170)
    house.is_the_bill()
    assert {(row.provider, row.key_label) for row in house.rows} == {
        (provider, label)
        for provider in ("openai", "anthropic", "google")
        for label in ("laptop", "")
    }
    assert any(row.stream for row in house.rows)
    assert any(row.attempt > 1 for row in house.rows)
    assert house.token not in repr(house.upstream.requests)
