"""A rented machine: it reserves over the gateway, and has no ledger of its own."""

import asyncio
import json
import threading
import time
from contextlib import contextmanager, suppress

import pytest

import sallim
from sallim import guard
from sallim.guard.remote import RemotePurse
from sallim.guard.spending import close_all
from sallim.ledger.money_rows import RateRow
from tests.house import CHAT, MESSAGE
from tests.processes import free_port
from tests.sallim.guard.gateway import Gateway
from tests.sallim.money import asked, settlement
from tests.sallim.rows import MINUTE_US

pytestmark = pytest.mark.slow

TOKEN = "a-token-of-a-machine"  # noqa: S105


@contextmanager
def asked_instead(gateway, monkeypatch):
    """Of the ledger of the house, by whoever calls in here."""
    with gateway:
        monkeypatch.delenv("SALLIM_LEDGER")
        monkeypatch.setenv("SALLIM_URL", gateway.url)
        monkeypatch.setenv("SALLIM_TOKEN", TOKEN)
        yield gateway
        close_all()


@pytest.fixture
def hub(house, monkeypatch):
    with asked_instead(Gateway(house.accounts, TOKEN), monkeypatch) as hub:
        yield hub


def post(house, json=CHAT, **labels):
    with guard(base_urls=house.upstream.base_urls, **labels) as client:
        return client.post(f"{house.upstream.url}/openai/v1/chat/completions", json=json)


def test_calls_live_under_the_same_cap(house, hub):
    assert post(house).status_code == 200
    assert house.used == (house.upstream.bill_micro(), 0, 0)
    house.cap(1)
    error = post(house).json()["error"]

    left = 950_000 - house.upstream.bill_micro()
    assert (error["code"], error["bucket"]) == ("budget", "total")
    assert error["left_krw"] == f"0.{left:06d}"
    assert len(house.upstream.requests) == 1


def test_asynchronously_and_streamed(house, hub):
    async def work():
        async with house.async_openai() as sdk:
            stream = await sdk.chat.completions.create(**CHAT, stream=True)
            assert [chunk async for chunk in stream]
        async with house.async_anthropic() as sdk:
            await sdk.messages.create(**MESSAGE)

    asyncio.run(work())
    assert [row.state for row in house.ends(2)] == ["settled", "settled"]
    assert house.used == (house.upstream.bill_micro(), 0, 0)


def test_the_owners_own_prices_hold_there_too(house, hub):
    document = {"v": 1, "prices": [{"rates": {"input": 250_000_000, "output": 2_000_000_000}}]}
    row = RateRow("openai", "gpt-of-ones-own", "p-1", json.dumps(document), "owner", 1)
    house.accounts.put_rates([row])
    asked = {**CHAT, "model": "gpt-of-ones-own", "max_completion_tokens": 9}

    # The upstream stand-in has no price for it, and so no bill; it is asked all the same.
    house.upstream.faults = [400]
    assert post(house, json=asked).status_code == 400
    assert (house.row.state, house.row.price_id) == ("released", "p-1")


def test_who_began_while_the_hub_was_away_takes_its_prices_once_it_is_back(house, hub):
    """Not those that come with the package, which may be of another rate, for an hour."""
    hub.fault = 503
    assert post(house).json()["error"]["code"] == "ledger_unavailable"
    hub.fault = 0
    assert post(house).status_code == 200

    assert (house.row.fx_id, house.row.source) == ("fx-1", "usage")
    assert house.used == (house.upstream.bill_micro(), 0, 0)


def test_no_call_is_admitted_by_prices_that_the_hub_did_not_tell(house, hub):
    def answer(what, shape):
        return {"nothing": "of prices"} if what == "prices" else type(hub).answer(hub, what, shape)

    hub.answer = answer

    assert post(house).json()["error"]["code"] == "ledger_unavailable"
    assert (house.rows, house.upstream.requests) == ([], [])


def test_a_hub_that_does_not_answer_means_no(house, hub, monkeypatch):
    monkeypatch.setenv("SALLIM_URL", f"http://127.0.0.1:{free_port()}")
    close_all()
    for priority in ("optional", "important", "essential"):
        error = post(house, priority=priority).json()["error"]
        assert error["code"] == "ledger_unavailable"
        assert "SALLIM_URL" in error["message"]
    assert house.upstream.requests == []


@pytest.mark.parametrize("fault", [500, 404, 302])
def test_a_hub_that_answers_nonsense_means_no(house, hub, fault):
    hub.fault = fault

    assert post(house).json()["error"]["code"] == "ledger_unavailable"
    assert house.upstream.requests == []


