"""`python -m agent export costs`: what is in the store, in a file that others can read."""

import csv
import io
import json
import time
from decimal import Decimal

import pytest

from agent.__main__ import main
from data.cost_cells import balance_cells, columns_of
from data.cost_views import VIEWS, utc_text
from data.demo import fill
from data.home import Home
from data.ops.recording import CostBatch
from models.focus import COLUMNS
from sallim.ledger import Ledger
from sallim.ledger.calls import flat, settled_row
from sallim.ledger.money_rows import RateRow, Tokens
from sallim.ledger.statement_rows import Balance
from tests.data.stores import home_in, opened
from tests.sallim.money import NOVEMBER, NOW_US, WON, asked, seoul_us, settlement

pytestmark = [pytest.mark.slow, pytest.mark.zone]

NOW = NOW_US / 1_000_000
SETTINGS = '[house]\ntimezone = "Asia/Seoul"\n'


def call(call_id, micro, at_us=NOW_US, state="settled", **changed):
    row = settled_row(
        asked(call_id, opened_us=at_us),
        settlement(micro, nano_usd=micro // 2, tokens=Tokens(input=100, output=20), tool_calls=""),
    )
    return row._replace(state=state, **changed)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A store with five calls in November, and two just outside of it; nobody runs."""
    monkeypatch.delenv("SALLIM_CONFIG", raising=False)
    monkeypatch.setenv("SALLIM_CONFIG", str(tmp_path / "sallim.toml"))
    (tmp_path / "sallim.toml").write_text(SETTINGS)
    home = home_in(tmp_path)
    calls = [
        call("a", 1_234_567),
        call("b", 3 * WON, workflow='=HYPERLINK("http://x")', job_key="-12.5"),
        call("c", 5 * WON, NOVEMBER.start_us, state="unverified", source="unverified"),
        call("d", 0, state="open"),
        call("e", -2 * WON, endpoint="correction", nano_usd=-WON),
        call("before", 7 * WON, NOVEMBER.start_us - 1),
        call("after", 7 * WON, NOVEMBER.end_us),
    ]
    store = opened(home, NOW)
    rows = [flat(one._replace(seq=n)) for n, one in enumerate(calls, start=1)]
    balance = Balance(
        *("total", NOVEMBER.start_us, NOVEMBER.end_us, 24_900 * WON, 9 * WON, 1, 0, 1)
    )
    batch = CostBatch(calls=columns_of(rows), balances=[balance_cells(balance, NOW)])
    store.fold_costs(batch, NOW)
    store.close()
    return home


def export(home, capsys, *words):
    november = ("--since", "2025-11-01", "--until", "2025-12-01")
    code = main(["export", "costs", "--home", str(home.path), *november, *words])
    out, told = capsys.readouterr()
    assert code == 0, told
    return out


def table(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_calls_as_csv_are_those_of_the_span_in_the_owners_zone(home, capsys):
    rows = table(export(home, capsys))

    assert [row["call_id"] for row in rows] == ["c", "a", "b", "d", "e"]
    assert [row["won"] for row in rows] == [
        *("5.000000", "1.234567", "3.000000", "0.000000", "-2.000000")
    ]
    assert rows[0]["opened_at"] == "2025-10-31T15:00:00Z"


def test_formulas_are_harmless_and_numbers_stay(home, capsys):
    rows = {row["call_id"]: row for row in table(export(home, capsys))}

    assert rows["b"]["workflow"] == '\'=HYPERLINK("http://x")'
    assert rows["b"]["job_key"] == "-12.5"


def test_json_has_money_as_text(home, capsys):
    rows = json.loads(export(home, capsys, "--format", "json"))

    assert rows[1]["won"] == "1.234567"
    assert rows[1]["input_tokens"] == 100


@pytest.mark.parametrize("view", sorted(VIEWS))
@pytest.mark.parametrize("form", ["csv", "json"])
def test_every_view_can_be_read_again(home, capsys, view, form):
    text = export(home, capsys, "--format", form, "--view", view)
    rows = table(text) if form == "csv" else json.loads(text)

    assert {tuple(row) for row in rows} <= {tuple(VIEWS[view].header)}
    if view.startswith("by-"):
        assert sum(Decimal(row["won"]) for row in rows) == Decimal("7.234567")
    if view == "buckets":
        assert [row["cap_won"] for row in rows] == ["24900.000000"]


def test_focus_adds_up_to_the_store_to_the_micro_won(home, capsys):
    rows = table(export(home, capsys, "--format", "focus"))

    assert tuple(rows[0]) == COLUMNS
    assert sum(Decimal(row["x_Krw"]) for row in rows) == Decimal("7.234567")
    usage = [row for row in rows if row["x_CallId"] == "a"]
    assert [row["SkuMeter"] for row in usage] == ["Input Tokens", "Output Tokens", ""]
    assert sum(Decimal(row["BilledCost"]) for row in usage[:2]) == Decimal("0.000617283")
    assert next(row["ChargeCategory"] for row in rows if row["x_CallId"] == "e") == "Adjustment"


def test_focus_takes_what_costs_more_than_a_dollar(home, capsys):
    dear = call("dear", 99_999_999 * WON)._replace(seq=100, nano_usd=70_886 * 10**9)
    store = opened(home, NOW)
    store.fold_costs(CostBatch(calls=columns_of([flat(dear)])), NOW)
    store.close()

    rows = table(export(home, capsys, "--format", "focus"))
    its = [row for row in rows if row["x_CallId"] == "dear"]

    assert sum(Decimal(row["x_Krw"]) for row in its) == 99_999_999
    net = [Decimal(row["BilledCost"]) for row in its if row["ChargeCategory"] != "Tax"]
    assert sum(net) == 70_886


def test_the_prices_of_the_ledger_come_before_those_that_came_along(home, capsys):
    ledger = Ledger.open(home.ledger)
    document = '{"v": 1, "prices": [{"rates": {"input": 1000000000}}]}'
    ledger.accounts.put_rates([RateRow("openai", "gpt-5-mini", "mine", document, "owner", NOW_US)])
    ledger.close()
    rows = table(export(home, capsys, "--format", "focus"))

    usage = [row for row in rows if row["x_CallId"] == "a" and row["ChargeCategory"] == "Usage"]
    assert [(row["SkuMeter"], row["ListUnitPrice"]) for row in usage] == [
        ("Input Tokens", "0.000001000000000"),
        ("Output Tokens", "0.000000000000000"),
    ]


def test_a_file_is_there_whole_or_not_at_all(home, capsys, tmp_path):
    out = tmp_path / "costs.csv"
    assert export(home, capsys, "--out", str(out)) == ""
    whole = out.read_bytes()

    assert whole.count(b"\r\n") == 6
    home.ops.unlink()
    code = main(["export", "costs", "--home", str(home.path), "--out", str(out)])
    assert code == 1
    assert "no store" in capsys.readouterr().err
    assert out.read_bytes() == whole
    assert [path.name for path in tmp_path.glob("*.part")] == []


def test_a_file_that_cannot_be_written_is_named(home, capsys, tmp_path):
    out = tmp_path / "nowhere" / "costs.csv"

    assert main(["export", "costs", "--home", str(home.path), "--out", str(out)]) == 1
    assert capsys.readouterr().err == f"{out} cannot be written: No such file or directory\n"


def test_more_than_a_page_comes_in_order_and_once(home, capsys, monkeypatch):
    monkeypatch.setattr("data.focus.ROWS_A_PAGE", 2)

    assert [row["call_id"] for row in table(export(home, capsys))] == ["c", "a", "b", "d", "e"]


def test_an_empty_store_gives_an_empty_table(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SALLIM_CONFIG", str(tmp_path / "sallim.toml"))
    (tmp_path / "sallim.toml").write_text(SETTINGS)
    home = home_in(tmp_path)
    opened(home, NOW).close()

    assert export(home, capsys, "--format", "focus") == ",".join(COLUMNS) + "\r\n"
    assert json.loads(export(home, capsys, "--format", "json")) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--since", "yesterday"), "--since yesterday: write a day as 2026-11-01"),
        (("--since", "2025-11-02", "--until", "2025-11-02"), "--since must be before --until"),
        (("--view", "by-moon"), "--view by-moon: choose one of advice, bills, buckets"),
    ],
)
def test_what_cannot_be_is_said(home, capsys, words, told):
    assert main(["export", "costs", "--home", str(home.path), *words]) == 2
    assert told in capsys.readouterr().err


def test_days_are_those_of_the_owner_and_moments_may_name_their_own_zone(home, capsys):
    span = ("--since", "2025-10-31T15:00:00Z", "--until", "2025-11-01T00:00:01+09:00")
    code = main(["export", "costs", "--home", str(home.path), *span])

    assert code == 0
    assert [row["call_id"] for row in table(capsys.readouterr().out)] == ["c"]
    assert utc_text(seoul_us(2025, 11) / 1e6) == "2025-10-31T15:00:00Z"


def test_a_store_of_an_older_version_is_refused_with_a_sentence(home, capsys):
    from data.ops.connection import open_for_writing

    connection = open_for_writing(home.ops)
    connection.execute("DROP VIEW cost_facts")
    connection.close()

    assert main(["export", "costs", "--home", str(home.path)]) == 1
    assert "cost_facts does not exist" in capsys.readouterr().err


@pytest.mark.slow
def test_the_demo_is_exported_from_a_home_of_its_own(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SALLIM_CONFIG", "")
    home = Home(tmp_path / "demo")
    fill(home, time.time(), days=3)
    words = ("--home", str(home.path), "--since", "2020-01-01", "--format", "focus", "--demo")

    assert main(["export", "costs", *words]) == 0
    rows = table(capsys.readouterr().out)
    assert len(rows) > 1_000
    assert {row["x_Kind"] for row in rows} >= {"api", "server", "storage", "network"}
    assert {row["ChargeCategory"] for row in rows} >= {"Usage", "Tax"}
