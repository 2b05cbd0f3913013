"""A call that must not be sent: HTTP 402 with JSON, exactly one attempt, nothing sent."""

import asyncio
import tomllib

import anthropic
import openai
import pytest
from google.genai import errors

import sallim
from sallim import guard
from sallim.guard import telling
from sallim.guard.loading import http_module
from sallim.prices import lines_to_paste
from tests.sallim.guard.asked import CHAT, GEMINI, MESSAGE
from tests.sallim.guard.house import KEY
from tests.sallim.money import WON


def error_of(raised) -> dict:
    """The table `error` of the body, wherever that SDK keeps it."""
    error = raised.value
    body = getattr(error, "body", None) or getattr(error, "details", None)
    return body.get("error", body)


def refused_once(house, raised, status):
    assert status == 402
    assert house.upstream.requests == []
    assert house.rows == []
    error = error_of(raised)
    assert error["type"] == "budget_exceeded"
    assert error["code"] == "budget"
    assert error["bucket"] == "total"
    assert error["left_krw"] == "0.950000"
    assert float(error["needed_krw"]) > 0.95
    assert error["resets_at"].endswith("Z")
    assert "sallim.toml" in error["how_to_raise"]
    (refusal,) = house.accounts.refusals_since(0, 10)
    assert refusal.calls == 1


def test_openai_asks_once(house):
    house.cap(1)
    with house.openai() as sdk, pytest.raises(openai.APIStatusError) as raised:
        sdk.chat.completions.create(**CHAT)

    refused_once(house, raised, raised.value.status_code)


def test_a_stream_of_openai_asks_once(house):
    house.cap(1)
    with house.openai() as sdk, pytest.raises(openai.APIStatusError) as raised:
        sdk.chat.completions.create(**CHAT, stream=True)

    refused_once(house, raised, raised.value.status_code)


def test_anthropic_asks_once(house):
    house.cap(1)
    with house.anthropic() as sdk, pytest.raises(anthropic.APIStatusError) as raised:
        sdk.messages.create(**{**MESSAGE, "max_tokens": 4_000})

    refused_once(house, raised, raised.value.status_code)


def test_google_asks_once(house):
    house.cap(1)
    with house.genai() as sdk, pytest.raises(errors.ClientError) as raised:
        sdk.models.generate_content(**GEMINI)

    refused_once(house, raised, raised.value.response.status_code)


def test_all_of_them_ask_once_asynchronously(house):
    house.cap(1)

    async def work():
        async with house.async_openai() as sdk:
            with pytest.raises(openai.APIStatusError):
                await sdk.chat.completions.create(**CHAT)
        async with house.async_anthropic() as sdk:
            with pytest.raises(anthropic.APIStatusError):
                await sdk.messages.create(**{**MESSAGE, "max_tokens": 4_000})
        async with house.async_genai() as sdk:
            with pytest.raises(errors.ClientError):
                await sdk.models.generate_content(**GEMINI)

    asyncio.run(work())

    assert house.upstream.requests == []
    assert sum(refusal.calls for refusal in house.accounts.refusals_since(0, 10)) == 3


def post(house, path="/openai/v1/chat/completions", flavour=None, body=CHAT, **labels):
    with guard(flavour, base_urls=house.upstream.base_urls, **labels) as client:
        return client.post(house.upstream.url + path, json=body)


@pytest.mark.parametrize("flavour", ["httpx", "httpx2"])
def test_a_plain_client_gets_a_response_and_no_exception(house, flavour):
    house.cap(1)
    response = post(house, flavour=flavour)

    assert response.status_code == 402
    assert response.headers["content-type"] == "application/json"
    assert response.json()["error"]["code"] == "budget"


@pytest.mark.parametrize("flavour", ["httpx", "httpx2"])
def test_a_plain_client_is_metered(house, flavour):
    assert post(house, flavour=flavour).status_code == 200
    assert house.used == (house.upstream.bill_micro(), 0, 0)


def test_priorities_stop_at_their_parts_of_the_cap(house):
    worst = post(house) and house.row.worst_micro
    used = house.used[0]
    # Room for one more, of the whole; not of 95 %, nor of 90 %.
    house.accounts.put_budgets([budget_of(used + worst + 10)], house.months)

    assert post(house, priority="optional").status_code == 402
    assert post(house, priority="important").status_code == 402
    assert post(house, priority="essential").status_code == 200


