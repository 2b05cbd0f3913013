"""What only has to wait is 429: it says which rule and until when, and no SDK tries again."""

import time

import pytest

import sallim
from sallim import guard
from sallim.guard.ledger_refusals import of_ledger
from sallim.guard.spending import close_all
from sallim.guard.wire import refused_to_wire, row_of_wire
from sallim.ledger.money_rows import Refused
from sallim.ledger.quota_rows import Quota
from sallim.metered import CallRefused
from tests.house import CHAT
from tests.sallim.guard.gateway import Gateway
from tests.sallim.money import WON, budget

QUOTA = Quota("free:minute", "", "", "", "", 1, 60_000_000, "")


def post(house):
    with guard(base_urls=house.upstream.base_urls) as client:
        return client.post(f"{house.upstream.url}/openai/v1/chat/completions", json=CHAT)


def is_told(response, code, bucket):
    error = response.json()["error"]
    assert response.status_code == 429
    assert response.headers["x-should-retry"] == "false"
    assert (error["code"], error["type"], error["bucket"]) == (code, "rate_limit_exceeded", bucket)
    assert error["resets_at"].endswith("Z")
    assert error["resets_at"] in error["message"]
    return int(response.headers["retry-after"])


def test_a_quota_is_named_with_when_there_is_room_again(house):
    house.accounts.put_quotas([QUOTA])
    assert post(house).status_code == 200
    response = post(house)

    assert 55 <= is_told(response, "quota", "quota:free:minute") <= 66
    assert "the quota 'free' lets 1 call a minute through" in response.text
    assert len(house.upstream.requests) == 1
    [refusal] = house.accounts.refusals_since(0, 10)
    assert (refusal.code, refusal.bucket_id) == ("quota", "quota:free:minute")


def test_the_pace_is_named_with_when_there_is_room_again(house):
    paced = budget("api", 10**6 * WON, pace_micro=60_000, burst_micro=1)
    house.accounts.put_budgets([budget("total", 10**6 * WON), paced], house.months)
    assert post(house).status_code == 200
    response = post(house)

    assert is_told(response, "pace", "api") > 1
    assert "pace_factor" in response.json()["error"]["how_to_raise"]


def test_a_function_is_told_the_same(house):
    house.accounts.put_quotas([QUOTA._replace(provider="coupang", model="products*")])

    @sallim.metered(provider="coupang", service="products/search", cost="0 won")
    def search(word):
        return word

    assert search("a") == "a"
    with pytest.raises(CallRefused, match="the quota 'free'") as raised:
        search("b")
    assert raised.value.body["error"]["code"] == "quota"


@pytest.mark.slow
def test_a_guard_elsewhere_tells_it_in_the_same_words(house, monkeypatch):
    house.accounts.put_quotas([QUOTA])
    with Gateway(house.accounts, "a-token") as gateway:
        monkeypatch.delenv("SALLIM_LEDGER")
        monkeypatch.setenv("SALLIM_URL", gateway.url)
        monkeypatch.setenv("SALLIM_TOKEN", "a-token")
        assert post(house).status_code == 200
        is_told(post(house), "quota", "quota:free:minute")
        close_all()


def test_a_guard_that_is_older_is_sent_no_field_that_it_does_not_know():
    without = Refused("budget", "total", "essential", 9, 9, 9, 0, 1, 5)

    assert "calls_max" not in refused_to_wire(without)
    for each in (without, without._replace(code="quota", calls_max=3)):
        assert row_of_wire(Refused, refused_to_wire(each)) == each


def test_what_never_frees_has_no_time_to_wait_for():
    refusal = of_ledger(Refused("quota", "quota:none:day", "optional", 0, 0, 0, 0, 1, 0))

    assert "until never" in refusal.message
    assert "retry-after" not in dict(refusal.headers())
    soon = refusal._replace(resets_us=time.time_ns() // 1_000 - 5)
    assert dict(soon.headers())["retry-after"] == "1"
