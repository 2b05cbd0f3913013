"""`budget`, `requests` and `audit` as they are typed, at the socket of a household."""

import csv
import io
import sqlite3
import time
from contextlib import closing

import pytest

from agent.__main__ import main
from agent.server import Door, ServerLoop, inner_app, listen_on_path
from data.control import checksum_of
from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import Period
from sallim.money import MICRO
from tests.agent.asking import OWNER, VIEWER, house_in
from tests.agent.requests.test_server import Mute
from tests.sallim.money import EXCHANGE, SEOUL, WON, asked, budget

pytestmark = pytest.mark.slow

WHY = ("--reason", "the last videos")
UNTIL = ("--until", "2026-11-30")


@pytest.fixture
def house(tmp_path):
    house = house_in(tmp_path)
    house.home.ledger_folder.mkdir(exist_ok=True)
    yield house
    house.close()


@pytest.fixture
def served(house):
    people = house.asking.people(0o600)
    door = Door(listen_on_path(house.home.socket), inner_app(Mute(), people=people))
    loop = ServerLoop([door], time.monotonic)
    loop.start()
    yield house
    loop.stop(5)


def typed(house, capsys, *words: str) -> tuple[int, str]:
    code = main([*words, "--home", str(house.home.path)])
    told = capsys.readouterr()
    return code, told.out + told.err


def spent(house, micro: int, now: float) -> None:
    """A ledger in which so much of `api` is in doubt, and 100 won are kept free."""
    now_us = int(now * MICRO)
    accounts = Accounts.open(house.home.ledger)
    accounts.put_budgets(
        [budget("api", 15_000 * WON)], [Period(SEOUL, now_us - 10**12, 1_796_050_800 * MICRO)]
    )
    accounts.put_exchange([EXCHANGE])
    past = {"opened_us": now_us - 10**10, "expires_us": now_us - 10**9}
    accounts.reserve(asked("c-1", micro, buckets=("api",), **past))
    accounts.expire(now_us)
    accounts.reserve(
        asked("c-2", 100 * WON, buckets=("api",), opened_us=now_us, expires_us=now_us + 10**9)
    )
    accounts.close()


STATE = """\
api: 14,200 of 15,000 won spent (94%), 100 kept free for open calls and what falls due, 700 left \
until 2026-12-01 00:00
  lines passed: 70%, 80%, 90% of 100%
  limited: optional, important calls are refused until 2026-12-01 00:00, or until it is raised
in doubt: c-1 attempt 1 (openai gpt-5-mini), counted at its worst case of 14,200 won
"""


def test_how_the_budgets_stand(served, capsys):
    spent(served, 14_200 * WON, served.clock.now)
    served.asked(OWNER, "silence", "api", until="2026-11-25")

    code, told = typed(served, capsys, "budget")

    assert code == 0
    assert told.startswith(STATE)
    assert "silence of api until 2026-11-25 00:00" not in told
    assert "silence of api until 2026-11-26 00:00, by minji: so it is\n" in told
    assert "budget raise WON --until DAY --reason WHY" in told


def test_what_a_person_raised_and_released_is_shown_with_its_end(served, capsys):
    spent(served, 14_200 * WON, served.clock.now)
    raised = served.asked(OWNER, "raise", "api", amount_krw=3000, until="2026-11-25").request_id
    assert "limited: optional, important" in typed(served, capsys, "budget")[1]
    released = served.asked(OWNER, "release", "api", until="2026-11-26").request_id

    told = typed(served, capsys, "budget")[1]

    assert "limited" not in told
    assert told.splitlines()[-2:] == [
        f"api is raised by 3,000 won until 2026-11-26 00:00, by minji: so it is [{raised}]",
        f"api is released until 2026-11-27 00:00, by minji: so it is [{released}]",
    ]


def test_a_raise_is_taken_back_by_its_name_or_its_bucket(served, capsys):
    first = served.asked(OWNER, "raise", "api", amount_krw=3000, until="2026-11-25").request_id
    served.asked(OWNER, "release", "api", until="2026-11-26")
    words = (*WHY, "--yes", "api")

    code, told = typed(served, capsys, "budget", "withdraw", "api", *words)
    assert (code, "name one raise or release that holds" in told) == (1, True)
    code, told = typed(served, capsys, "budget", "withdraw", first, *words)
    assert (code, told.splitlines()[0]) == (0, "api may no longer spend the 3,000 won more")
    assert typed(served, capsys, "budget", "withdraw", "api", *words)[0] == 0

    assert all(each.revoked_at is not None for each in served.world.all())


