"""The reading door under attack: what a SELECT may not do."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from data.ops.store import Store
from models.errors import QueryRefused
from tests.data.stores import NOON, ask, home_in, opened, rows_at


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One for all attacks: whoever breaks it is found by those that follow, too."""
    store = opened(home_in(tmp_path_factory.mktemp("asked")))
    store.write(rows_at(NOON - 10), NOON)
    yield store
    store.close()


@pytest.mark.parametrize(
    "sql",
    [
        'SELECT * FROM "enable_logging"()',
        'SELECT * FROM "main"."Enable_Profiling"()',
        "SELECT * FROM checkpoint/* now */()",
        "SELECT * FROM checkpoint -- now\n()",
        'SELECT * FROM "checkpoint"()',
        "SELECT * FROM checkpoint\u200b()",
        "SELECT \"write_log\"('made up')",
        "SELECT 'made up'.write_log()",
        "SELECT * FROM query('SELECT * FROM enable_' || 'logging()')",
        "SELECT * FROM json_execute_serialized_sql('{}')",
        "SELECT * FROM query_table('series')",
        "SELECT sleep_ms(60000)",
    ],
)
def test_a_function_that_changes_the_process_is_refused_however_it_is_written(
    store: Store, sql: str
) -> None:
    with pytest.raises(QueryRefused, match="calls a function"):
        ask(store, sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM pandas_scan(NULL)",
        'SELECT * FROM "Pandas_Scan"(NULL)',
        "SELECT * FROM arrow_scan(NULL, NULL, NULL)",
        "SELECT * FROM arrow_scan_dumb(NULL, NULL, NULL)",
    ],
)
def test_a_function_that_reads_memory_by_address_is_refused(store: Store, sql: str) -> None:
    with pytest.raises(QueryRefused, match="calls a function"):
        ask(store, sql)


def test_a_column_may_be_called_query_or_checkpoint(store: Store) -> None:
    assert ask(store, "SELECT 1 AS query, 2 AS checkpoint") == [(1, 2)]


def test_no_file_is_read_while_a_question_is_parsed(store: Store, tmp_path: Path) -> None:
    (tmp_path / "schema.sql").write_text("SELECT 'what stands in a file';")
    (tmp_path / "load.sql").write_text("")

    with pytest.raises(QueryRefused, match="file system operations are disabled"):
        ask(store, f"PRAGMA import_database('{tmp_path}')")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 'Corrupt'::INTEGER",
        "SELECT error('a checksum does not match')",
        "SELECT error('No space left on device')",
    ],
)
def test_a_question_cannot_make_the_store_believe_that_it_is_damaged(
    store: Store, sql: str
) -> None:
    with pytest.raises(QueryRefused):
        ask(store, sql)

    assert store.status().state == "ok"
