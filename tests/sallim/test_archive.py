"""Calls that are no longer kept one by one: in monthly files with a checksum, and by the day."""

import hashlib
import json
import shutil
import sqlite3
from contextlib import closing

import pytest

from sallim.ledger import ArchiveDamaged, Ledger, LedgerError, archive
from tests.sallim.money import (
    MONTHS,
    NOW_US,
    WON,
    asked,
    budget,
    seoul_us,
    settlement,
    states,
    used,
)
from tests.sallim.rows import DAY_US, MINUTE_US

END_US = NOW_US + 90 * DAY_US
SEQ_MAX = 2**63 - 1


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "archive"


def fill(accounts, days=range(50, -10, -10)):
    """A settled call every ten days before now, one in doubt and one that is open."""
    for day in days:
        opened_us = NOW_US - day * DAY_US
        call = asked(f"{day}", opened_us=opened_us, expires_us=opened_us + MINUTE_US)
        accounts.reserve(call)
        accounts.settle(f"{day}", 1, settlement(WON // 2, settled_us=opened_us + 5))
    accounts.reserve(asked("lost"))
    accounts.expire(NOW_US + 16 * MINUTE_US)
    accounts.reserve(asked("open", expires_us=END_US))


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_calls_are_archived_by_month_before_they_are_deleted(capped, folder):
    fill(capped)
    before = {call.call_id: call for call in capped.calls_since(0, 100)}

    assert capped.forget(END_US, SEQ_MAX, folder) == 7
    assert states(capped) == {("open", 1): "open"}
    assert files(folder) == [f"calls-2025-{month:02}.jsonl" for month in (9, 10, 11)]
    kept = {call.call_id: call for call in archive.read_all(str(folder))}
    assert kept == {name: call for name, call in before.items() if name != "open"}


def test_only_what_is_old_and_already_read_goes(capped, folder):
    fill(capped)

    assert capped.forget(NOW_US - 15 * DAY_US, SEQ_MAX, folder) == 4
    assert capped.forget(NOW_US - 15 * DAY_US, SEQ_MAX, folder) == 0
    assert capped.forget(END_US, 3, folder) == 0
    assert set(states(capped)) == {("0", 1), ("10", 1), ("lost", 1), ("open", 1)}


def test_balances_stay_and_seq_goes_on(capped, folder):
    fill(capped)
    before, last = used(capped), capped.calls_since(0, 100)[-1].seq
    capped.settle("open", 1, settlement(0))
    capped.forget(END_US, SEQ_MAX, folder)

    assert capped.calls_since(0, 100) == []
    capped.reserve(asked("after", 0))
    [call] = capped.calls_since(0, 100)
    assert call.seq == last + 2
    assert used(capped)["total"] == (before["total"][0], 0, before["total"][2])


def test_a_later_call_of_a_month_joins_its_file_and_replaces_what_was_told_of_it(capped, folder):
    fill(capped, [0])
    capped.forget(NOW_US + MINUTE_US, SEQ_MAX, folder)
    [first] = archive.read_all(str(folder))
    again = first._replace(status=500)
    archive.add(str(folder), "2025-11", [again])
    capped.forget(END_US, SEQ_MAX, folder)

    assert {call.call_id for call in archive.read_all(str(folder))} == {"0", "lost"}
    assert again in archive.read_all(str(folder))


def test_days_are_kept_longer_than_calls(capped, folder):
    fill(capped, [1, 0])
    capped.book(asked("failed", workflow="n8n"), settlement(0, status=500, settled_us=NOW_US))
    capped.forget(END_US, SEQ_MAX, folder)

    rows = capped.days("2025-11-01", "2025-12-01")
    assert [(row.day, row.workflow, row.calls, row.errors) for row in rows] == [
        ("2025-11-16", "ocr", 1, 0),
        ("2025-11-17", "n8n", 1, 1),
        ("2025-11-17", "ocr", 2, 0),
    ]
    assert (rows[2].gross_micro, rows[2].input_tokens, rows[2].output_tokens) == (
        *(WON // 2 + WON, 100, 25),
    )
    assert capped.days("2025-11-17", "2025-11-17") == []
    capped.forget(NOW_US + 310 * DAY_US, SEQ_MAX, folder)
    assert [row.day for row in capped.days("2025-01-01", "2026-01-01")] == ["2025-11-17"] * 2
    capped.forget(NOW_US + 311 * DAY_US, SEQ_MAX, folder)
    assert capped.days("2025-01-01", "2026-01-01") == []


def test_refusals_go_with_the_calls_and_events_with_the_days(capped, folder):
    capped.reserve(asked("a", 101 * WON))
    capped.book(asked("b"), settlement(70 * WON, settled_us=NOW_US))
    capped.forget(END_US, SEQ_MAX, folder)
    assert capped.refusals_since(0, 10) == []
    [event] = capped.limit_events_since(0, 10)
    capped.reserve(asked("c", 101 * WON))
    assert [row.seq for row in capped.refusals_since(0, 10)] == [2]

    capped.forget(NOW_US + 311 * DAY_US, SEQ_MAX, folder)
    assert capped.limit_events_since(0, 10) == []
    capped.book(asked("d"), settlement(10 * WON))
    assert capped.limit_events_since(0, 10)[0].seq > event.seq


def test_a_ledger_that_was_lost_comes_back_out_of_its_archive_and_what_was_read(
    capped, folder, tmp_path
):
    fill(capped)
    read = capped.calls_since(0, 100)
    before = {day: used(capped, NOW_US - day * DAY_US) for day in (0, 30, 50)}
    capped.forget(NOW_US - 15 * DAY_US, SEQ_MAX, folder)
    capped.close()
    for path in tmp_path.glob("ledger.sqlite3*"):
        path.unlink()

    capped.put_budgets([budget(), budget("api", 60 * WON)], MONTHS)
    capped.reserve(asked("fresh", 7 * WON))
    assert capped.rebuild(folder, [call for call in read if call.seq > 6]) == 8
    after = {day: used(capped, NOW_US - day * DAY_US) for day in (0, 30, 50)}
    settled, reserved, unverified = before[0]["total"]
    assert after == {**before, 0: {**before[0], "total": (settled, reserved + 7 * WON, unverified)}}
    assert capped.settle("open", 1, settlement(0))
    assert capped.settle("lost", 1, settlement(0))
    assert used(capped)["total"] == (settled, 7 * WON, 0)
    assert capped.rebuild(folder, read) == 0


def test_what_is_there_already_is_not_counted_twice(capped, folder):
    fill(capped)
    before = {day: used(capped, NOW_US - day * DAY_US) for day in (0, 30, 50)}
    capped.forget(NOW_US - 15 * DAY_US, SEQ_MAX, folder)

    assert capped.rebuild(folder, []) == 4
    assert {day: used(capped, NOW_US - day * DAY_US) for day in (0, 30, 50)} == before
    capped.forget(END_US, SEQ_MAX, folder)
    assert sum(row.calls for row in capped.days("2025-01-01", "2026-01-01")) == 7
    assert len(list(archive.read_all(str(folder)))) == 7


def test_calls_may_come_back_before_the_budgets_do(capped, folder, tmp_path):
    fill(capped)
    before = used(capped)
    other = Ledger.open(tmp_path / "other.sqlite3")
    other.accounts.rebuild(folder, capped.calls_since(0, 100))
    other.accounts.put_budgets([budget(), budget("api", 60 * WON)], MONTHS)

    assert used(other.accounts) == before
    other.close()


@pytest.mark.slow
def test_every_bit_of_an_archive_counts(capped, folder):
    fill(capped, [0])
    capped.forget(END_US, SEQ_MAX, folder)
    path = folder / "calls-2025-11.jsonl"
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(ArchiveDamaged, match=r"calls-2025-11\.jsonl: this archive is damaged"):
            list(archive.read_all(str(folder)))


@pytest.mark.slow
def test_an_archive_that_is_cut_anywhere_is_named(capped, folder):
    fill(capped, [0])
    capped.forget(END_US, SEQ_MAX, folder)
    path = folder / "calls-2025-11.jsonl"
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place])
        with pytest.raises(ArchiveDamaged, match="Put a copy from a backup in its place"):
            list(archive.read_all(str(folder)))
    path.write_bytes(whole + whole)
    with pytest.raises(ArchiveDamaged):
        list(archive.read_all(str(folder)))


def test_nothing_is_deleted_or_brought_back_beside_a_damaged_archive(capped, folder):
    fill(capped)
    capped.forget(NOW_US - 15 * DAY_US, SEQ_MAX, folder)
    before, path = capped.calls_since(0, 100), folder / "calls-2025-11.jsonl"
    path.write_bytes(b'{"archive": "calls"')

    with pytest.raises(ArchiveDamaged):
        capped.forget(END_US, SEQ_MAX, folder)
    with pytest.raises(ArchiveDamaged):
        capped.rebuild(folder, [])
    assert capped.calls_since(0, 100) == before
    assert path.read_bytes() == b'{"archive": "calls"'


def test_an_archive_of_a_newer_version_with_more_columns_is_read(capped, folder):
    fill(capped, [0])
    capped.forget(END_US, SEQ_MAX, folder)
    known = list(archive.read_all(str(folder)))
    path = folder / "calls-2025-11.jsonl"
    head, *rows, _ = [json.loads(line) for line in path.read_text().splitlines()]
    head["columns"] = ["region", *head["columns"]]
    text = "".join(f"{json.dumps(line)}\n" for line in (head, *(["kr", *row] for row in rows)))
    archived = text.encode()
    path.write_bytes(archived + archive.end(len(rows), hashlib.sha256(archived).hexdigest()))

    assert list(archive.read_all(str(folder))) == known


def test_a_folder_that_cannot_be_written_is_told_and_nothing_is_deleted(capped, tmp_path):
    fill(capped)
    (tmp_path / "archive").write_text("a file")

    with pytest.raises(LedgerError, match="archive"):
        capped.forget(END_US, SEQ_MAX, tmp_path / "archive")
    assert len(states(capped)) == 8


def test_where_nothing_was_archived_nothing_comes_back(capped, folder):
    assert capped.rebuild(folder, []) == 0
    assert capped.forget(END_US, SEQ_MAX, folder) == 0
    assert not folder.exists()


def test_the_whole_time_of_a_month_is_one_file_also_across_many_rounds(capped, folder, monkeypatch):
    monkeypatch.setattr("sallim.ledger.keeping.ROUND_ROWS", 10)
    for number in range(95):
        capped.book(asked(f"{number}", opened_us=seoul_us(2025, 11, 2)), settlement(1))

    assert capped.forget(END_US, SEQ_MAX, folder) == 95
    assert files(folder) == ["calls-2025-11.jsonl"]
    assert len(list(archive.read_all(str(folder)))) == 95
    shutil.rmtree(folder)


def test_what_a_stranger_wrote_into_the_file_does_not_stop_its_upkeep(capped, folder):
    capped.reserve(asked("a"))
    capped.reserve(asked("b"))
    capped.settle("b", 1, settlement())
    with closing(sqlite3.connect(capped.path)) as hostile, hostile:
        hostile.execute("UPDATE calls SET expires_us = 'never', model = 7 WHERE call_id = 'a'")
        sql = "UPDATE calls SET opened_us = ?, input = 'x', worst_nano_usd = 1.5"
        hostile.execute(sql, [2**62])

    assert [call.call_id for call in capped.expire(NOW_US)] == ["a"]
    assert {call.model: call.tokens.input for call in capped.calls_since(0, 10)} == {
        "7": 0,
        "gpt-5-mini": 0,
    }
    assert capped.forget(END_US, SEQ_MAX, folder) == 2
    assert files(folder) == ["calls-0000-00.jsonl"]
    assert len(list(archive.read_all(str(folder)))) == 2
