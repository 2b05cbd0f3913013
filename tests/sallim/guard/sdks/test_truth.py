"""At every moment admission holds, and in the end the ledger is what the upstream counted."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from google.genai import errors
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.sallim.guard.asked import CHAT, MESSAGE
from tests.sallim.guard.gateway import Gateway
from tests.sallim.guard.house import wav
from tests.sallim.money import WON

ROOT = Path(__file__).parents[4]
LATER_US = 2 * 3_600_000_000
PROGRAM = """
import json, random, sys, time
from sallim import guard
url, seed, calls, priority = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
chance = random.Random(seed)
names = {f"{url}/{name}": name for name in ("openai", "anthropic", "google")}
answers = {}
with guard(base_urls=names, priority=priority, timeout=2) as client:
    for _ in range(calls):
        model, path = chance.choice([
            ("gpt-5-mini", "/openai/v1/chat/completions"),
            ("gpt-4o-mini", "/openai/v1/chat/completions"),
            ("claude-haiku-4-5", "/anthropic/v1/messages")])
        body = {"model": model, "max_tokens": chance.choice([20, 500, 3000]),
                "messages": [{"role": "user", "content": "x" * chance.randrange(4000)}],
                "stream": chance.random() < 0.5}
        try:
            with client.stream("POST", url + path, json=body) as response:
                left = chance.choice([1, 5, 10**9]) if body["stream"] else 10**9
                for _ in response.iter_raw():
                    left -= 1
                    if left <= 0:
                        break
                answers[response.status_code] = answers.get(response.status_code, 0) + 1
        except Exception as error:
            name = type(error).__name__
            answers[name] = answers.get(name, 0) + 1
