"""The owner's budgets as rows of the ledger."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from models.costs.budget_rows import (
    are_same,
    budgets_of,
    months_of,
    periods_of,
    quotas_of,
    rates_of,
)
from models.errors import ConfigError
from models.settings import Settings
from models.settings.price import Price
from models.settings.problems import settings_of
from sallim.prices import shipped

NOW = datetime(2026, 11, 30, 16, tzinfo=UTC).timestamp()
"""In Seoul it is December already."""


def settings(**budget):
    return Settings.model_validate({"budget": budget})


def test_each_cap_is_a_bucket_of_the_ledger():
    caps = {"providers_krw": ["openai = 5000"], "workflows_krw": ["a=b=7"], "keys_krw": ["n8n=9"]}
    rules = budgets_of(settings(**caps))

    assert {rule.bucket_id: rule.cap_micro for rule in rules} == {
        "total": 24_900_000_000,
        "api": 15_000_000_000,
        "provider:openai": 5_000_000_000,
        "workflow:a=b": 7_000_000,
        "key:n8n": 9_000_000,
    }
    assert {rule.calendar for rule in rules} == {"month:Asia/Seoul"}
    assert {(rule.important_ppm, rule.optional_ppm) for rule in rules} == {(950_000, 900_000)}


def test_optional_calls_never_go_on_after_important_ones_have_stopped():
    total = budgets_of(settings(important_percent=80))[0]

    assert (total.important_ppm, total.optional_ppm) == (800_000, 800_000)


def test_a_changed_rule_has_another_version_and_the_same_one_has_its_own_again():
    before, changed = budgets_of(Settings()), budgets_of(settings(api_krw=20_000))

    assert [a.version == b.version for a, b in zip(before, changed, strict=True)] == [True, False]
    assert budgets_of(Settings()) == before


def test_the_months_go_on_for_years_without_a_gap():
    months = months_of(Settings(), NOW)

    assert all(a.end_us == b.start_us for a, b in pairwise(months))
    assert any(
        month.start_us == datetime(2026, 11, 30, 15, tzinfo=UTC).timestamp() * 1e6
        for month in months
    )
    assert months[0].start_us < (NOW - 700 * 86_400) * 1e6
    assert months[-1].end_us > (NOW + 5 * 365 * 86_400) * 1e6


def test_newer_prices_of_the_ledger_stay_and_older_ones_go():
    brought = shipped().rates
    newer = [row._replace(updated_us=row.updated_us + 1, document="{}") for row in brought[:3]]
    older = [row._replace(updated_us=row.updated_us - 1, document="{}") for row in brought[:3]]

    assert rates_of(newer, brought, Settings(), 7) == newer
    assert are_same(rates_of(older, brought, Settings(), 7), brought)


def test_a_discount_that_is_taken_back_is_gone():
    brought = shipped().rates
    newer = [row._replace(updated_us=row.updated_us + 1) for row in brought]
    less = Settings(price=(Price(provider="openai", model="gpt-5-mini", discount_percent=50),))
    more = Settings(price=(Price(provider="openai", model="gpt-5-mini", discount_percent=20),))
    own = Settings(price=(Price(provider="openai", model="gpt-77", request_usd="1"),))

    changed = rates_of(newer, brought, less, 7)
    again = rates_of(changed, brought, more, 8)
    added = rates_of(again, brought, own, 9)

    assert sum('"discount_ppm":500000' in row.document for row in changed) == 1
    assert sum('"discount_ppm":200000' in row.document for row in again) == 1
    assert len(added) == len(brought) + 1
    assert not any("discount_ppm" in row.document for row in added)
    back = rates_of(added, brought, Settings(), 10)
    assert {(row.provider, row.model) for row in back} == {(r.provider, r.model) for r in brought}


@pytest.mark.parametrize("text", ["openai", "openai=", "=5", "openai=-1", "openai=1.5", "a=9e9"])
def test_a_cap_that_is_none_is_named_with_its_line(text):
    with pytest.raises(ConfigError, match=r"x line 2: budget\.providers_krw has .*openai=5000"):
        settings_of(f'[budget]\nproviders_krw = ["{text}"]\n', "x")


def test_one_name_has_one_cap():
    with pytest.raises(ConfigError, match="a name, once"):
        settings_of('[budget]\nworkflows_krw = ["a=1", "a =2"]\n', "x")


def test_what_only_counts_and_how_fast_calls_may_go():
    rules = {row.bucket_id: row for row in budgets_of(settings(workflows_krw=["ocr=720"]))}

    assert not rules["total"].pace_micro
    assert (rules["workflow:ocr"].pace_micro, rules["workflow:ocr"].burst_micro) == (
        *(3_000_000, 144_000_000),
    )
    changed = settings(modes=["api=count"], paces=["api = 10/minute"], pace_factor=0)
    rules = {row.bucket_id: row for row in budgets_of(changed)}
    assert (rules["api"].blocks, rules["total"].blocks) == (False, True)
    assert (rules["api"].pace_micro, rules["api"].burst_micro) == (600_000_000, 10_000_000)


def test_quotas_have_a_row_a_limit_and_the_days_of_their_zone():
    gemini = {
        "name": "gemini",
        "provider": "google",
        "model": "gemini-2.5-flash*",
        "minute_calls_max": 10,
        "day_calls_max": 250,
        "timezone": "America/Los_Angeles",
    }
    known = Settings.model_validate({"quota": [gemini]})

    assert [(row.quota_id, row.calls_max, row.calendar) for row in quotas_of(known)] == [
        ("gemini:day", 250, "day:America/Los_Angeles"),
        ("gemini:minute", 10, ""),
    ]
    days = [row for row in periods_of(known, NOW) if row.calendar.startswith("day:")]
    assert all(a.end_us == b.start_us for a, b in pairwise(days))
    assert {(day.end_us - day.start_us) // 3_600_000_000 for day in days} == {23, 24, 25}
    midnight = datetime(2026, 11, 30, 8, tzinfo=UTC).timestamp() * 1e6
    assert midnight in {day.start_us for day in days}
    assert periods_of(Settings(), NOW) == months_of(Settings(), NOW)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('modes = ["api=off"]', 'budget.modes has "api=off"; it takes a bucket, once, and count'),
        ('modes = ["ocr=count"]', "it takes a bucket, once"),
        ('modes = ["api=count", "api=stop"]', "it takes a bucket, once"),
        ('modes = ["workflow:a=count"]', "has no cap; it takes one of total, api, for example"),
        ('paces = ["api=0/hour"]', "it takes a bucket, once, and whole won an hour or minute"),
        ('paces = ["api=5"]', '"api=500/hour"'),
        ("alert_percents = [70, 70]", "each once, for example [70, 80, 90, 95, 100]"),
        ("alert_percents = [101]", "whole numbers from 1 to 100"),
        ('alert_percents = "70"', "whole numbers from 1 to 100"),
        ("alert_percents = []", "a list of 1 to 10"),
        ("raise_percent_max = -1", "it takes a whole number from 0 to 1000"),
    ],
)
def test_what_is_wrong_is_named_with_a_value_that_works(line, said):
    with pytest.raises(ConfigError) as refused:
        settings_of(f"[budget]\n{line}\n", "x")

    assert "x line 2: budget." in str(refused.value)
    assert said in str(refused.value)


def test_lines_are_put_in_order():
    assert settings(alert_percents=[100, 50]).budget.alert_percents == (50, 100)