def budget_of(cap_micro):
    from tests.sallim.money import budget

    return budget(cap_micro=cap_micro)


def test_without_any_budget_it_says_how_to_set_one(house):
    house.accounts.put_budgets([], house.months)
    error = post(house).json()["error"]

    assert error["code"] == "no_budget"
    assert "[budget] in sallim.toml" in error["message"]
    assert house.upstream.requests == []


def test_without_a_month_it_says_so(house):
    from tests.sallim.money import SEOUL, budget

    house.accounts.put_budgets([budget(calendar=f"{SEOUL}-2")], house.months)

    assert post(house).json()["error"]["code"] == "no_period"


def test_an_unknown_model_is_refused_with_the_lines_to_paste_and_told_once(house, caplog):
    first = post(house, body={**CHAT, "model": "gpt-9-nova"}).json()["error"]
    post(house, body={**CHAT, "model": "gpt-9-nova"})

    assert first["code"] == "unknown_model"
    assert '[[price]]\nname = "gpt-9-nova"\nprovider = "openai"' in first["how_to_raise"]
    assert "python -m agent prices update" in first["how_to_raise"]
    assert sum("gpt-9-nova" in record.message for record in caplog.records) == 1
    assert "model openai gpt-9-nova" in telling.told
    assert house.upstream.requests == []


@pytest.mark.parametrize(
    "path",
    [
        "/openai/v1/images/generations",
        "/openai/v1/batches",
        "/openai/v1/fine_tuning/jobs",
        "/openai/v1/audio/speech",
        "/openai/v1/realtime/sessions",
        "/anthropic/v1/messages/batches",
        "/anthropic/v1/complete",
        "/google/v1beta/cachedContents",
        "/google/v1beta/models/veo-3:predictLongRunning",
        "/google/v1beta/models/gemini-2.5-flash:batchGenerateContent",
    ],
)
def test_a_path_without_a_price_is_refused_by_name(house, path):
    error = post(house, path).json()["error"]

    assert error["code"] == "unpriced_path"
    assert path.partition("/v1")[2].rpartition("/")[2] in error["message"]
    assert house.upstream.requests == []


def test_a_socket_is_refused(house):
    with guard(base_urls=house.upstream.base_urls) as client:
        response = client.get(
            f"{house.upstream.url}/openai/v1/responses", headers={"Upgrade": "websocket"}
        )

    assert response.json()["error"]["code"] == "unpriced_path"


def test_an_address_of_nobody_is_refused(house):
    with guard() as client:
        response = client.post("https://api.example.org/v1/chat/completions", json=CHAT)

    assert response.json()["error"]["code"] == "unknown_host"
    assert "base_urls" in response.json()["error"]["how_to_raise"]


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b'{"messages": []}', b'{"model": 3}', b"[" * 100_000]
)
def test_a_body_that_cannot_be_read_is_refused(house, content):
    with guard(base_urls=house.upstream.base_urls) as client:
        response = client.post(f"{house.upstream.url}/openai/v1/chat/completions", content=content)

    assert response.json()["error"]["code"] == "unreadable_request"


def test_what_is_beyond_any_price_is_refused(house):
    error = post(house, body={**CHAT, "max_tokens": 10**30}).json()["error"]

    assert error["code"] in ("budget", "unbounded")
    assert house.upstream.requests == []


def test_without_a_ledger_it_says_where_to_set_one(house, monkeypatch):
    monkeypatch.delenv("SALLIM_LEDGER")

    assert post(house).json()["error"]["code"] == "no_ledger"
    monkeypatch.setenv("SALLIM_LEDGER", "off")
    assert post(house).json()["error"]["code"] == "no_ledger"


def test_a_model_of_ones_own_costs_nothing_also_when_all_is_used(house):
    house.cap(0)
    local = {f"{house.upstream.url}/openai": "local"}
    with guard(base_urls=local) as client:
        response = client.post(
            f"{house.upstream.url}/openai/v1/chat/completions", json={**CHAT, "model": "gpt-5-mini"}
        )

    assert response.status_code == 200
    row = house.row
    assert (row.provider, row.state, row.gross_micro, row.worst_micro) == ("local", "settled", 0, 0)
    assert row.tokens.output > 0


