"""How many calls may be made a minute, an hour and a day, beside what they cost."""

import sqlite3
from contextlib import closing
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import Admitted, Period, Refused
from sallim.ledger.quota_rows import Quota
from tests.sallim.money import MONTHS, NOW_US, WON, asked, budget, states
from tests.sallim.rows import MINUTE_US
from tests.sallim.together import all_eight

HOUR_US = 60 * MINUTE_US
PACIFIC = "day:America/Los_Angeles"


def pacific_us(day, hour=0, month=11):
    moment = datetime(2025, month, day, hour, tzinfo=ZoneInfo("America/Los_Angeles"))
    return int(moment.timestamp()) * 1_000_000


DAYS = [Period(PACIFIC, pacific_us(day), pacific_us(day + 1)) for day in range(1, 29)]


def quota(calls_max=3, window_us=MINUTE_US, **changed):
    known = Quota("free:minute", "openai", "", "", "", calls_max, window_us, "")
    return known._replace(**changed)


@pytest.fixture
def limited(accounts):
    """Three calls a minute of openai, with enough money."""
    accounts.put_budgets([budget(cap_micro=10**12)], [*MONTHS, *DAYS])
    accounts.put_quotas([quota()])
    return accounts


def ask(accounts, number, at_us=NOW_US, **changed):
    known = {"buckets": ("api", "total"), **changed}
    return accounts.reserve(
        asked(f"{number}", opened_us=at_us, expires_us=at_us + HOUR_US, **known)
    )


def admitted(accounts, moments, **changed):
    return [type(ask(accounts, f"{at}-{n}", at, **changed)) for n, at in enumerate(moments)]


@pytest.mark.parametrize("pattern", ["gemini-3-pro*", "Models/Gemini-3-pro", "*-pro"])
def test_a_name_in_another_spelling_is_the_same_model(limited, pattern):
    """Google takes both in OpenAI's shape; prices hold for both."""
    limited.put_quotas([quota(2, provider="", model=pattern)])
    names = ["gemini-3-pro", "models/gemini-3-pro", "MODELS/Gemini-3-Pro", "models/gemini-3-pro"]

    answers = [type(ask(limited, name_at, model=name)) for name_at, name in enumerate(names)]

    assert answers == [Admitted, Admitted, Refused, Refused]
    assert type(ask(limited, "other", model="models/gemini-3-flash")) is Admitted


def test_the_fourth_call_of_a_minute_is_told_when_there_is_room(limited):
    assert admitted(limited, [NOW_US] * 3) == [Admitted] * 3
    refused = ask(limited, "more")

    assert (refused.code, refused.bucket_id, refused.calls_max) == (
        *("quota", "quota:free:minute", 3),
    )
    assert MINUTE_US < refused.resets_us - NOW_US <= 66 * 1_000_000
    assert type(ask(limited, "more", refused.resets_us - 1)) is Refused
    assert type(ask(limited, "more", refused.resets_us)) is Admitted


def test_a_refused_call_is_counted_among_the_refusals_and_nothing_is_kept_free(limited):
    admitted(limited, [NOW_US] * 5)

    [refusal] = limited.refusals_since(0, 10)
    assert (refusal.bucket_id, refusal.code, refusal.calls) == ("quota:free:minute", "quota", 2)
    assert limited.balances(NOW_US)[0].reserved_micro == 3 * WON


def test_free_calls_count_as_well_as_those_that_cost(limited):
    found = admitted(limited, [NOW_US] * 4, worst_micro=0, worst_nano_usd=0)

    assert found == [Admitted] * 3 + [Refused]


def test_what_is_kept_free_for_machines_and_fixed_items_is_no_call(limited):
    found = admitted(limited, [NOW_US] * 5, buckets=("servers", "total"))

    assert found == [Admitted] * 5


def test_whatever_becomes_of_a_call_it_was_made(limited):
    admitted(limited, [NOW_US] * 3)
    for call_id, _ in states(limited):
        limited.release(call_id, 1, 500, "", NOW_US)

    assert type(ask(limited, "more")) is Refused


def test_the_same_call_that_asks_again_counts_once(limited):
    assert [type(ask(limited, "same")) for _ in range(5)] == [Admitted] * 5
    assert limited.quota_use(NOW_US)[0].calls == 1


@pytest.mark.parametrize(
    ("changed", "fits"),
    [
        ({"provider": "google"}, False),
        ({"model": "gpt-5*"}, True),
        ({"model": "gpt-4*"}, False),
        ({"workflow": "ocr"}, True),
        ({"workflow": "blog"}, False),
        ({"key_label": "laptop", "provider": ""}, True),
        ({"key_label": "n8n"}, False),
    ],
)
def test_a_quota_is_about_the_calls_that_it_names(limited, changed, fits):
    limited.put_quotas([quota(0, **changed)])

    assert type(ask(limited, "a")) is (Refused if fits else Admitted)


