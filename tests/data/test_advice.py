"""What advice goes by, out of a real store; with hand-made calls whose sums are easy to see."""

import json
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from data.advice import BILL_DAYS, facts
from data.cost_cells import balance_cells
from data.cost_views import VIEWS, Asked, view_rows
from data.filling import Cast, write_past
from data.focus import charges
from data.ops.recording import CostBatch
from models.costs.advice.shapes import SPAN_DAYS, Beginnings, Facts, Losses, Repeats, Use
from models.costs.outside import Outside
from models.focus import focus_rows
from models.monitoring import SeriesKey, Thing
from models.settings.rented import Rented
from sallim.ledger.money_rows import Tokens
from sallim.ledger.statement_rows import Balance
from sallim.money import NANO, gross_micro
from sallim.prices import PriceList, shipped
from tests.data.stores import Direct, home_in, opened
from tests.data.test_costs import NOW, SEOUL, call, put
from tests.sallim.money import NOVEMBER, NOW_US, WON

DAY_US, MINUTE_US = 86_400_000_000, 60_000_000
NIGHT_US = NOW_US - 9 * 3_600_000_000  # 3:00 in Seoul
HASH, OTHER = "0123456789abcdef" * 2, "fedcba9876543210" * 2
ONE = {"input": 100, "output": 20, "reasoning": 5}


def known(store, *calls, **more) -> Facts:
    return facts(put(store, *calls), NOW + 1, SEOUL, **more)


def at(minutes_ago, call_id, **changed):
    return call(call_id, at_us=NOW_US - minutes_ago * MINUTE_US, **changed)


def use(workflow="ocr", patient=False, calls=1, **changed):
    micro = Decimal(calls)
    usd = Decimal("0.0003615") * calls
    tokens = Tokens(*(count * calls for count in Tokens(**ONE)))
    known = Use(workflow, "openai", "gpt-5-mini", patient, calls, micro, usd, tokens)
    return known._replace(**changed)


def test_an_empty_store_knows_nothing(store):
    assert facts(Direct(store), NOW, SEOUL) == Facts(since=None, calls=0, machines=[], bills=[])


def used_elsewhere(since, model="gpt-5-mini", nano_usd=NANO, provider="openai"):
    told = Outside(provider, model, since, since + 3_600, 900, 100, 3, nano_usd)
    detail = json.dumps({**told._asdict(), "seen_at": since + 600})
    return Thing("outside", provider, f"{since:.0f}:{model}", "", detail, since)


def test_what_is_used_outside_by_the_minute_is_told_in_won(store):
    hour = NOW // 3_600 * 3_600
    store.record(
        [
            used_elsewhere(hour - 7_200),
            used_elsewhere(hour - 3_600),
            used_elsewhere(hour - 3_600, "of-ones-own", None),
            used_elsewhere(hour - 40 * 86_400),
        ]
    )
    [one] = facts(Direct(store), NOW, SEOUL).minutes

    assert (one.provider, one.hours, one.tokens, one.unpriced) == ("openai", 2, 3_000, 1)
    assert one.usd == 2
    assert one.won == Decimal(gross_micro(2 * NANO, shipped().exchange)) / 1_000_000


def test_tokens_and_money_of_each_workflow_and_model(store):
    told = known(
        store,
        call("a"),
        call("b", model="gpt-5"),
        call("c"),
        call("d", status=500),
        call("e", state="unverified"),
        call("f", source="estimated"),
        call("g", at_us=NOW_US - SPAN_DAYS * DAY_US),
        call("h", endpoint="server:gpu", source="typed"),
    )

    assert (told.calls, told.since) == (6, NOW)
    assert told.uses == [use(model="gpt-5"), use(calls=2)]


