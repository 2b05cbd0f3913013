"""What is said of a fence."""

import pytest

from models.fence.kept import FAILED, PLANNED, PROVEN, REFUSED, FenceRow
from models.fence.words import alert_of, change_of, is_news, shown_of, which_first
from models.fence.worth import Wanted, wanted_of
from models.messages import say
from models.operations import text_of
from sallim.ledger.money_rows import Exchange

WON = 1_000_000
RATE = Exchange("", "fx", "2026-11-27", 1_278 * WON, 0, 0, "a test", 0)
WANTED = wanted_of("openai", {"provider:openai": 12_300 * WON}, RATE)


def row(state=PROVEN, to=962, own=None, problem=""):
    place = (None, to, own, "provider:openai", 12_300 * WON)
    return FenceRow(1, "openai", state, *place, 1, problem, 0.0, 0.0)


def test_the_fence_stands_outside():
    shown = shown_of("openai", row(), WANTED, RATE)

    assert str(shown.text) == (
        "outer fence: OpenAI stops at $9.62, Sallim at 12,300 won (provider:openai): Sallim trips "
        "first"
    )
    assert (shown.holds, shown.notes) == (True, ())


def test_a_lower_limit_of_the_owners_own_is_said():
    shown = shown_of("openai", row(to=500, own=500), WANTED, RATE)

    assert not shown.holds
    assert "stops at $5.00, which is 6,390 won" in str(shown.text)
    assert str(shown.text).endswith("OpenAI trips first")
    assert "your own limit there, $5.00, is lower than the $9.62 of the fence" in str(
        shown.notes[0]
    )


@pytest.mark.parametrize(("cents", "is_first"), [(962, True), (961, False), (5_000, True)])
def test_of_two_that_are_alike_to_the_cent_sallim_is_first(cents, is_first):
    assert which_first("openai", cents, WANTED, RATE)[0] is is_first


def test_what_is_not_there_is_never_said_to_hold():
    problem = text_of(say("OpenAI answers 403"))
    for found in (
        shown_of("openai", row(REFUSED, problem=problem), WANTED, RATE),
        shown_of("openai", row(FAILED, problem=problem), WANTED, RATE),
        shown_of("openai", row(PLANNED), WANTED, RATE),
        shown_of("openai", None, WANTED, RATE),
        shown_of("openai", row(), None, None),
    ):
        assert not found.holds
    refused = shown_of("openai", row(REFUSED, problem=problem), WANTED, RATE)
    assert [str(refused.text), *map(str, refused.notes)] == [
        "outer fence: none at OpenAI",
        "OpenAI answers 403",
    ]


def test_where_none_is_wanted_and_none_is_ours_nothing_is_said():
    assert shown_of("openai", None, None, None) is None
    assert shown_of("openai", row(to=500, own=500), None, None) is None


def test_why_it_is_twice_as_high_is_said():
    wide = Wanted(WANTED.bucket_id, WANTED.cap_micro, WANTED.cents * 2, is_wide=True)
    shown = shown_of("openai", row(to=wide.cents), wide, RATE)

    assert shown.holds
    assert "still counts the one that is over here" in str(shown.notes[0])


def test_that_it_does_not_work_is_news_once():
    assert is_news(None, row(REFUSED))
    assert is_news(row(), row(FAILED))
    assert not is_news(row(REFUSED), row(FAILED))
    assert not is_news(row(REFUSED), row())


def test_the_alert_says_what_to_do():
    alert = alert_of(row(REFUSED, problem=text_of(say("ask your account team"))))

    assert str(alert.title).startswith("there is no outer fence at OpenAI")
    assert str(alert.lines[0]) == "ask your account team"
    assert alert.link == "/budget"


def test_each_change_is_a_line_of_the_log():
    assert str(change_of(row())) == "the limit at OpenAI was no limit and is $9.62 now"
    assert "is no limit, and is asked to be $9.62" in str(change_of(row(PLANNED)))
    refused = row(REFUSED, problem=text_of(say("no")))
    assert str(change_of(refused)) == "the limit at OpenAI is not kept in step: no"