def test_a_day_begins_at_the_midnight_of_its_provider(limited):
    limited.put_quotas([quota(2, 0, quota_id="free:day", calendar=PACIFIC)])
    evening, midnight = pacific_us(17, 23), pacific_us(18)

    assert admitted(limited, [evening] * 3) == [Admitted, Admitted, Refused]
    assert ask(limited, "more", evening).resets_us == midnight
    assert admitted(limited, [midnight - 1, midnight, midnight + 1, midnight + 2]) == [
        *(Refused, Admitted, Admitted, Refused),
    ]
    # A clock that is put back by an hour finds the day before as it was.
    assert type(ask(limited, "back", midnight - HOUR_US)) is Refused


def test_the_days_of_a_change_to_winter_time_have_25_hours(limited):
    limited.put_quotas([quota(1, 0, quota_id="free:day", calendar=PACIFIC)])
    first = pacific_us(2)
    assert pacific_us(3) - first == 25 * HOUR_US

    assert admitted(limited, [first, first + 24 * HOUR_US, first + 25 * HOUR_US]) == [
        *(Admitted, Refused, Admitted),
    ]


def test_a_day_that_its_calendar_does_not_have_lets_nothing_through(limited):
    limited.put_quotas([quota(9, 0, quota_id="free:day", calendar="day:Mars")])
    refused = ask(limited, "a")

    assert (refused.code, refused.bucket_id) == ("no_period", "quota:free:day")


def test_a_clock_that_was_wrong_for_a_moment_blocks_nothing_for_long(limited):
    later = NOW_US + 4 * HOUR_US
    assert admitted(limited, [later] * 3) == [Admitted] * 3

    assert admitted(limited, [NOW_US] * 4) == [Admitted] * 3 + [Refused]


def test_a_changed_quota_holds_at_once_and_keeps_its_count(limited):
    other = Accounts.open(limited.path)
    assert admitted(other, [NOW_US] * 2) == [Admitted] * 2
    limited.put_quotas([quota(2)])
    assert type(ask(other, "more")) is Refused
    limited.put_quotas([])
    assert type(ask(other, "more")) is Admitted
    other.close()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE quotas SET window_us = 0",
        "UPDATE quotas SET window_us = 'minute'",
        "UPDATE quotas SET calls_max = 'none'",
        "INSERT INTO quota_counts VALUES ('free:minute', 'a', 'b')",
    ],
)
def test_rows_that_a_stranger_wrote_raise_nothing_into_a_program(limited, change):
    with closing(sqlite3.connect(limited.path)) as stranger, stranger:
        stranger.execute(change)

    assert type(ask(limited, "a")) is Admitted
    assert isinstance(limited.quota_use(NOW_US), list)


def test_several_quotas_hold_together(limited):
    hour = quota(4, HOUR_US, quota_id="free:hour")
    limited.put_quotas([quota(), hour])
    later = NOW_US + 2 * MINUTE_US

    assert admitted(limited, [NOW_US] * 4 + [later] * 2) == [
        *(Admitted, Admitted, Admitted, Refused, Admitted, Refused),
    ]
    assert [(use.quota_id, use.calls) for use in limited.quota_use(later)] == [
        *[("free:hour", 4), ("free:minute", 1)],
    ]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 40 * 1_000_000), max_size=60), st.integers(0, 4))
def test_no_minute_whatever_has_more_calls_than_are_allowed(gaps, most):
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        accounts = Accounts.open(f"{folder}/ledger.sqlite3")
        accounts.put_budgets([budget(cap_micro=10**12)], MONTHS)
        accounts.put_quotas([quota(most)])
        at_us, made = NOW_US, []
        for number, gap in enumerate(gaps):
            at_us += gap
            if type(ask(accounts, number, at_us)) is Admitted:
                made.append(at_us)
        accounts.close()

    for first in made:
        assert sum(first <= each < first + MINUTE_US for each in made) <= most


def make_calls(path, name, said):
    accounts = Accounts.open(path)
    found = [type(ask(accounts, f"{name}-{n}")) is Admitted for n in range(60)]
    accounts.close()
    said.send(sum(found))


@pytest.mark.slow
def test_eight_programs_together_make_exactly_as_many_as_are_allowed(limited):
    limited.put_quotas([quota(100)])

    assert sum(all_eight(make_calls, limited.path)) == 100
    assert limited.quota_use(NOW_US)[0].calls == 100
