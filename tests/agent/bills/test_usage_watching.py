"""What a provider counts beside the ledger: calls in doubt are settled, strange use is found."""

import json
from datetime import UTC, datetime

from agent.billing import BillCollector, Reconciliation
from agent.bills.openai import OpenAiBill
from agent.budgeting import Budgeting
from agent.sampling import Clocks
from agent.usage_watching import UsageCollector
from data.bills.notes import began
from models.settings import Settings
from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import SETTLED, UNVERIFIED, Tokens
from tests.agent.bills.using import (
    CENT,
    COMPLETIONS,
    HOUR,
    MINUTE,
    START,
    WON,
    anthropic,
    collector,
    crashed,
    ended,
    mini,
    openai,
    readings,
    rows,
    states,
)
from tests.data.stores import home_in
from tests.sallim.money import asked, used
from tests.standins.bills import openai_costs
from tests.standins.usage import OPENAI


def test_a_crashed_call_is_settled_by_what_is_left_of_the_providers_count(standing, counted, house):
    ended(house, "a")
    crashed(house, "b", START + 30)
    mini(counted)
    mini(counted, START + 40, sent=2000, made=400)
    watching = collector(house, openai(standing), START + 30 * MINUTE)
    harvest = watching.collect(0)

    call = rows(house)["b"]
    assert (call.state, call.source, call.error) == (
        SETTLED,
        "estimated",
        "settled by the provider's usage",
    )
    # 2,000 tokens at 0.25 and 400 at 2 USD a million; at the rate at which it was reserved.
    assert call.nano_usd == 1_300_000
    assert call.gross_micro == 30 * WON * 1_300_000 // (2 * CENT)
    assert call.tokens == Tokens(input=2000, output=400)
    accounts = Accounts.open(house.ledger)
    assert used(accounts, int(START * 1e6))["total"] == (WON + call.gross_micro, 0, 0)
    assert readings(harvest) == {"usage.age": 0.0, "usage.settled": 1.0, "usage.outside": 0.0}
    assert watching.findings == []


def test_before_the_provider_has_counted_it_nothing_is_given_back(standing, counted, house):
    ended(house, "a")
    crashed(house, "b", START + 30)
    mini(counted, sent=900)
    late = collector(house, openai(standing), START + 3 * HOUR)
    late.collect(0)

    assert states(house)["b"] == UNVERIFIED
    mini(counted, sent=100)
    collector(house, openai(standing), START + 30 * MINUTE).collect(0)
    # Two requests are counted, as many as there were.
    assert states(house)["b"] == SETTLED


def test_one_that_never_arrived_costs_nothing_once_later_calls_are_counted(
    standing, counted, house
):
    crashed(house, "b")
    collector(house, openai(standing), START + 3 * HOUR).collect(0)
    assert states(house)["b"] == UNVERIFIED

    ended(house, "c", START + 2 * HOUR)
    mini(counted, START + 2 * HOUR)
    collector(house, openai(standing), START + 40 * MINUTE).collect(0)
    assert states(house)["b"] == UNVERIFIED
    collector(house, openai(standing), START + 3 * HOUR).collect(0)
    assert (states(house)["b"], rows(house)["b"].nano_usd) == (SETTLED, 0)


def test_what_is_counted_under_another_name_may_be_the_call(standing, counted, house):
    crashed(house, "b", model="gpt-5-latest")
    mini(counted, START + 5)
    ended(house, "c", START + 2 * HOUR)
    mini(counted, START + 2 * HOUR)
    collector(house, openai(standing), START + 3 * HOUR).collect(0)

    assert states(house)["b"] == UNVERIFIED


def test_strange_use_beside_it_leaves_the_call_at_its_worst(standing, counted, house):
    crashed(house, "b")
    mini(counted)
    mini(counted, START + 60)
    watching = collector(house, openai(standing), START + 50 * MINUTE)
    watching.collect(0)

    assert states(house)["b"] == UNVERIFIED


def test_a_search_costs_what_no_token_shows(standing, counted, house):
    crashed(house, "b")
    mini(counted)
    counted.other("web_search_calls", START + 4, num_requests=1, num_model_requests=1)
    collector(house, openai(standing), START + 30 * MINUTE).collect(0)

    assert states(house)["b"] == UNVERIFIED
    assert standing.count(f"{OPENAI}web_search_calls") == 1


