"""A quota that is full: HTTP 429, of which the SDKs make one attempt as well."""

import anthropic
import openai
import pytest
from google.genai import errors

from sallim.ledger.quota_rows import Quota
from tests.house import CHAT, GEMINI, MESSAGE
from tests.sallim.guard.sdks.test_refusals import error_of


@pytest.fixture
def full(house):
    """No call is left."""
    house.accounts.put_quotas([Quota("free:hour", "", "", "", "", 0, 3_600_000_000, "")])
    return house


def refused_once(house, raised, status):
    assert status == 429
    assert house.upstream.requests == []
    assert house.rows == []
    error = error_of(raised)
    assert (error["code"], error["bucket"]) == ("quota", "quota:free:hour")
    (refusal,) = house.accounts.refusals_since(0, 10)
    assert refusal.calls == 1


def test_openai_asks_once(full):
    with full.openai() as sdk, pytest.raises(openai.RateLimitError) as raised:
        sdk.chat.completions.create(**CHAT)

    refused_once(full, raised, raised.value.status_code)


def test_anthropic_asks_once(full):
    with full.anthropic() as sdk, pytest.raises(anthropic.RateLimitError) as raised:
        sdk.messages.create(**MESSAGE)

    refused_once(full, raised, raised.value.status_code)


def test_google_asks_once(full):
    with full.genai() as sdk, pytest.raises(errors.ClientError) as raised:
        sdk.models.generate_content(**GEMINI)

    refused_once(full, raised, raised.value.code)
