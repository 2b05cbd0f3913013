"""Guards on other machines over the real gateway: under the same caps, each with its own calls."""

import httpx
import pytest

from sallim import guard
from sallim.guard.spending import close_all
from sallim.guard.wire import asked_to_wire, settlement_to_wire
from sallim.ledger.quota_rows import Quota
from sallim.ledger.statement_rows import Refusal
from tests.house import CHAT
from tests.sallim.money import WON, asked, budget, settlement

pytestmark = pytest.mark.slow


@pytest.fixture
def guarded(house, monkeypatch):
    """Calls the upstream from elsewhere, with a guard that knows the hub alone."""
    monkeypatch.setenv("SALLIM_URL", house.url)
    monkeypatch.setenv("SALLIM_TOKEN", house.made("gpu-1"))

    def call(json=CHAT, **labels):
        with guard(base_urls=house.upstream.base_urls, **labels) as client:
            url = f"{house.upstream.url}/openai/v1/chat/completions"
            return client.post(url, json=json)

    yield call
    close_all()


def test_the_address_may_end_as_sdks_take_it(house, guarded, monkeypatch):
    monkeypatch.setenv("SALLIM_URL", f"{house.url}/v1")

    assert guarded().status_code == 200


def test_why_the_hub_says_no_is_told_as_a_sentence(house, guarded, monkeypatch):
    monkeypatch.setenv("SALLIM_TOKEN", "slm_" + "b" * 43)
    message = guarded().json()["error"]["message"]

    assert "answered 401 Sallim: the token that came with the request is not known" in message
    assert message.endswith("Put a token of the hub's gateway into SALLIM_TOKEN.")
    assert "{" not in message


def ask(house, what, shape=None, token=None):
    with httpx.Client(trust_env=False, timeout=20) as client:
        head = {"Authorization": f"Bearer {token or house.token}"}
        url = f"{house.url}/v1/sallim/{what}"
        return (
            client.get(url, headers=head)
            if shape is None
            else client.post(url, headers=head, json=shape)
        )


def reserve(house, token=None, **changed):
    shape = {"asked": asked_to_wire(asked(**changed))}
    return ask(house, "reserve", shape, token)


def settle(house, call_id="a", token=None, **changed):
    told = settlement_to_wire(settlement(**changed))
    return ask(house, "settle", {"call_id": call_id, "attempt": 1, "settlement": told}, token)


def test_a_call_from_elsewhere_is_reserved_and_settled_here(house, guarded):
    assert guarded(workflow="ocr").status_code == 200

    house.equals_the_bill(1)
    row = house.row
    assert row.call_id.startswith("gpu-1/")
    assert (row.workflow, row.key_label, row.priority) == ("ocr", "gpu-1", "important")


def test_the_same_prompt_from_elsewhere_and_here_has_one_hash(house, guarded):
    assert guarded().status_code == 200
    assert house.post().status_code == 200

    first, second = house.accounts.calls_since(0, 10)
    assert first.key_label != second.key_label
    assert len(first.prompt_hash) == 32
    assert first.prompt_hash == second.prompt_hash


@pytest.mark.parametrize("name", ["prompt_hash", "prefix_hash"])
def test_what_is_no_hash_is_not_taken(house, name):
    answer = reserve(house, **{name: "the prompt itself"})

    assert answer.status_code == 400
    assert "hexadecimal" in answer.text


def test_it_and_the_gateways_own_calls_share_one_cap(house, guarded):
    assert guarded().status_code == 200
    assert house.post().status_code == 200
    house.equals_the_bill(2)
    house.cap(house.used[0] / WON)

    assert guarded().json()["error"]["code"] == "budget"
    assert house.post().json()["error"]["code"] == "budget"
    assert house.upstream.attempts == 2


def test_a_hub_that_is_gone_means_no(house, guarded):
    assert guarded().status_code == 200
    house.gateways[0].kill()
    house.gateways[0].wait()

    assert guarded(priority="essential").json()["error"]["code"] == "ledger_unavailable"
    assert house.upstream.attempts == 1


def test_who_it_is_and_when_is_said_here(house):
    """A caller's clock, priority and buckets choose neither another month nor another's money."""
    house.cap(15_000, budget("key:other", cap_micro=100 * WON))
    changed = {"priority": "essential", "buckets": ("key:other",), "key_label": "other"}
    assert reserve(house, **changed).status_code == 200

    row = house.row
    assert (row.key_label, row.priority, row.call_id) == ("laptop", "important", "laptop/a")
    assert row.buckets == (
        "total",
        "api",
        "provider:openai",
        "workflow:ocr",
        "analysis:video",
        "key:laptop",
    )
    assert house.months[0].start_us < row.opened_us < row.expires_us
    assert row.expires_us - row.opened_us == 900_000_000
    other = next(each for each in house.accounts.balances(row.opened_us) if "key" in each.bucket_id)
    assert other.reserved_micro == 0


def test_won_cannot_be_fewer_than_the_dollars_are(house):
    said = reserve(house, worst_nano_usd=10**9, worst_micro=1).json()

    assert said["admitted"]["worst_micro"] == house.row.worst_micro > 1_383 * WON


