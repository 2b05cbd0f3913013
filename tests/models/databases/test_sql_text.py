import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.databases.sql_text import TEXT_MAX, shown

CANARY = "canary0123456789"


@pytest.mark.parametrize(
    "sql",
    [
        f"ALTER ROLE sallim PASSWORD '{CANARY}'",
        f"SELECT 'it''s', '{CANARY}'",
        f"SELECT E'it\\'s {CANARY}'",
        f"-- don't\nSELECT '{CANARY}'",
        f"/* don't */ SELECT '{CANARY}'",
        f"SELECT \"o'clock\", '{CANARY}'",
        f"DO $body$ BEGIN PERFORM '{CANARY}'; END $body$",
        f"SELECT $${CANARY}$$",
        f"SELECT '{CANARY}",
        f"SELECT dblink('host=x password={CANARY}')",
        f"-- password={CANARY}\nSELECT 1",
        f"SELECT U&'{CANARY}'",
    ],
)
def test_no_text_of_a_statement_is_shown(sql):
    assert CANARY not in shown(sql)


def test_parameters_names_and_numbers_stay():
    assert shown('SELECT "Price" FROM v\n WHERE id = $1 AND n > 5') == (
        'SELECT "Price" FROM v WHERE id = $1 AND n > 5'
    )


def test_two_parameters_are_no_quotes():
    assert shown("SELECT $1, $2, kept, $3") == "SELECT $1, $2, kept, $3"


def test_a_long_statement_is_cut():
    assert len(shown("SELECT " + "a, " * 100_000)) <= TEXT_MAX
    assert len(shown("'" * 1_000_001)) <= TEXT_MAX


@given(st.text(alphabet="'\"$ea\\-*/ \n", max_size=60))
def test_any_text_can_be_shown(sql):
    assert len(shown(sql)) <= max(TEXT_MAX, len(sql) * 3)