def test_no_error_has_the_token_in_it(house, hub, monkeypatch, caplog):
    hub.token = "another"  # noqa: S105
    refused = post(house).text
    monkeypatch.setenv("SALLIM_URL", f"http://{TOKEN}.invalid:1")
    close_all()
    unreachable = post(house).text
    monkeypatch.setenv("SALLIM_TOKEN", f"{TOKEN}\n한국")
    close_all()
    strange = post(house).text

    assert "401" in refused
    assert json.loads(strange)["error"]["code"] == "no_ledger"
    for text in (refused, unreachable, strange, caplog.text):
        assert TOKEN not in text


def test_an_end_that_the_hub_was_not_told_is_told_with_the_next_call(house, hub):
    assert post(house).status_code == 200
    hub.fault = 0
    house.upstream.pace_seconds = 0.2

    def break_it():
        house.upstream.wait_for(2)
        hub.fault = 503

    thread = threading.Thread(target=break_it)
    thread.start()
    assert post(house).status_code == 200
    thread.join()
    assert sorted(row.state for row in house.rows) == ["open", "settled"]
    hub.fault = 0
    post(house)

    assert [row.state for row in house.rows] == ["settled"] * 3
    assert house.used == (house.upstream.bill_micro(), 0, 0)


class Meeting(Gateway):
    """Answers an end only when it is told another one at the same time."""

    def __enter__(self):
        self.both = threading.Barrier(2, timeout=10)
        return super().__enter__()

    def answer(self, what, shape):
        if what == "settle":
            self.both.wait()
        return super().answer(what, shape)


def test_two_threads_that_tell_what_waits_leave_nothing_out(house):
    with Meeting(house.accounts, TOKEN) as hub:
        purse = RemotePurse(hub.url, TOKEN)
        purse.tariff()
        now_us = time.time_ns() // 1_000
        for name in "ab":
            purse.reserve(asked(name, opened_us=now_us, expires_us=now_us + MINUTE_US))
        hub.fault = 503
        for name in "ab":
            purse.settle(name, 1, settlement())
        hub.fault = 0
        threads = [threading.Thread(target=purse.close) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert [row.state for row in house.rows] == ["settled"] * 2


class Slow(Gateway):
    """Reserves at once, and answers when it is let go."""

    def __enter__(self):
        self.begun, self.go = threading.Event(), threading.Event()
        return super().__enter__()

    def answer(self, what, shape):
        told = super().answer(what, shape)
        if what == "reserve":
            self.begun.set()
            self.go.wait(10)
        return told


async def cancelled_while(hub, doing):
    task = asyncio.ensure_future(doing)
    await asyncio.to_thread(hub.begun.wait, 10)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    hub.go.set()


@pytest.fixture
def slow_hub(house, monkeypatch):
    with asked_instead(Slow(house.accounts, TOKEN), monkeypatch) as hub:
        yield hub


def test_what_was_reserved_for_who_was_cancelled_meanwhile_is_released(house, slow_hub):
    async def main():
        async with guard.aclient(base_urls=house.upstream.base_urls) as client:
            url = f"{house.upstream.url}/openai/v1/chat/completions"
            await cancelled_while(slow_hub, client.post(url, json=CHAT))

    asyncio.run(main())
    (row,) = house.ends()
    assert (row.state, row.error) == ("released", "its caller left")
    assert (house.upstream.requests, house.used) == ([], (0, 0, 0))


def test_so_is_what_was_reserved_for_a_function(house, slow_hub):
    called = []

    @sallim.metered(provider="aligo", service="sms", cost="8.4 won")
    async def send():
        called.append(True)

    asyncio.run(cancelled_while(slow_hub, send()))
    assert [row.state for row in house.ends()] == ["released"]
    assert (called, house.used) == ([], (0, 0, 0))


def test_without_a_token_it_says_how_to_make_one(house, hub, monkeypatch):
    monkeypatch.delenv("SALLIM_TOKEN")

    assert "SALLIM_TOKEN" in post(house).json()["error"]["message"]


def test_a_gateway_that_tells_no_salt_is_sent_nothing_that_it_does_not_know(house, hub):
    """As an older one: it would refuse every call with a field more."""
    assert post(house, {**CHAT, "max_completion_tokens": 50}).status_code == 200

    assert (house.row.prompt_hash, house.row.prefix_hash, house.row.output_max) == ("", "", 0)
