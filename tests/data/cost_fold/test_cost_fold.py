"""The ledger's money in the store: nothing missing, nothing twice, to the micro-won."""

import shutil
import sqlite3
from contextlib import closing
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.cost_fold import (
    balance_rows,
    fold_balances,
)
from data.ops.costs import forget_old_costs
from data.ops.records import KEPT_SECONDS, forget_watermarks
from models.errors import StoreError
from sallim.ledger import Ledger
from sallim.ledger.money_rows import AMOUNT_MAX, CAP_MAX
from tests.data.cost_fold.folding import FAR_US, NOW, fold, lost, made, reserved, rows, spent
from tests.data.stores import home_in, opened
from tests.sallim.money import MONTHS, NOW_US, WON, asked, budget, settlement
from tests.sallim.rows import MINUTE_US


def test_a_call_comes_over_and_again_in_each_state(ledger, store):
    reserved(ledger, "a", worst_micro=2 * WON + 1)
    assert fold(ledger, store) == 1
    assert rows(store) == [("a", 1, "open", 0)]

    ledger.accounts.expire(FAR_US * 10)
    fold(ledger, store)
    assert rows(store) == [("a", 1, "unverified", Decimal("2.000001"))]

    ledger.accounts.settle("a", 1, settlement(1_234_567, nano_usd=987_654_321))
    fold(ledger, store)
    assert rows(store) == [("a", 1, "settled", Decimal("1.234567"))]
    assert rows(store, "SELECT usd, worst_usd FROM calls") == [
        (Decimal("0.987654321"), Decimal("0.000723000"))
    ]
    assert fold(ledger, store) == 0


def test_every_column_arrives(ledger, store):
    reserved(ledger, "a", buckets=("total", "workflow:ocr"))
    ledger.accounts.settle("a", 1, settlement(error="Bearer abcdefgh12345678"))
    fold(ledger, store)

    [row] = rows(
        store,
        """
        SELECT provider, model, model_billed, endpoint, workflow, analysis, job_key, key_label,
               priority, kind, is_call, source, status, latency_us, input_tokens, output_tokens,
               reasoning_tokens, tool_calls, fx_id, vat_ppm, fee_ppm, streamed, buckets,
               epoch_us(opened_at), epoch_us(settled_at), error
        FROM cost_facts
        """,
    )
    assert row == (
        *("openai", "gpt-5-mini", "gpt-5-mini-2025", "/v1/responses", "ocr", "video", "video-17"),
        *("laptop", "essential", "api", True, "usage", 200, 900_000, 100, 20, 5),
        *('[["web_search", 1]]', "fx-1", 100_000, 25_000, False, "total\nworkflow:ocr"),
        *(NOW_US, NOW_US + MINUTE_US, "Bearer [redacted]"),
    )
    assert rows(store, "SELECT fx_id, rate_date, won_per_usd FROM fx_rates") == [
        ("fx-1", "2025-11-14", Decimal("1383.000000"))
    ]


def test_calls_of_one_kind_share_their_labels(ledger, store):
    reserved(ledger, *(f"call-{n}" for n in range(50)))
    fold(ledger, store)
    reserved(ledger, "other", model="gpt-5")
    reserved(ledger, "again")
    fold(ledger, store)

    assert rows(store, "SELECT id, model FROM call_labels ORDER BY id") == [
        (1, "gpt-5-mini"),
        (2, "gpt-5"),
    ]
    assert rows(store, "SELECT labels_id FROM calls WHERE call_id = 'again'") == [(1,)]


def test_more_than_a_batch_comes_in_batches(ledger, store, monkeypatch):
    monkeypatch.setattr("data.cost_fold.ROWS_A_BATCH", 20)
    reserved(ledger, *(f"call-{n}" for n in range(50)))

    assert [fold(ledger, store) for _ in range(4)] == [20, 20, 10, 0]
    assert len(rows(store)) == 50


def killed(*_):
    raise KeyError("killed")


def test_a_step_that_is_killed_half_way_is_as_if_it_had_not_begun(ledger, store, monkeypatch):
    reserved(ledger, "a", "b")
    with monkeypatch.context() as broken:
        broken.setattr(
            "data.ops.recording.move_watermark",
            lambda *_: (_ for _ in ()).throw(KeyError("killed")),
        )
        with pytest.raises(KeyError):
            fold(ledger, store)
    assert rows(store) == []

    assert fold(ledger, store) == 2
    assert len(rows(store)) == 2