def test_with_the_agent_down_the_ledger_says_it(house, capsys, monkeypatch):
    spent(house, 14_200 * WON, house.clock.now)
    monkeypatch.setattr("time.time", house.clock)

    code, told = typed(house, capsys, "budget")

    assert code == 3
    assert "does not answer" in told.splitlines()[0]
    assert STATE in told


@pytest.mark.parametrize(
    "words",
    [
        ("budget", "raise", "3000", *UNTIL, *WHY, "--yes", "3000"),
        ("budget", "release", "api", *WHY, "--yes", "api"),
        ("budget", "withdraw", "api", *WHY, "--yes", "api"),
        ("budget", "stop-all", *WHY, "--yes", "everything"),
        ("budget", "stop-all", "--preview"),
        ("budget", "resume", *WHY, "--yes", "everything"),
        ("requests",),
        ("requests", "stop", "gpu", *WHY, "--yes", "gpu"),
    ],
)
def test_with_the_agent_down_nothing_is_asked_for_and_that_is_said(house, capsys, words):
    code, told = typed(house, capsys, *words)

    assert code == 3
    assert "agent.sock does not answer" in told
    assert "Start it with `make run`" in told


def test_a_raise_is_shown_confirmed_by_its_figure_and_done(served, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("3,000\n"))
    code, told = typed(served, capsys, "budget", "raise", "3000", *UNTIL, *WHY)

    assert code == 0
    assert told.splitlines() == [
        "api may spend 18,000 won instead of 15,000 until 2026-12-01 00:00",
        "everything together stays at 24,900 won",
        "Type 3000 to confirm: done: api may spend 3,000 won more until 2026-12-01 00:00",
    ]
    [override] = served.world.all()
    assert (override.delta_krw, override.reason) == (3000, "the last videos")


@pytest.mark.parametrize(
    ("typing", "told"), [("300\n", "type 3000 to confirm"), ("", "--yes 3000")]
)
def test_what_is_not_confirmed_is_not_done(served, capsys, monkeypatch, typing, told):
    monkeypatch.setattr("sys.stdin", io.StringIO(typing))
    code, said = typed(served, capsys, "budget", "raise", "3000", *UNTIL, *WHY)

    assert (code, told in said) == (1, True)
    assert not served.world.acts


def test_a_release_ends_with_the_month_unless_it_is_said(served, capsys):
    spent(served, 14_200 * WON, served.clock.now)
    code, told = typed(served, capsys, "budget", "release", "api", *WHY, "--yes", "api")

    assert (code, "until 2026-12-01 00:00; the cap stays" in told) == (0, True)
    code, told = typed(served, capsys, "budget", "release", "apis", *WHY, "--yes", "apis")
    assert (code, told) == (1, "no budget is named apis; there are api\n")


def test_everything_stops_after_a_preview_and_comes_back(served, capsys):
    code, told = typed(served, capsys, "budget", "stop-all", "--preview")
    assert code == 0
    assert told.splitlines() == [
        "stops: gpu, n8n",
        (
            "calls of paid APIs are refused, essential ones too, until somebody resumes; what "
            "costs nothing goes on"
        ),
        (
            "what is kept free stays so: for calls that are under way, which are paid for, and for "
            "fixed items"
        ),
        "would stop: gpu, n8n",
        "still billed: gpu",
    ]
    assert not served.world.acts

    code, told = typed(served, capsys, "budget", "stop-all")
    assert (code, "--reason" in told) == (1, True)
    stop = ("budget", "stop-all", *WHY, "--yes", "everything")
    assert typed(served, capsys, *stop)[0] == 0
    assert not served.world.up["gpu"]
    resume = ("budget", "resume", *WHY, "--yes", "everything")
    assert typed(served, capsys, *resume)[0] == 0
    assert all(served.world.up.values())