def test_several_share_what_is_left_and_no_more_than_is_proven_is_given_back(
    standing, counted, house
):
    crashed(house, "a")
    crashed(house, "b", START + 120)
    # 12 million nano for each million of both: 15,000 and 7,500 tokens.
    mini(counted, sent=0, made=12_000)
    mini(counted, START + 130, sent=0, made=2_000)
    collector(house, openai(standing), START + 40 * MINUTE).collect(0)

    found = rows(house)
    assert (found["a"].nano_usd, found["b"].nano_usd) == (2 * CENT, 8_000_000)
    assert found["a"].tokens == Tokens()
    assert found["a"].gross_micro + found["b"].gross_micro == 30 * WON + 12 * WON


def test_more_than_was_kept_for_it_gives_nothing_back(standing, counted, house):
    crashed(house, "a")
    mini(counted, sent=0, made=1_000_000)
    watching = collector(house, openai(standing), START + 50 * MINUTE)
    watching.collect(0)

    assert states(house)["a"] == UNVERIFIED
    assert len(watching.findings) == 1


def test_a_dearer_tier_is_taken_as_it_answered(standing, counted, house):
    crashed(house, "a")
    counted.chat(START, "gpt-5-mini", "priority", input_tokens=1_000, output_tokens=0)
    collector(house, openai(standing), START + 40 * MINUTE).collect(0)

    assert rows(house)["a"].nano_usd == 450_000


def test_anthropics_fast_mode_is_not_told_so_it_may_have_been(standing, counted, house):
    opus = {"provider": "anthropic", "model": "claude-opus-4-8", "endpoint": "/v1/messages"}
    crashed(house, "a", **opus, worst_nano_usd=CENT * 100)
    counted.messages(START + 5, "claude-opus-4-8", input=1_000)
    ended(house, "b", START + HOUR, **opus)
    counted.messages(START + HOUR, "claude-opus-4-8", input=1_000, output=100)
    collector(house, anthropic(standing), START + 1.5 * HOUR).collect(0)

    assert rows(house)["a"].nano_usd == 10_000_000


def test_it_counts_in_the_month_of_seoul_in_which_it_was_called(standing, counted, house):
    last_night = datetime(2026, 11, 30, 15, 30, tzinfo=UTC).timestamp()
    crashed(house, "a", last_night)
    mini(counted, last_night + 20, sent=0, made=5_000)
    collector(house, openai(standing), last_night + 40 * MINUTE).collect(0)

    accounts = Accounts.open(house.ledger)
    november, december = (int((last_night + hours * HOUR) * 1e6) for hours in (-1, 1))
    assert used(accounts, november)["total"] == (0, 0, 0)
    assert used(accounts, december)["total"] == (15 * WON, 0, 0)


def test_counts_that_are_restated_later_change_nothing_the_bill_does(standing, counted, house):
    crashed(house, "a")
    mini(counted, sent=0, made=5_000)
    collector(house, openai(standing), START + 40 * MINUTE).collect(0)
    before = rows(house)
    mini(counted, sent=0, made=4_000)
    watching = collector(house, openai(standing), START + 50 * MINUTE)
    watching.collect(0)

    assert rows(house) == before
    assert len(watching.findings) == 1


def test_seconds_of_sound_are_counted_too(standing, counted, house):
    crashed(house, "a", model="whisper-1", endpoint="/v1/audio/transcriptions")
    counted.other("audio_transcriptions", START, "whisper-1", seconds=60, num_model_requests=1)
    collector(house, openai(standing), START + 40 * MINUTE).collect(0)

    call = rows(house)["a"]
    assert (call.nano_usd, json.loads(call.tool_calls)) == (6_000_000, [["audio_seconds", 60]])


