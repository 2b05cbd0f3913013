"""Files that come in parts: to the gateway alone, with its key, wherever Google says they go."""

import asyncio
import io

import httpx
import pytest

from agent.gateway.refusing import Refused
from agent.gateway.uploads import REMEMBERED_MAX, REMEMBERED_SECONDS, Uploads
from agent.gateway.upstreams import Upstream
from data.tokens import revoke
from tests.agent.gateway.house import KEYS
from tests.agent.gateway.test_faults import ODD
from tests.standins.scripted import Scripted, answer

GOOGLE = Upstream("google", "google", "https", "google.example", 443, b"/api", "", None)
START = {"X-Goog-Upload-Protocol": "resumable", "X-Goog-Upload-Command": "start"}
VIDEO = {"mime_type": "video/mp4"}
NINE_MB = b"v" * 9_000_000
"""More than a part of google-genai, which takes 8 MB."""


def all_by_the_gateway(house) -> None:
    """Every request bore the house's key, and none of them the caller's token."""
    assert house.token not in repr(house.upstream.requests)
    shown = {headers["x-goog-api-key"] for _, _, headers, _ in house.upstream.requests}
    assert shown == {KEYS["google"]}


@pytest.mark.slow
@pytest.mark.parametrize("base", ["", "/gemini", "/w/ocr/google"])
def test_a_video_is_uploaded_polled_watched_and_deleted(house, base):
    from google import genai
    from google.genai import types

    options = types.HttpOptions(base_url=house.url + base)
    with genai.Client(api_key=house.token, http_options=options) as sdk:
        file = sdk.files.upload(file=io.BytesIO(NINE_MB), config=VIDEO)
        assert file.state is types.FileState.ACTIVE
        sdk.files.get(name=file.name)
        sdk.models.generate_content(model="gemini-2.5-flash", contents=[file, "What is seen?"])
        sdk.files.delete(name=file.name)

    assert house.upstream.parts == [NINE_MB]
    all_by_the_gateway(house)
    house.equals_the_bill(1)
    # Bounded by the twelve seconds that the answer to the last part told of.
    assert house.row.worst_micro < 400_000_000


@pytest.mark.slow
def test_asynchronously_as_well(house):
    from google import genai
    from google.genai import types

    async def work():
        client = genai.Client(
            api_key=house.token, http_options=types.HttpOptions(base_url=house.url)
        )
        async with client.aio as sdk:
            file = await sdk.files.upload(file=io.BytesIO(NINE_MB), config=VIDEO)
            await sdk.files.delete(name=file.name)

    asyncio.run(work())
    assert house.upstream.parts == [NINE_MB]
    all_by_the_gateway(house)


def begun(house, path="/upload/v1beta/files", token=None) -> str:
    said = house.post(path, json={}, headers=START, token=token)
    assert said.status_code == 200
    return said.headers["x-goog-upload-url"]


def ended(address: str) -> httpx.Response:
    """Without a token: whoever knows the address goes on with the upload."""
    headers = {"X-Goog-Upload-Command": "upload, finalize", "X-Goog-Upload-Offset": "0"}
    return httpx.post(address, content=b"video", headers=headers, trust_env=False)


@pytest.mark.slow
def test_the_address_is_the_gateways_and_says_nothing_of_where_it_leads(house):
    address = begun(house)

    assert address.startswith(f"{house.url}/v1/sallim/upload/")
    assert "upload_id" not in address
    assert str(house.upstream.port) not in address
    assert house.token not in address
    assert ended(address).json()["file"]["state"] == "ACTIVE"
    assert ended(f"{address}x").status_code == 404


@pytest.mark.slow
def test_it_is_worth_as_much_as_the_token_that_began_it(house):
    address = begun(house, token=house.made("guest"))
    revoke(house.home, "guest", 1.0)

    assert ended(address).status_code == 401
    assert house.upstream.parts == [b""]


@pytest.mark.slow
@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:1/upload",
        "https://127.0.0.1/upload",
        "//127.0.0.1/upload",
        "http://127.0.0.1:99999/upload",
        "nowhere",
    ],
)
def test_no_address_of_somebody_else_is_asked_or_handed_on(closed_house, address):
    more = f"X-Goog-Upload-URL: {address}\r\n"
    with Scripted(answer(b"{}", more=more)) as provider:
        settings = ODD.format(url=provider.url)
        closed_house.settings = settings.replace('provider = "openai"', 'provider = "google"')
        closed_house.started()
        said = closed_house.post("/odd/upload/v1beta/files", json={}, headers=START)

    assert said.status_code == 502
    assert "x-goog-upload-url" not in said.headers
    assert address not in said.text


@pytest.mark.slow
def test_an_upload_that_leads_to_what_costs_money_is_reserved(closed_house):
    with Scripted(b"") as provider:
        place = f"{provider.url}/v1beta/models/gemini-2.5-flash:generateContent"
        provider.answer = answer(b"{}", more=f"X-Goog-Upload-URL: {place}\r\n")
        settings = ODD.format(url=provider.url)
        closed_house.settings = settings.replace('provider = "openai"', 'provider = "google"')
        closed_house.started()
        closed_house.cap(0.001)
        address = begun(closed_house, "/odd/upload/v1beta/files")

        assert httpx.post(address, json={"contents": []}, trust_env=False).status_code == 402
    assert len(provider.requests) == 1


def test_an_address_leads_to_the_path_below_the_provider_for_some_hours():
    now = [0.0]
    uploads = Uploads(lambda: now[0])
    google = b"https://google.example/api/upload/v1beta/files?upload_id=7&key=a"
    own = uploads.own_address(google, GOOGLE, "token", "http://hub:4000").decode()
    path = own.removeprefix("http://hub:4000")

    found = uploads.find(path)
    assert found[:3] == (b"/google/upload/v1beta/files", b"upload_id=7&key=a", "token")
    now[0] += REMEMBERED_SECONDS + 1
    with pytest.raises(Refused) as gone:
        uploads.find(path)
    assert gone.value.status == 404


def test_the_oldest_are_forgotten():
    uploads = Uploads(lambda: 0.0)
    own = [
        uploads.own_address(b"https://google.example/api/u", GOOGLE, "token", "").decode()
        for _ in range(REMEMBERED_MAX + 1)
    ]

    assert uploads.find(own[-1]).token == "token"  # noqa: S105
    with pytest.raises(Refused):
        uploads.find(own[0])


@pytest.mark.parametrize(
    "address",
    [
        b"https://google.example/other/upload",
        b"https://google.example/apiary",
        b"https://google.example:444/api/upload",
        b"https://google.example.evil/api/upload",
        b"https://user@evil/api/upload",
        b"http://google.example/api/upload",
        b"https://google.example/api/" + b"u" * 5_000,
        b"https://google.example\xff/api/u",
        b"",
    ],
)
def test_only_the_providers_own_host_and_what_is_below_its_path(address):
    with pytest.raises(Refused) as no:
        Uploads().own_address(address, GOOGLE, "token", "http://hub")
    assert no.value.status == 502