print(json.dumps(answers))
"""


def begin(house, seed, calls, hub=None):
    """A program with the ledger of this machine, or with a hub elsewhere."""
    arguments = [house.upstream.url, str(seed), str(calls), "essential"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    if hub is not None:
        del environment["SALLIM_LEDGER"]
        environment.update(SALLIM_URL=hub.url, SALLIM_TOKEN=hub.token)
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )


def committed(house):
    return sum(house.used)


def holds_until_they_end(house, programs, cap_micro, kill=None):
    """Looks all the while; `kill` is ended in the middle of its work."""
    end = time.monotonic() + 60
    looked = 0
    while any(program.poll() is None for program in programs):
        assert committed(house) <= cap_micro
        assert time.monotonic() < end
        looked += 1
        if kill is not None and len(house.upstream.requests) > 10:
            kill.send_signal(signal.SIGKILL)
            kill = None
        time.sleep(0.005)
    assert committed(house) <= cap_micro
    return looked


@pytest.mark.slow
@settings(
    max_examples=4,
    deadline=None,
    # An example takes seconds, and the order of several programs is not the same twice.
    phases=[Phase.generate],
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    seed=st.integers(0, 10**6),
    cap_won=st.sampled_from([30, 60, 4_000]),
    faults=st.lists(st.sampled_from([None, 503, 400, 500, "reset", "cut"]), max_size=12),
)
def test_programs_here_and_far_never_pass_a_cap_together(house, seed, cap_won, faults):
    house.accounts.forget(2**62, 2**62, str(Path(house.accounts.path).parent / "archive"))
    house.upstream.faults, house.upstream.bill = list(faults), []
    house.upstream.requests.clear()
    before = committed(house)
    known = {(row.call_id, row.attempt) for row in house.rows}
    house.cap(cap_won + -(-before // WON))
    cap_micro = (cap_won + -(-before // WON)) * WON

    with Gateway(house.accounts, "a-token") as hub:
        programs = [begin(house, f"{seed}-{number}", 12) for number in range(3)]
        programs += [begin(house, f"{seed}-far", 12, hub), begin(house, f"{seed}-dies", 50)]
        try:
            assert holds_until_they_end(house, programs, cap_micro, kill=programs[-1]) > 3
            said = [json.loads(program.stdout.read()) for program in programs[:-1]]
        finally:
            for program in programs:
                program.kill()
                program.wait()
                program.stdout.close()
    assert "reserve" in hub.asked
    assert all(sum(answers.values()) == 12 for answers in said)

    house.accounts.expire(time.time_ns() // 1_000 + LATER_US)
    counted = counts_what_was_charged(
        [row for row in house.rows if (row.call_id, row.attempt) not in known], house.upstream.bill
    )
    assert committed(house) - before == counted


def counts_what_was_charged(rows, bill):
    """To the micro-won where an answer was read, and never too little where it was not."""
    exact = [row.gross_micro for row in rows if row.source == "usage"]
    charged = [line.micro("1383") for line in bill]
    for amount in exact:
        charged.remove(amount)
    # What was cut, reset or killed costs at most what is counted for it.
    doubtful = [row.gross_micro for row in rows if row.source in ("estimated", "unverified")]
    assert len(charged) <= len(doubtful)
    assert sum(charged) <= sum(doubtful)
    assert all(row.gross_micro <= row.worst_micro for row in rows)
    return sum(exact) + sum(doubtful)


@pytest.mark.slow
def test_a_day_of_traffic_through_three_sdks_is_the_upstreams_own_bill(house):
    chance = random.Random(4)  # noqa: S311

    def words():
        return "x살 " * chance.randrange(1, 1_500)

    def gemini():
        return {"model": "gemini-2.5-flash", "contents": words()}

    def one_of(openai, anthropic, genai):
        chat = {**CHAT, "model": chance.choice(["gpt-5-mini", "gpt-4o-mini"])}
        chat["messages"] = [{"role": "user", "content": words()}]
        message = {**MESSAGE, "messages": chat["messages"]}
        kept = {"type": "ephemeral", "ttl": chance.choice(["5m", "1h"])}
        system = [{"type": "text", "text": words(), "cache_control": kept}]
        return chance.choice(
            [
                lambda: openai.chat.completions.create(**chat),
                lambda: list(openai.chat.completions.create(**chat, stream=True)),
                lambda: openai.responses.create(model="gpt-5-mini", input=words()),
                lambda: list(
                    openai.responses.create(model="gpt-5-mini", input=words(), stream=True)
                ),
                lambda: openai.embeddings.create(model="text-embedding-3-small", input=words()),
                lambda: openai.audio.transcriptions.create(
                    model="whisper-1", file=("a.wav", wav(chance.random() * 20))
                ),
                lambda: anthropic.messages.create(**message, system=system),
                lambda: list(anthropic.messages.create(**message, stream=True)),
                lambda: genai.models.generate_content(**gemini()),
                lambda: list(genai.models.generate_content_stream(**gemini())),
                lambda: genai.models.count_tokens(**gemini()),
            ]
        )

    async def beside():
        async with (
            house.async_openai() as openai,
            house.async_anthropic() as anthropic,
            house.async_genai() as genai,
        ):
            body = {**CHAT, "max_completion_tokens": 500}
            await asyncio.gather(
                *(openai.chat.completions.create(**body) for _ in range(10)),
                *(anthropic.messages.create(**MESSAGE) for _ in range(10)),
                *(genai.models.generate_content(**gemini()) for _ in range(10)),
            )

    house.upstream.faults = [503 if chance.random() < 0.1 else None for _ in range(100)]
    with house.openai() as openai, house.anthropic() as anthropic, house.genai() as genai:
        for _ in range(150):
            # Google's SDK does not try again by itself.
            with suppress(errors.ServerError):
                one_of(openai, anthropic, genai)()
    house.upstream.faults = []
    asyncio.run(beside())

    rows = house.rows
    assert {row.provider for row in rows} == {"openai", "anthropic", "google"}
    assert {row.state for row in rows} == {"settled", "released"}
    assert {row.source for row in rows if row.state == "settled"} == {"usage"}
    assert house.used == (house.upstream.bill_micro(), 0, 0)
    assert len(house.upstream.bill) == sum(row.state == "settled" for row in rows)
    assert json.dumps(house.upstream.bill_micro()).isdecimal()
