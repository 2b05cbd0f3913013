"""A process that ends in the middle of a request: what was accepted is done, and done once."""

from contextlib import suppress

import pytest

from models.errors import RequestRefused, StoreFull
from tests.agent.asking import OWNER, VIEWER, Killed

NOVEMBER = "2026-11-30"


def killed(house, when, kind="raise", target="api", **args):
    shape = house.prepared(OWNER, kind, target, **args)
    house.world.killed = when
    with pytest.raises(Killed):
        house.requests.ask(OWNER, shape)
    house.crash()
    return shape


@pytest.mark.parametrize("when", ["before", "after"])
def test_what_was_accepted_is_done_once_wherever_the_process_ended(house, when):
    killed(house, when, amount_krw=3000, until=NOVEMBER)
    assert house.steps() == [("accepted", "raise")]

    house.requests.step()
    house.requests.step()

    assert len(house.world.acts) == 1
    assert [each.delta_krw for each in house.world.overrides.values()] == [3000]
    assert house.world.in_ledger == {"api"}
    assert house.steps() == [("accepted", "raise"), ("done", "raise")]
    assert house.verdict == (2, "")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("is_slow", [True, False])
def test_so_is_the_stop_of_everything(house, when, is_slow):
    house.world.slow = is_slow
    killed(house, when, "stop_all", "everything")

    house.requests.step()
    house.world.finish()
    house.requests.step()

    assert len(house.world.acts) == 1
    assert house.world.up == {"gpu": False, "n8n": False, "postgres": True}
    assert house.steps() == [("accepted", "stop_all"), ("done", "stop_all")]


def test_a_click_after_the_crash_is_no_second_action(house):
    shape = killed(house, "after", amount_krw=3000, until=NOVEMBER)

    with pytest.raises(Exception, match="asked for already, and is accepted"):
        house.requests.ask(OWNER, shape)
    house.requests.step()

    assert len(house.world.acts) == 1


def test_what_was_not_begun_is_not_done_hours_later(house):
    killed(house, "before", amount_krw=3000, until=NOVEMBER)
    house.clock.now += 601
    house.requests.step()

    [row] = house.requests.recent(OWNER)
    assert (row.state, str(row.told)) == ("failed", "not done: the agent ended before it began")
    assert not house.world.acts


def test_what_was_done_is_known_to_be_done_hours_later(house):
    killed(house, "after", amount_krw=3000, until=NOVEMBER)
    house.clock.now += 7 * 3600
    house.requests.step()

    assert [row.state for row in house.requests.recent(OWNER)] == ["done"]
    assert len(house.world.acts) == 1


def test_what_no_longer_may_be_is_not_done_after_a_crash(house):
    killed(house, "before", amount_krw=3000, until=int(house.clock.now) + 5)
    house.clock.now += 6
    house.requests.step()

    [row] = house.requests.recent(OWNER)
    assert row.state == "failed"
    assert "until the end of November" in str(row.told)


def test_nothing_is_done_that_cannot_be_written_down(house):
    shape = house.prepared(OWNER, "raise", "api", amount_krw=3000, until=NOVEMBER)
    full(house)

    with pytest.raises(StoreFull):
        house.requests.ask(OWNER, shape)

    assert not house.world.acts
    assert ("accepted", "raise") not in house.steps()


def test_a_result_that_cannot_be_written_is_written_when_there_is_room(house):
    shape = house.prepared(OWNER, "stop_all", "everything")
    house.world.after_act = lambda: full(house)

    assert house.requests.ask(OWNER, shape).state == "accepted"
    house.requests.step()
    assert ("done", "stop_all") not in house.steps()

    with_room(house)
    house.requests.step()

    assert house.steps()[-1] == ("done", "stop_all")
    assert house.verdict == (len(house.audit), "")
    assert len(house.world.acts) == 1


def full(house) -> None:
    """No page more than the file has, as on a full disk; and the last page of the audit is full."""
    limit_pages(house, 1)
    with suppress(StoreFull):
        while True:
            with suppress(RequestRefused):
                house.monotonic.now += 60
                house.requests.permit(VIEWER, "raise", "x" * 100)


def with_room(house) -> None:
    limit_pages(house, 10**6)


def limit_pages(house, pages: int) -> None:
    with house.control.transaction() as connection:
        # SQLite takes what the file has where it has more already.
        connection.execute(f"PRAGMA max_page_count = {pages}")


def test_what_breaks_off_is_looked_at(house):
    """The world answers with an error after it did what was asked."""
    shape = house.prepared(OWNER, "stop", "gpu")
    house.world.after_act = lambda: error("no answer")
    kept = house.requests.ask(OWNER, shape)

    assert kept.state == "done"

    house.world.before_act = lambda: error("no route to host")
    kept = house.asked(OWNER, "start", "gpu")
    assert (kept.state, str(kept.told)) == ("failed", "not done: no route to host")


def error(text: str):
    raise OSError(text)


def test_an_error_of_ours_while_looking_keeps_nobody_else_from_going_on(house):
    killed(house, "after", amount_krw=3000, until=NOVEMBER)
    shape = house.prepared(OWNER, "acknowledge", "n8n down")
    house.requests.ask(OWNER, shape)
    house.world.overrides["not a row"] = None

    house.requests.step()
    assert ("done", "raise") not in house.steps()
    del house.world.overrides["not a row"]
    house.requests.step()

    assert house.steps()[-1] == ("done", "raise")
    assert len(house.world.acts) == 1
