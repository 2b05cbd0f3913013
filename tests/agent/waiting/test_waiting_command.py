"""`budget waiting` as it is typed, and who may ask for it, at the socket of a household."""

import time

import pytest

from agent.__main__ import main
from agent.sampling import Clocks
from agent.server import Door, ServerLoop, inner_app, listen_on_path
from agent.wiring.requests import Asking, InForce, Parts
from data.audit import after
from data.waiting import take_in
from models.errors import RequestRefused
from models.waiting.item import PACED
from tests.agent.asking import OPERATOR, VIEWER
from tests.agent.requests.test_server import Mute
from tests.agent.waiting.waiting_house import WaitingHouse
from tests.models.waiting.waiting_items import item

pytestmark = pytest.mark.slow
WHY = ("--reason", "the month is new")


@pytest.fixture
def house(tmp_path):
    house = WaitingHouse(tmp_path)
    take_in(house.control, [item(1), item(2), item(3, kind="wf2", name="Thumbnails")])
    clocks = Clocks(wall=house.clock, monotonic=house.clock)
    parts = Parts(waiting=house.waiting)
    house.asking = Asking(house.home, house.control, InForce(house.settings), clocks, parts)
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


def typed(house, capsys, *words):
    code = main(["budget", "waiting", *words, "--home", str(house.home.path)])
    told = capsys.readouterr()
    return code, told.out + told.err


def test_what_waits_is_listed_with_what_runs_next(served, capsys):
    served.left = 0
    served.step()
    code, told = typed(served, capsys)

    assert code == 0
    assert f"{item(1).item_id} waiting: Digest 1 since 2026-11-29 05:50" in told
    assert "3 wait, about 300 won; rerun is 'ask'" in told
    assert "Digest · 1 waits for money: it may need 100 won, and 0 are left" in told


def test_one_a_workflow_or_all_are_asked_for_and_written_in_the_audit(served, capsys):
    code, told = typed(served, capsys, "--rerun", item(1).item_id, *WHY)
    assert (code, "done: Digest · 1 runs again as soon as there is money" in told) == (0, True)
    code, told = typed(served, capsys, "--rerun", "Thumbnails", *WHY)
    assert code == 0
    assert [each.asked for each in served.items()] == ["now", "", PACED]
    code, told = typed(served, capsys, "--dismiss", "Digest", *WHY)
    assert "2 pieces of work are left" in told
    assert served.states() == ["dismissed", "dismissed", "waiting"]

    rows, _ = after(served.control, 0)
    assert [(row.what, row.step) for row in rows] == [
        *[("rerun", "accepted"), ("rerun", "done")] * 2,
        ("dismiss", "accepted"),
        ("dismiss", "done"),
    ]


def test_all_of_it_is_paced_and_what_does_not_wait_is_said(served, capsys):
    code, told = typed(served, capsys, "--all", *WHY)
    assert (code, "3 pieces of work run again" in told) == (0, True)
    assert {each.asked for each in served.items()} == {PACED}
    code, told = typed(served, capsys, "--dismiss", "nobody", *WHY)

    assert (code, "nothing named nobody waits for money" in told) == (1, True)


def test_without_a_reason_nothing_is_asked_for(served, capsys):
    code, told = typed(served, capsys, "--all")

    assert code == 1
    assert "Say why, for the audit" in told
    assert {each.asked for each in served.items()} == {""}


def test_a_viewer_may_look_and_an_operator_may_ask(house):
    shape = {"kind": "rerun", "target": "all", "args": {}}
    with pytest.raises(RequestRefused, match="is viewer and may not rerun"):
        house.asking.requests.nonce(VIEWER, shape)
    nonce = house.asking.requests.nonce(OPERATOR, shape)["nonce"]
    whole = {**shape, "reason": "so it is", "nonce": nonce}

    assert house.asking.requests.ask(OPERATOR, whole).state == "done"
    with pytest.raises(RequestRefused, match="was asked for already"):
        house.asking.requests.ask(OPERATOR, whole)
