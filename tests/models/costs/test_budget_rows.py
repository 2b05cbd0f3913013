"""The owner's budgets as rows of the ledger."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from models.costs.budget_rows import are_same, budgets_of, months_of, rates_of
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