def test_nobody_waits_for_optional_calls_and_for_n8n_at_night(store):
    store.record([Thing("workflow", "n8n", "w1", "Nightly digest", "{}", NOW)])
    told = known(
        store,
        call("a", priority="optional", workflow="tags"),
        call("b", priority="optional", workflow="chat", stream=True),
        call("c", at_us=NIGHT_US, workflow="Nightly digest"),
        call("d", at_us=NIGHT_US, workflow="mine"),
        call("e", workflow="Nightly digest"),
    )

    patient = {(one.workflow, one.is_patient) for one in told.uses}
    assert patient == {
        ("tags", True),
        ("chat", False),
        ("Nightly digest", True),
        ("Nightly digest", False),
        ("mine", False),
    }


def test_the_night_is_the_houses(store):
    store.record([Thing("workflow", "n8n", "w1", "digest", "{}", NOW)])
    reader = put(store, call("a", at_us=NIGHT_US, workflow="digest"))

    by_zone = [
        facts(reader, NOW, ZoneInfo(zone)).uses[0].is_patient
        for zone in ("Asia/Seoul", "America/New_York", "UTC")
    ]
    assert by_zone == [True, False, False]


def test_the_same_prompt_within_a_day_is_a_repetition(store):
    told = known(
        store,
        at(3 * 1_440, "a", prompt_hash=HASH),
        at(1_441, "b", prompt_hash=HASH),
        at(1, "c", prompt_hash=HASH),
        at(0, "d", prompt_hash=HASH, gross_micro=7 * WON),
        at(0, "e", prompt_hash=OTHER),
        at(0, "f", prompt_hash=HASH, status=500),
        at(0, "g"),
        at(0, "h", prompt_hash="no hash at all"),
    )

    assert told.repeats == [Repeats("ocr", "openai", "gpt-5-mini", 5, 1, Decimal(7))]


def test_a_beginning_within_five_minutes_could_have_been_read(store):
    told = known(
        store,
        at(60, "a", prefix_hash=HASH),
        at(30, "b", prefix_hash=HASH),
        at(28, "c", prefix_hash=HASH),
        at(27, "d", prefix_hash=HASH),
        at(26, "e", prefix_hash=HASH, tokens=Tokens(input=50, cache_read=50)),
        at(26, "f", prefix_hash=OTHER),
        at(25, "g"),
    )

    usd = Decimal("0.0003615") * 6
    wanted = Beginnings("ocr", "openai", "gpt-5-mini", 6, 2, 1, 600, Decimal(6), usd)
    assert told.beginnings == [wanted]


def test_limits_beside_what_is_used_of_them(store):
    calls = [
        call(f"c{n}", output_max=4_000, tokens=Tokens(output=n, reasoning=100)) for n in range(99)
    ]
    told = known(store, *calls, call("long", output_max=4_000, tokens=Tokens(output=3_900)))

    [limits] = told.limits
    assert (limits.calls, limits.output_max, limits.p99_output) == (100, 4_000, 198)
    assert limits.worst_won == 1
    assert limits.won_per_usd == pytest.approx(Decimal(1) / Decimal("0.0003615"))


def test_what_was_paid_for_and_not_used(store):
    old = NOW_US - 3 * DAY_US
    told = known(
        store,
        call("a", 5 * WON, status=500),
        call("b", attempt=2),
        call("c", 2 * WON, source="estimated", error="its caller left"),
        call("d", 4 * WON, source="estimated", error="without usage"),
        call("e", 8 * WON, at_us=old, state="unverified"),
        call("f", 9 * WON, state="unverified"),
        call("g", workflow="fine"),
    )

    assert told.losses == [
        Losses(
            *("ocr", "openai", "gpt-5-mini", 6, 1),
            *(1, Decimal(5), 1, Decimal(2), 1, Decimal(8)),
        )
    ]


def test_what_is_left_is_that_of_the_tightest_bucket(store):
    rows = [
        Balance(bucket, NOVEMBER.start_us, NOVEMBER.end_us, cap * WON, 3 * WON, 2 * WON, WON, 1)
        for bucket, cap in (("api", 100), ("total", 50), ("provider:openai", 7))
    ]
    batch = CostBatch(balances=[balance_cells(row, NOW) for row in rows])
    store.fold_costs(batch, NOW)

    assert known(store, call("a")).left_won == 44