def test_anthropic_counts_no_calls_so_it_takes_an_hour_and_a_later_one(standing, counted, house):
    crashed(house, "a", provider="anthropic", model="claude-haiku-4-5", endpoint="/v1/messages")
    counted.messages(START + 5, "claude-haiku-4-5-20251001", input=1_000, output=100)
    collector(house, anthropic(standing), START + 3 * HOUR).collect(0)
    assert states(house)["a"] == UNVERIFIED

    later = {"provider": "anthropic", "model": "claude-haiku-4-5", "endpoint": "/v1/messages"}
    ended(house, "b", START + HOUR, **later)
    counted.messages(START + HOUR, "claude-haiku-4-5-20251001", input=1_000, output=100)
    collector(house, anthropic(standing), START + HOUR).collect(0)
    assert states(house)["a"] == UNVERIFIED
    collector(house, anthropic(standing), START + 1.5 * HOUR).collect(0)
    assert rows(house)["a"].nano_usd == 1_500_000


def test_a_key_that_is_used_elsewhere_is_found_with_its_numbers(standing, counted, house):
    ended(house, "a")
    mini(counted)
    mini(counted, START + 60, sent=5_000, made=700)
    watching = collector(house, openai(standing), START + 4 * MINUTE)
    harvest = watching.collect(0)

    [finding] = watching.findings
    assert str(finding) == (
        "5000 tokens to gpt-5-mini and 700 from it, from 2026-11-20 03:00 to 04:00 UTC, passed no "
        "guard (about 0.0027 USD); look who else has a key of openai, and send them through guard "
        "or gateway"
    )
    assert readings(harvest)["usage.outside"] == 5_700
    [thing] = harvest.records
    assert (thing.kind, thing.source, thing.id) == ("outside", "openai", f"{START:.0f}:gpt-5-mini")
    assert json.loads(thing.detail)["nano_usd"] == 2_650_000


def test_a_call_that_runs_and_one_in_doubt_are_taken_off_at_their_worst(standing, counted, house):
    crashed(house, "a", START + 5, minutes=0)
    accounts = Accounts.open(house.ledger)
    row = asked("b", WON, opened_us=int(START * 1e6), worst_nano_usd=CENT)
    accounts.reserve(row._replace(expires_us=int((START + HOUR) * 1e6)))
    mini(counted, sent=0, made=14_000)
    watching = collector(house, openai(standing), START + 2 * MINUTE)
    watching.collect(0)
    assert watching.findings == []

    mini(counted, sent=0, made=2_000)
    again = collector(house, openai(standing), START + 2 * MINUTE)
    again.collect(0)
    assert len(again.findings) == 1


def test_what_was_used_before_sallim_began_is_no_finding(standing, counted, tmp_path):
    home = home_in(tmp_path)
    began(home, START)
    Budgeting(home, Clocks(wall=lambda: START, monotonic=lambda: 0.0)).take_over(Settings())
    mini(counted, START - 30 * MINUTE, sent=50_000)
    mini(counted, START + 60, sent=50_000)
    watching = collector(home, openai(standing), START + 10 * MINUTE)
    watching.collect(0)

    assert watching.findings == []


def test_it_is_asked_every_five_minutes_while_calls_flow_and_else_once_an_hour(
    standing, counted, house
):
    now = [START]
    watching = UsageCollector("usage:main", openai(standing), house, lambda: now[0])

    def asked_after(minutes, steps):
        before = standing.count(COMPLETIONS)
        for _ in range(steps):
            now[0] += minutes * MINUTE
            watching.collect(0)
        return standing.count(COMPLETIONS) - before

    assert asked_after(5, 1) == 1
    assert asked_after(5, 24) == 2
    assert watching.collect(0).readings[0].value == 0
    ended(house, "a", now[0])
    assert asked_after(5, 12) == 12


def test_two_days_later_the_bill_has_the_last_word(standing, counted, house):
    crashed(house, "a")
    mini(counted, sent=0, made=5_000)
    collector(house, openai(standing), START + 40 * MINUTE).collect(0)
    day, later = int(START - 3 * HOUR), START + 4 * 86_400
    openai_costs(standing, {day: [("gpt-5-mini, output tokens", "0.012")]})
    BillCollector("bill:main", OpenAiBill("bill:main", "sk-admin-1", standing.url), house,
                  lambda: later).collect(0)  # fmt: skip
    Reconciliation(house, Settings().house.zone, lambda: later).collect(0)

    assert rows(house)["a"].nano_usd == CENT
    assert sum(row.nano_usd for row in rows(house).values()) == 12_000_000
