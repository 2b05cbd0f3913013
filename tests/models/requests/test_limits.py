"""How far a request may go: the edges of amounts and ends."""

from zoneinfo import ZoneInfo

import pytest

from models.errors import RequestRefused
from models.requests import Request
from models.requests.limits import check_quiet, check_settled
from sallim.money import MICRO

NOW = 1_795_000_000
SEOUL = ZoneInfo("Asia/Seoul")
DAY = 86_400


@pytest.mark.parametrize("seconds", [1, 7 * DAY])
def test_a_silence_lasts_a_week_at_most(seconds):
    check_quiet(Request("silence", "api", {"until": NOW + seconds}), SEOUL, NOW)


@pytest.mark.parametrize("seconds", [0, -1, 7 * DAY + 1, 10**10])
def test_a_silence_without_an_end_soon_is_refused(seconds):
    request = Request("silence", "api", {"until": NOW + seconds})

    with pytest.raises(RequestRefused, match="must lie ahead, and not after 2026-11-25 20:06"):
        check_quiet(request, SEOUL, NOW)


def test_a_call_is_settled_at_its_worst_case_at_most():
    call = Request("settle", "c-1", {"amount_micro": 5 * MICRO, "attempt": 1})

    check_settled(call, 5 * MICRO)
    with pytest.raises(RequestRefused, match="was reserved at 5 won"):
        check_settled(call, 5 * MICRO - 1)