def test_nobody_ends_the_call_of_another(house):
    other = house.made("gpu-1")
    reserve(house)

    assert settle(house, token=other).json() == {"new": False}
    assert settle(house, "laptop/a", token=other).json() == {"new": False}
    assert settle(house, "../laptop/a", token=other).json() == {"new": False}
    release = {"call_id": "a", "attempt": 1, "status": 0, "error": "", "now_us": 1}
    assert ask(house, "release", release, other).json() == {"new": False}
    assert house.row.state == "open"
    assert settle(house).json() == {"new": True}
    assert settle(house).json() == {"new": False}
    assert ask(house, "release", release).json() == {"new": False}
    assert house.used == (WON // 2, 0, 0)


def test_the_same_call_twice_is_reserved_once(house):
    assert [reserve(house).status_code for _ in range(2)] == [200, 200]
    assert house.used == (0, house.row.worst_micro, 0)


@pytest.mark.parametrize(
    "changed",
    [
        {"worst_micro": -1},
        {"worst_nano_usd": -1},
        {"worst_micro": 10**18},
        {"worst_micro": 1.5},
        {"worst_micro": True},
        {"call_id": ""},
        {"call_id": "a" * 200},
        {"attempt": 0},
        {"priority": "urgent"},
        {"opened_us": "now"},
    ],
)
def test_what_no_guard_asks_is_refused(open_house, changed):
    said = reserve(open_house, **changed)

    # An empty name of its own begins with the token's and is none the less a name.
    assert said.status_code == (200 if changed == {"call_id": ""} else 400)
    assert open_house.used[0] == 0


@pytest.mark.parametrize("changed", [{"gross_micro": -1}, {"nano_usd": -5}, {"gross_micro": 0.5}])
def test_nobody_is_paid_for_settling(open_house, changed):
    reserve(open_house, call_id="b")

    assert settle(open_house, "b", **changed).status_code == 400
    assert open_house.rows[-1].state == "open"


def test_a_token_that_may_spend_little_uses_up_nobodys_month_by_a_tale(house):
    """It may cost more than was kept free for it, and not a thousand times as much."""
    reserve(house, worst_micro=WON)

    said = settle(house, gross_micro=15_000 * WON)

    assert said.status_code == 400
    assert "10 times what was kept free for it" in said.json()["error"]["message"]
    assert house.used[0] == 0
    assert settle(house, gross_micro=3 * WON).json() == {"new": True}
    assert house.used == (3 * WON, 0, 0)


@pytest.mark.parametrize("shape", [[], "a", {}, {"asked": []}, {"asked": {"call_id": "a"}}])
@pytest.mark.parametrize("what", ["reserve", "settle", "release"])
def test_nonsense_is_refused(open_house, what, shape):
    assert ask(open_house, what, shape).status_code == 400
    assert ask(open_house, "spend", shape).status_code == 404


def test_prices_are_told(open_house):
    told = ask(open_house, "prices").json()

    assert [each["fx_id"] for each in told["exchange"]] == ["fx-1"]
    assert told["rates"] == []


def test_who_asks_too_often_is_told_to_wait(house):
    with httpx.Client(trust_env=False) as client:
        head = {"Authorization": f"Bearer {house.token}"}
        said = [client.post(f"{house.url}/v1/sallim/settle", headers=head) for _ in range(900)]

    codes = [each.status_code for each in said]
    assert set(codes) == {400, 429}
    assert said[codes.index(429)].headers["retry-after"] == "1"


def refusal(**changed):
    row = Refusal(0, "", "openai", "gpt-none", 0, "unknown_model", "essential", 3, 0, 0)
    return {**row._asdict(), **changed}


def test_what_a_guard_elsewhere_refused_is_counted_here(house):
    told = {"refusals": [refusal(), refusal(bucket_id="total", needed_micro=9, minute_us=60)]}
    assert house.post("/v1/sallim/refused", json=told).json() == {"new": True}

    [row] = house.accounts.refusals_since(0, 10)
    assert (row.bucket_id, row.model, row.needed_micro) == ("", "gpt-none", 0)
    assert row.code == "unknown_model"
    # Its clock and its priority are not believed.
    assert (row.calls, row.priority) == (6, "important")
    assert row.minute_us > 60


@pytest.mark.parametrize("changed", [{"calls": 0}, {"calls": 1.5}, {"model": 7}, {"more": 1}])
def test_a_count_that_is_none_is_refused(house, changed):
    answer = house.post("/v1/sallim/refused", json={"refusals": [refusal(**changed)]})

    assert answer.status_code == 400
    assert house.accounts.refusals_since(0, 10) == []


def test_what_the_gateway_refuses_by_itself_is_counted(house):
    assert house.post("/openai/v1/images/generations", json={}).status_code == 402

    [row] = house.accounts.refusals_since(0, 10)
    assert (row.code, row.provider, row.model) == ("unpriced_path", "openai",
                                                   "/v1/images/generations")  # fmt: skip


def test_a_quota_holds_at_the_gateway_and_for_guards_elsewhere(house, guarded):
    house.accounts.put_quotas([Quota("free:minute", "openai", "", "", "", 1, 60_000_000, "")])
    assert guarded().status_code == 200
    there = guarded()
    with httpx.Client(trust_env=False, timeout=20) as client:
        head = {"Authorization": f"Bearer {house.token}"}
        here = client.post(f"{house.url}/v1/chat/completions", headers=head, json=CHAT)

    for response in (there, here):
        assert response.status_code == 429
        assert response.headers["x-should-retry"] == "false"
        assert int(response.headers["retry-after"]) > 50
        assert response.json()["error"]["bucket"] == "quota:free:minute"