def test_a_model_of_ones_own_needs_no_budget(house):
    house.accounts.put_budgets([], house.months)
    local = {f"{house.upstream.url}/openai": "local"}
    with guard(base_urls=local) as client:
        response = client.post(f"{house.upstream.url}/openai/v1/chat/completions", json=CHAT)

        stream = client.post(
            f"{house.upstream.url}/openai/v1/chat/completions", json={**CHAT, "stream": True}
        )

    assert response.status_code == stream.status_code == 200
    assert house.rows == []
    # Nothing is written down, so the request stays as it was and no chunk is to be hidden.
    assert "stream_options" not in house.upstream.requests[1][3]
    assert b'"choices": []' not in stream.content


def test_a_call_within_a_job_has_its_name_and_key(house):
    with sallim.job("analysis", key="video-17") as job, job.stage("ocr"):
        post(house)
    post(house, analysis="other", key="k")
    post(house)

    told = [(row.analysis, row.job_key) for row in house.rows]
    assert told == [("analysis", "video-17"), ("other", "k"), ("", "")]


def test_buckets_of_labels(house):
    post(house, workflow="ocr", analysis="video", api_key_label="laptop")

    assert house.row.buckets == (
        *("total", "api", "provider:openai", "workflow:ocr", "analysis:video", "key:laptop"),
    )


def test_a_workflow_has_a_budget_of_its_own(house):
    from tests.sallim.money import budget

    house.accounts.put_budgets(
        [budget(cap_micro=15_000 * WON), budget("workflow:ocr", WON)], house.months
    )

    assert post(house, workflow="ocr").json()["error"]["bucket"] == "workflow:ocr"
    assert post(house, workflow="video").status_code == 200


def test_words_that_cannot_be_are_told_when_the_client_is_made():
    with pytest.raises(ValueError, match="priority"):
        guard(priority="urgent")
    with pytest.raises(ValueError, match="base_urls"):
        guard(base_urls={"api.openai.com": "openai"})
    with pytest.raises(ValueError, match="flavour"):
        guard("requests")
    with pytest.raises(TypeError, match="colour"):
        guard.transport(colour="red")


def test_a_transport_of_ones_own_below_a_client_of_ones_own(house):
    httpx = http_module("httpx")

    def answer(request):
        return httpx.Response(200, json={"usage": {"prompt_tokens": 3, "completion_tokens": 4}})

    inner = httpx.MockTransport(answer)
    with httpx.Client(transport=guard.transport(inner, "httpx")) as client:
        response = client.post("https://api.openai.com/v1/chat/completions", json=CHAT)

    assert response.json()["usage"]["completion_tokens"] == 4
    assert house.row.nano_usd == 3 * 250 + 4 * 2_000


def test_the_key_is_never_written_down(house, tmp_path):
    with house.openai() as sdk:
        sdk.chat.completions.create(**CHAT)

    assert KEY.encode() not in b"".join(
        file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()
    )


def test_a_loop_over_models_does_not_fill_the_log(house, caplog):
    with guard(base_urls=house.upstream.base_urls) as client:
        for number in range(telling.KINDS_MAX + 5):
            name = f"gpt {number}"
            body = {"model": name, "messages": []}
            refused = client.post(f"{house.upstream.url}/openai/v1/chat/completions", json=body)

    assert refused.status_code == 402
    assert len(caplog.records) == telling.KINDS_MAX


@pytest.mark.parametrize("model", ["gpt\nERROR the house burns", "\x1b[2Jgpt", "\u202egpt"])
def test_a_model_whose_name_is_no_name_is_refused_and_logged_nowhere(house, caplog, model):
    with guard(base_urls=house.upstream.base_urls) as client:
        address = f"{house.upstream.url}/openai/v1/chat/completions"
        refused = client.post(address, json={"model": model, "messages": []})

    assert refused.json()["error"]["code"] == "unreadable_request"
    assert caplog.records == []
    telling.tell_once("odd", f"the model {model}")
    assert caplog.records[0].getMessage().isprintable()


@pytest.mark.parametrize("model", ["gpt-\U0001f600", 'a"b\\c', "\ubaa8\ub378", 'x]"\t"'])
def test_lines_to_paste_say_exactly_that_model(model):
    text = "\n".join(lines_to_paste("openai", model))

    assert tomllib.loads(text)["price"][0]["model"] == model
