"""What a refusal says: the end of the month in the zone of the house, and advice that fits."""

import json

import pytest

from sallim.guard.refusing import of_ledger
from sallim.ledger.money_rows import BUDGET, Refused

DECEMBER_IN_SEOUL = 1_796_050_800_000_000


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