def test_a_store_that_lost_how_far_it_was_reads_all_again_and_counts_nothing_twice(ledger, store):
    reserved(ledger, *(f"call-{n}" for n in range(10)))
    fold(ledger, store)
    with store._database.transaction() as connection:  # noqa: SLF001
        connection.execute("DELETE FROM calls WHERE call_id < 'call-5'")
        connection.execute("DELETE FROM call_labels")
        forget_watermarks(connection)

    assert fold(ledger, store) == 10
    assert rows(store, "SELECT count(*), count(DISTINCT provider) FROM cost_facts") == [(10, 1)]
    # What other rows may still mean by the labels that were lost is given to nobody else.
    assert rows(store, "SELECT id FROM call_labels") == [(2,)]


def test_a_ledger_made_anew_is_read_from_its_beginning(home, ledger, store):
    reserved(ledger, *(f"call-{n}" for n in range(10)))
    fold(ledger, store)
    ledger.close()
    for file in home.ledger_folder.glob("ledger.sqlite3*"):
        file.unlink()
    fresh = made(home)
    reserved(fresh, "call-99")

    assert fold(fresh, store) == 1
    assert len(rows(store)) == 11
    fresh.close()


def test_an_older_copy_of_the_ledger_that_was_put_back_is_read_whole(home, ledger, store):
    reserved(ledger, "call-1")
    ledger.close()
    copies = {file: file.read_bytes() for file in home.ledger_folder.glob("ledger.sqlite3*")}
    reserved(ledger, *(f"call-{n}" for n in range(2, 10)))
    fold(ledger, store)
    ledger.close()
    for file, content in copies.items():
        file.write_bytes(content)
    older = Ledger.open(home.ledger)
    reserved(older, "call-77")
    fold(older, store)
    older.close()

    assert len(rows(store)) == 10


def test_refusals_and_limit_events_come_over_once(ledger, store):
    ledger.accounts.put_budgets([budget(cap_micro=10 * WON)], MONTHS)
    reserved(ledger, "a", worst_micro=8 * WON)
    ledger.accounts.settle("a", 1, settlement(8 * WON))
    reserved(ledger, "b", "c", worst_micro=3 * WON + 1)
    fold(ledger, store)
    reserved(ledger, "d", worst_micro=3 * WON + 2)
    fold(ledger, store)

    assert rows(store, "SELECT bucket_id, model, code, calls, needed_won FROM refusals") == [
        ("total", "gpt-5-mini", "budget", 3, Decimal("3.000002"))
    ]
    assert rows(
        store, "SELECT kind, threshold_ppm, cap_won, spent_won FROM limit_events ORDER BY 2"
    ) == [
        ("threshold", 700_000, Decimal(10), Decimal(8)),
        ("threshold", 800_000, Decimal(10), Decimal(8)),
    ]


def test_balances_are_those_of_the_budgets_there_are_and_of_the_period_before(ledger, store):
    ledger.accounts.put_budgets(
        [budget(cap_micro=CAP_MAX), budget("api", cap_micro=15_000 * WON)], MONTHS
    )
    october_us = MONTHS[9].start_us
    reserved(ledger, "late", opened_us=october_us, buckets=("total", "api"))
    reserved(ledger, "a", buckets=("total", "api"))
    ledger.accounts.settle("a", 1, settlement(WON + 1))
    fold_balances(store, balance_rows(ledger.accounts, NOW_US), NOW)
    ledger.accounts.put_budgets([budget(cap_micro=CAP_MAX)], [])
    fold_balances(store, balance_rows(ledger.accounts, NOW_US), NOW)

    assert rows(
        store,
        "SELECT bucket_id, epoch_us(start_at), cap_won, settled_won, open_won, unverified_won "
        "FROM balances ORDER BY 1, 2",
    ) == [
        ("api", october_us, Decimal(15_000), 0, 1, 0),
        ("total", october_us, Decimal(10**12), 0, 1, 0),
        ("total", MONTHS[10].start_us, Decimal(10**12), Decimal("1.000001"), 0, 0),
    ]