def verdict(name, cause, *, is_alarm=True, days_ago=1.0):
    until = NOW - days_ago * 86_400
    detail = {
        "since": until - 86_400,
        "until": until,
        "theirs_nano": 5 * 10**9,
        "ours_nano": 4 * 10**9,
        "guarded_ppm": 800_000,
        "is_alarm": is_alarm,
    }
    ident = f"{detail['since']:.0f}:{until:.0f}:{name}"
    return Thing("verdict", "openai", ident, cause, json.dumps(detail), NOW)


def test_bills_of_a_key_that_is_used_elsewhere(store):
    store.record(
        [
            verdict("gpt-5", "outside"),
            verdict("gpt-5-mini", "ours"),
            verdict("small", "outside", is_alarm=False),
            verdict("old", "outside", days_ago=BILL_DAYS),
        ]
    )

    [bill] = facts(Direct(store), NOW, SEOUL).bills
    assert (bill.model, bill.theirs_usd, bill.ours_usd) == ("gpt-5", 5, 4)


CPU = SeriesKey("gpu-1", "machine.cpu.utilization", ())
GPU = SeriesKey("gpu-1", "hw.gpu.utilization", (("hw.gpu.task", "general"),))
UNTIL = NOW - NOW % 86_400
HOUR = 3_600


def curves(moments):
    """Of the last day: on for ten hours; the card works two, the CPU two with a short rest."""
    hour = (moments - (UNTIL - 24 * HOUR)) / HOUR
    on = (hour >= 6) & (hour < 16)
    gpu = np.where((hour >= 8) & (hour < 10), 0.9, 0.01)
    cpu = np.where((hour >= 10) & (hour < 11), 0.5, 0.01)
    # Twenty minutes between two pieces of work are no reason to return it.
    cpu = np.where((hour >= 11 + 1 / 3) & (hour < 12), 0.5, cpu)
    return np.where(on, np.stack([cpu, gpu]), np.nan)


def test_hours_in_which_a_rented_machine_did_nothing(tmp_path):
    home = home_in(tmp_path)
    write_past(home, [Cast([CPU, GPU], curves)], 2, UNTIL, demo=False)
    store = opened(home, UNTIL)
    booked = {"endpoint": "server:gpu", "source": "typed", "buckets": ("servers", "total")}
    day = timedelta(days=1).total_seconds()
    reader = put(store, call("s", 1_000 * WON, int((UNTIL - day) * 1e6), model="", **booked))
    [machine] = facts(reader, UNTIL, SEOUL, [Rented(name="gpu", machine="gpu-1")]).machines
    unwatched = facts(reader, UNTIL, SEOUL).machines
    store.close()

    assert unwatched == []
    assert (machine.name, machine.machine, machine.has_gpu) == ("gpu", "gpu-1", True)
    assert machine.on_hours == 10
    # From 6 to 8 and from 12 to 16.
    assert machine.idle_hours == 6
    assert machine.won == 1_000


def test_no_export_holds_a_hash(store):
    reader = put(store, call("a", prompt_hash=HASH, prefix_hash=OTHER))
    asked = Asked((NOW - 1, NOW + 1), SEOUL)
    rows = [list(view_rows(view, reader, asked)) for view in VIEWS.values()]
    told = repr(rows) + repr(list(focus_rows(charges(reader, asked.span), PriceList([]))))

    assert "gpt-5-mini" in told
    for digits in (HASH, OTHER):
        assert digits not in told.replace("-", "")
        assert "hash" not in repr([view.header for view in VIEWS.values()])


def test_hashes_are_stored_as_they_came(store):
    reader = put(store, call("a", prompt_hash=HASH, prefix_hash=OTHER, output_max=9), call("b"))
    found = reader.columns(
        "SELECT replace(prompt_hash::VARCHAR, '-', '') AS prompt, prefix_hash IS NULL AS none, "
        "output_max FROM calls ORDER BY call_id"
    )

    assert found["prompt"].tolist()[0] == HASH
    assert found["none"].tolist() == [False, True]
    assert found["output_max"].tolist() == [9, 0]
