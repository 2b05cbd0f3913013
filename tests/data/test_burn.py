"""A bucket over its month out of a real store: what was fitted, what runs, what cannot be read."""

import json
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from data.burn import burn_down_of
from data.ops.asked import month_kept, running
from data.ops.demand import DemandBatch, MonthForecast
from models.costs.course import Course, Off
from models.costs.month_document import MonthAsked, document_of
from models.costs.periods import DAY_SECONDS, day_of
from models.costs.shapes import Bucket
from models.costs.told import HOURLY, HOUSE, MONEY
from models.monitoring import Thing
from tests.data.stores import NOON, Direct, home_in, opened

SEOUL = ZoneInfo("Asia/Seoul")
WON = 1_000_000
NOW = int(NOON)
START, END = NOW - 5 * DAY_SECONDS, NOW + 5 * DAY_SECONDS


@pytest.fixture
def store(tmp_path):
    store = opened(home_in(tmp_path))
    yield store
    store.close()


def bucket(bucket_id="servers"):
    won = [Decimal(number) for number in (3_000, 1_000, 0, 0)]
    return Bucket(bucket_id, START, END, *won, 1, NOW)


def document(made_at=NOW - 3_600):
    means = (100 * WON,) * 12
    course = Course("steady", day_of(made_at, SEOUL), means, (Off(0, 0, 0),), 60, 42)
    asked = MonthAsked("servers", 0, 0, 3_000 * WON, START, END)
    return document_of(asked, course, made_at, "Asia/Seoul")


def keep(store, text, made_at=NOW - 3_600):
    month = MonthForecast("servers", START, END, made_at, text)
    store.demand.keep(DemandBatch(months=[month]))


def test_what_was_kept_is_used_by_pages_and_by_the_agent(store):
    keep(store, json.dumps(document(NOW - 7_200)), NOW - 7_200)
    keep(store, json.dumps(document()))
    found = burn_down_of(Direct(store), bucket(), NOW, SEOUL)

    assert found.fitted_at == NOW - 3_600
    assert found.ahead[-1].middle_won > 1_400
    kept = store.read(lambda cursor: month_kept(cursor, "servers", START))
    assert (kept.made_at, kept.course) == (NOW - 3_600, found.course)
    assert store.read(lambda cursor: month_kept(cursor, "api", START)) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"course": {}}', '{"course": 3, "start_at": 1}'])
def test_what_cannot_be_read_is_reckoned_at_once(store, text):
    keep(store, text)

    assert burn_down_of(Direct(store), bucket(), NOW, SEOUL).fitted_at is None
    assert store.read(lambda cursor: month_kept(cursor, "servers", START)) is None


def test_a_machine_that_runs_is_known_to_pages_and_to_the_agent(store):
    told = [
        {"name": "gpu", "provider": "runpod", "won": "10", "runs_since": str(NOW - 3_600)},
        {"name": "off", "provider": "", "won": "99.5"},
    ]
    store.record([Thing(MONEY, HOUSE, HOURLY, "", json.dumps(told), NOW)])
    found = burn_down_of(Direct(store), bucket(), NOW, SEOUL)

    machines = store.read(running)
    assert [(each.name, each.won, each.runs_since) for each in machines] == [
        ("gpu", 10, NOW - 3_600.0),
        ("off", Decimal("99.5"), None),
    ]
    assert found.ahead[-1].middle_won >= 1_000 + 10 + 5 * 240