def test_one_thing_is_stopped_silenced_and_listed(served, capsys):
    assert typed(served, capsys, "requests", "stop", "gpu", *WHY, "--yes", "gpu")[0] == 0
    silence = ("requests", "silence", "api", "--until", "2026-11-25", *WHY)
    assert typed(served, capsys, *silence)[0] == 0
    assert typed(served, capsys, "requests", "acknowledge", "n8n down", *WHY)[0] == 0
    pause = ("requests", "pause", "scale", "--until", "2026-11-25", *WHY, "--yes", "scale")
    assert typed(served, capsys, *pause)[0] == 0
    unpause = ("requests", "unpause", *WHY, "--yes", "automation")
    assert "pauses that end: 1" in typed(served, capsys, *unpause)[1]
    code, told = typed(served, capsys, "requests", "stop", "tpu", *WHY, "--yes", "tpu")
    assert (code, "nothing named tpu can be stopped" in told) == (1, True)

    code, told = typed(served, capsys, "requests")
    assert code == 0
    assert [line.split()[3:5] for line in told.splitlines()] == [
        ["resume", "automation"],
        ["pause", "scale"],
        ["acknowledge", "n8n"],
        ["silence", "api"],
        ["stop", "gpu"],
    ]
    assert "by root (owner, command): done – done, and seen to be so [the last videos]" in told


def test_a_call_in_doubt_is_settled_by_hand(served, capsys):
    spent(served, 14_200 * WON, served.clock.now)
    words = ("requests", "settle", "c-1", "12.5", *WHY, "--yes", "12.5")

    code, told = typed(served, capsys, *words)

    assert (code, "c-1 counts 13 won" in told) == (0, True)
    assert "api: 13 of 15,000 won spent" in typed(served, capsys, "budget")[1]


def test_an_audit_that_is_intact_is_counted_also_with_the_agent_down(served, capsys):
    assert typed(served, capsys, "audit", "verify") == (0, "The audit is intact: 0 rows.\n")
    for _ in range(3):
        served.asked(OWNER, "acknowledge", "n8n down")

    assert typed(served, capsys, "audit", "verify") == (0, "The audit is intact: 6 rows.\n")


def test_a_broken_audit_names_its_first_broken_row(house, capsys):
    for _ in range(3):
        house.asked(OWNER, "acknowledge", "n8n down")
    house.close()
    assert typed(house, capsys, "audit", "verify") == (0, "The audit is intact: 6 rows.\n")
    with closing(sqlite3.connect(house.home.control)) as connection, connection:
        row = list(connection.execute("SELECT * FROM audit WHERE seq = 4").fetchone()[:-1])
        row[4] = "somebody"
        sql = "UPDATE audit SET who = ?, checksum = ? WHERE seq = 4"
        connection.execute(sql, [row[4], checksum_of(row)])

    for words in (("audit", "verify"), ("audit", "export")):
        code, told = typed(house, capsys, *words)
        assert code == 1
        assert "broken after 3 intact rows: row 4 is not as it was written" in told
    house.open()


def test_the_audit_is_a_file_that_no_spreadsheet_takes_for_formulas(served, capsys, tmp_path):
    served.asked(OWNER, "acknowledge", "=cmd|' /C calc'!A0")
    served.asked(OWNER, "acknowledge", "<script>alert(1)</script>")
    out = tmp_path / "audit.csv"

    assert typed(served, capsys, "audit", "export", "--out", str(out))[0] == 0

    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8"), newline="")))
    assert [row["seq"] for row in rows] == ["1", "2", "3", "4"]
    assert rows[0]["target"] == "'=cmd|' /C calc'!A0"
    assert rows[0]["at_utc"] == "2026-11-23T06:00:00Z"
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    assert rows[2]["target"] == "<script>alert(1)</script>"


def test_without_a_store_there_is_no_audit(tmp_path, capsys):
    assert main(["audit", "verify", "--home", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "The audit is intact: 0 rows.\n"
    assert not list(tmp_path.iterdir())


def test_a_viewer_leaves_a_trace_in_the_audit(served, capsys):
    with pytest.raises(Exception, match="may not stop_all"):
        served.prepared(VIEWER, "stop_all", "everything")

    assert ",refused,,sora,viewer,page," in typed(served, capsys, "audit", "export")[1]