@pytest.mark.parametrize("value", ["'soon'", "x'00ff'", "9e999", "-9e999", "9223372036854775807"])
def test_a_row_that_another_program_filled_with_anything_stops_nothing(ledger, store, home, value):
    reserved(ledger, "a", "b")
    with closing(sqlite3.connect(home.ledger)) as hostile, hostile:
        hostile.execute(
            f"UPDATE calls SET gross_micro = {value}, opened_us = {value}, settled_us = {value}, "  # noqa: S608
            f"status = {value}, output = {value}, state = {value}, model = {value}, "
            f"vat_ppm = {value}, buckets = {value}, tool_calls = {value} WHERE call_id = 'a'"
        )

    assert fold(ledger, store) == 2
    assert [row[0] for row in rows(store)] == ["a", "b"]


def test_a_text_for_a_place_in_the_sequence_is_named(ledger, store, home):
    reserved(ledger, "a")
    with closing(sqlite3.connect(home.ledger)) as hostile, hostile:
        hostile.execute("UPDATE calls SET seq = 'last'")

    with pytest.raises(ValueError, match="'last'"):
        fold(ledger, store)


def test_what_is_past_its_time_goes_with_its_labels(ledger, store):
    reserved(ledger, "old", model="gpt-4")
    reserved(ledger, "new", opened_us=NOW_US + 2 * MINUTE_US)
    fold(ledger, store)
    with store._database.transaction() as connection:  # noqa: SLF001
        forget_old_costs(connection, NOW + KEPT_SECONDS + 60)

    assert [row[0] for row in rows(store)] == ["new"]
    assert rows(store, "SELECT model FROM call_labels") == [("gpt-5-mini",)]


def test_the_largest_amounts_fit(ledger, store):
    ledger.accounts.book(
        asked("a", worst_micro=AMOUNT_MAX, worst_nano_usd=AMOUNT_MAX),
        settlement(-AMOUNT_MAX, nano_usd=-AMOUNT_MAX),
    )
    fold(ledger, store)

    assert rows(store, "SELECT won, worst_won, usd, worst_usd FROM calls") == [
        (-(10**9), 10**9, -(10**6), 10**6)
    ]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("reserve", "settle", "release", "expire", "book", "fold", "lose")),
        st.integers(0, 5),
        st.integers(0, 10**9),
    ),
    max_size=25,
)


@pytest.mark.slow
@pytest.mark.zone
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(STEPS)
def test_whatever_happens_the_store_has_the_sum_of_the_ledger_to_the_micro_won(
    tmp_path_factory, steps
):
    folder = tmp_path_factory.mktemp("money")
    home = home_in(folder)
    store, ledger = opened(home, NOW), made(home)
    accounts = ledger.accounts
    doing = {
        "reserve": lambda call_id, micro: accounts.reserve(
            asked(call_id, worst_micro=micro, model=f"model-{micro % 3}")
        ),
        "settle": lambda call_id, micro: accounts.settle(call_id, 1, settlement(micro)),
        "release": lambda call_id, micro: accounts.release(call_id, 1, 500, "", NOW_US),
        "expire": lambda call_id, micro: call_id == "call-0" and accounts.expire(FAR_US * 10),
        "book": lambda call_id, micro: accounts.book(asked(f"b-{call_id}"), settlement(-micro)),
        "fold": lambda call_id, micro: fold(ledger, store),
        "lose": lambda call_id, micro: call_id == "call-0" and lost(store),
    }
    for step, number, micro in steps:
        doing[step](f"call-{number}", micro)
    while fold(ledger, store):
        pass

    known = accounts.calls_since(0, 1000)
    assert rows(store) == [
        (call.call_id, call.attempt, call.state, Decimal(call.gross_micro).scaleb(-6))
        for call in sorted(known, key=lambda call: (call.call_id, call.attempt))
    ]
    assert spent(store) == Decimal(sum(call.gross_micro for call in known)).scaleb(-6)
    store.close()
    ledger.close()
    shutil.rmtree(folder)


def test_a_closed_store_says_so(ledger, home):
    store = opened(home, NOW)
    store.close()
    reserved(ledger, "a")
    with pytest.raises(StoreError):
        fold(ledger, store)
