"""What the guard refuses by itself is written down as what the ledger refuses, with why."""

import asyncio

import pytest

from sallim import guard
from sallim.guard.spending import close_all
from tests.house import CHAT
from tests.sallim.guard.gateway import Gateway

TOKEN = "a-token-of-a-machine"  # noqa: S105
CHATS, PICTURES = "/openai/v1/chat/completions", "/openai/v1/images/generations"


def post(house, path, json=CHAT, **labels):
    with guard(base_urls=house.upstream.base_urls, **labels) as client:
        return client.post(f"{house.upstream.url}{path}", json=json)


def noted(house):
    return [
        (row.code, row.provider, row.model, row.calls, row.bucket_id, row.needed_micro)
        for row in house.accounts.refusals_since(0, 100)
    ]


@pytest.mark.parametrize(
    ("path", "more", "row"),
    [
        (CHATS, {"model": "gpt-none"}, ("unknown_model", "openai", "gpt-none", 1, "", 0)),
        (PICTURES, {}, ("unpriced_path", "openai", PICTURES, 1, "", 0)),
        (CHATS, {"plugins": [1]}, ("unpriced_tool", "openai", CHAT["model"], 1, "", 0)),
        (CHATS, {"model": 7}, ("unreadable_request", "openai", "/v1/chat/completions", 1, "", 0)),
    ],
)
def test_each_reason_is_written_down(house, path, more, row):
    assert post(house, path, {**CHAT, **more}).status_code == 402
    close_all()

    assert noted(house) == [row]
    assert house.rows == []


def test_an_address_that_is_nobodys_is_the_path(house):
    with guard() as client:
        refused = client.post("http://127.0.0.1:4000/v1/chat/completions", json=CHAT)
    close_all()

    assert "http://127.0.0.1:4000" in refused.json()["error"]["message"]
    address = "http://127.0.0.1:4000/v1/chat/completions"
    assert noted(house) == [("unknown_host", "", address, 1, "", 0)]


def test_many_are_one_row(house):
    async def work():
        async with guard.aclient(base_urls=house.upstream.base_urls) as client:
            for _ in range(50):
                await client.post(f"{house.upstream.url}{PICTURES}", json={})

    asyncio.run(work())
    close_all()

    assert sum(row[3] for row in noted(house)) == 50
    # Two where a minute ended meanwhile.
    assert len(noted(house)) <= 2


def test_without_a_ledger_nothing_is_noted_and_the_call_is_refused_all_the_same(house, monkeypatch):
    monkeypatch.setenv("SALLIM_LEDGER", "off")

    assert post(house, PICTURES).json()["error"]["code"] == "unpriced_path"
    assert noted(house) == []


@pytest.mark.slow
def test_a_machine_elsewhere_tells_the_hub(house, monkeypatch):
    with Gateway(house.accounts, TOKEN) as gateway:
        monkeypatch.delenv("SALLIM_LEDGER")
        monkeypatch.setenv("SALLIM_URL", gateway.url)
        monkeypatch.setenv("SALLIM_TOKEN", TOKEN)
        for _ in range(3):
            assert post(house, PICTURES).status_code == 402
        close_all()

    assert sum(row[3] for row in noted(house)) == 3
