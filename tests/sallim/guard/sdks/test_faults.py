"""What goes wrong between the guard and the provider, and what it is taken to have cost."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import anthropic
import openai
import pytest

from sallim import guard
from tests.processes import free_port
from tests.sallim.guard.asked import CHAT, MESSAGE

ROOT = Path(__file__).parents[4]
LATER_US = 2 * 3_600_000_000


def now_us():
    return time.time_ns() // 1_000


def test_each_retry_is_reserved_by_itself(house):
    house.upstream.faults = [503, 503]
    with house.openai() as sdk:
        sdk.chat.completions.create(**CHAT)

    assert house.upstream.attempts == 3
    rows = sorted(house.rows, key=lambda row: row.opened_us)
    assert [(row.attempt, row.state) for row in rows] == [
        (1, "released"),
        (2, "released"),
        (3, "settled"),
    ]
    assert house.used == (house.upstream.bill_micro(), 0, 0)


def test_retries_of_anthropic(house):
    house.upstream.faults = [529, 429]
    with house.anthropic() as sdk:
        sdk.messages.create(**MESSAGE)

    assert sorted(row.state for row in house.rows) == ["released", "released", "settled"]
    assert house.used == (house.upstream.bill_micro(), 0, 0)


@pytest.mark.parametrize("status", [400, 401, 404, 413, 422])
def test_what_the_provider_refuses_costs_nothing(house, status):
    house.upstream.faults = [status]
    with house.openai() as sdk, pytest.raises(openai.APIStatusError):
        sdk.chat.completions.create(**CHAT)

    assert (house.row.state, house.row.status) == ("released", status)
    assert house.used == (0, 0, 0)


@pytest.mark.parametrize("fault", ["hang", "reset", 500, 504])
def test_what_was_sent_and_not_answered_is_counted_at_its_worst(house, fault):
    house.upstream.faults = [fault]
    with house.openai() as sdk, pytest.raises(openai.APIError):
        sdk.with_options(max_retries=0, timeout=0.3).chat.completions.create(**CHAT)

    assert house.row.state == "open"
    (expired,) = house.accounts.expire(now_us() + LATER_US)
    assert expired.state == "unverified"
    assert house.used == (0, 0, expired.worst_micro)


def test_what_never_reached_anybody_is_released(house):
    url = f"http://127.0.0.1:{free_port()}"
    with guard(base_urls={url: "openai"}) as client, pytest.raises(Exception, match="onnect"):
        client.post(f"{url}/v1/chat/completions", json=CHAT)

    assert (house.row.state, house.row.error) == ("released", "ConnectError")
    assert house.used == (0, 0, 0)


def test_what_never_reached_anybody_asynchronously(house):
    url = f"http://127.0.0.1:{free_port()}"

    async def work():
        async with guard.aclient(base_urls={url: "openai"}) as client:
            with pytest.raises(Exception, match="onnect"):
                await client.post(f"{url}/v1/chat/completions", json=CHAT)

    asyncio.run(work())
    assert house.row.state == "released"


def test_a_call_that_is_cancelled_while_it_is_answered_stays_counted(house):
    house.upstream.faults = ["hang"]

    async def work():
        async with house.async_anthropic() as sdk:
            task = asyncio.ensure_future(sdk.messages.create(**MESSAGE))
            while not house.upstream.requests:
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(work())
    assert house.row.state == "open"
    assert house.used[1] == house.row.worst_micro


def test_calls_side_by_side_do_not_pass_the_cap_together(house):
    with house.anthropic() as sdk:
        sdk.messages.create(**MESSAGE)
    worst = house.row.worst_micro
    won = (house.used[0] + 5 * worst) // 950_000 + 1
    house.cap(won)

    async def work():
        house.upstream.pace_seconds = 0.3
        async with house.async_anthropic() as sdk:
            calls = [sdk.messages.create(**MESSAGE) for _ in range(12)]
            return await asyncio.gather(*calls, return_exceptions=True)

    answers = asyncio.run(work())
    refused = [each for each in answers if isinstance(each, anthropic.APIStatusError)]
    assert {each.status_code for each in refused} == {402}
    assert 5 <= 12 - len(refused) <= 6
    assert house.used == (house.upstream.bill_micro(), 0, 0)


KILLED = """
import sys
from sallim import guard
with guard(base_urls={sys.argv[1] + "/openai": "openai"}) as client:
    client.post(sys.argv[1] + "/openai/v1/chat/completions", json={
        "model": "gpt-5-mini", "messages": [{"role": "user", "content": "x"}],
        "max_completion_tokens": 100})
"""


@pytest.mark.slow
def test_a_program_that_is_killed_between_reserve_and_settle(house):
    house.upstream.faults = ["hang"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, house.upstream.url], env=environment, cwd=ROOT
    )
    house.upstream.wait_for(1)
    process.send_signal(signal.SIGKILL)
    process.wait()

    assert house.row.state == "open"
    assert house.row.pid == process.pid
    worst = house.row.worst_micro
    assert house.used == (0, worst, 0)
    house.accounts.expire(now_us() + LATER_US)
    assert house.used == (0, 0, worst)
