"""What a refusal says: the end of the month in the zone of the house, and advice that fits."""

import json

import pytest

from sallim import guard
from sallim.guard.ledger_refusals import of_ledger
from sallim.ledger.money_rows import BUDGET, PACE, Refused
from tests.house import CHAT, GEMINI

DECEMBER_IN_SEOUL = 1_796_050_800_000_000
MICROS = ("cap_micro", "limit_micro", "used_micro", "left_micro", "needed_micro")


def refused(calendar="month:Asia/Seoul", priority="essential", limit=10):
    return Refused(BUDGET, "api", priority, 10, limit, 10, 0, 5, DECEMBER_IN_SEOUL, calendar)


def error(*told, **more):
    return json.loads(of_ledger(refused(*told), **more).body())["error"]


def test_the_end_of_the_month_is_said_in_the_zone_of_the_house_and_in_utc():
    told = error()

    assert told["resets_at"] == "2026-11-30T15:00:00Z"
    assert told["resets_at_local"] == "2026-12-01T00:00:00+09:00"
    assert told["time_zone"] == "Asia/Seoul"
    assert (
        "(until 2026-12-01 00:00 in Asia/Seoul, which is 2026-11-30T15:00:00Z)" in told["message"]
    )


@pytest.mark.parametrize("calendar", ["", "month:Nowhere/City", "month:../etc/passwd"])
def test_where_the_zone_is_not_known_utc_remains(calendar):
    told = error(calendar)

    assert told["resets_at_local"] is None
    assert "(until 2026-11-30T15:00:00Z)" in told["message"]


def test_the_advice_is_that_of_the_caller():
    assert "or bound the call by its max tokens." in error()["how_to_raise"]
    shorter = error(lessen="send a shorter recording")["how_to_raise"]
    assert shorter.endswith("where the agent runs; or send a shorter recording.")
    assert error(lessen="")["how_to_raise"].endswith("where the agent runs.")
    optional = of_ledger(refused(priority="optional", limit=9), "")
    assert optional.how.endswith("runs; optional calls stop at 90 % of it.")


def paced(needed, used=3, lessen="send less in one call"):
    told = Refused(PACE, "workflow:ocr", "important", 50, 20, used, 17, needed, DECEMBER_IN_SEOUL)
    return of_ledger(
        told._replace(**{name: getattr(told, name) * 10**6 for name in MICROS}), lessen
    )


def test_what_is_used_fast_is_told_as_a_loop_with_how_much_may_be_used_at_once():
    refusal = paced(needed=18)

    assert refusal.message == (
        "of the 20 won that important calls in 'workflow:ocr' may use at once, 3 are used, so fast "
        "that it looks like a loop; 50 won an hour come back, and for the 18 won that may be "
        "needed there is room at 2026-11-30T15:00:00Z."
    )
    assert "until then, send less in one call, or raise" in refusal.how
    assert 'paces = ["workflow:ocr=.../hour"]' in refusal.how


def test_one_call_that_is_too_large_is_not_called_a_loop():
    refusal = paced(needed=261, used=0, lessen="")

    assert "261 won may be needed, more than the 20 won that important calls" in refusal.message
    assert "when nothing of that is used any more, at 2026-11-30T15:00:00Z" in refusal.message
    assert "loop" not in refusal.message
    assert refusal.how.startswith("Wait until then, or raise")


@pytest.mark.parametrize(
    ("path", "body", "advice"),
    [
        ("google/v1beta/models/gemini-2.5-flash:generateContent", GEMINI, "thinkingBudget"),
        ("openai/v1/chat/completions", CHAT, "max tokens"),
        (
            "openai/v1/embeddings",
            {"model": "text-embedding-3-small", "input": "a" * 50_000},
            "send less in one call",
        ),
    ],
)
def test_the_advice_fits_what_bounds_such_a_call(house, path, body, advice):
    house.cap(0.1)
    with guard(base_urls=house.upstream.base_urls) as client:
        response = client.post(f"{house.upstream.url}/{path}", json=body)

    assert response.status_code == 402
    assert advice in response.json()["error"]["how_to_raise"]
    assert house.upstream.requests == []
