"""Which executions are new: rounds over several polls, holes, restarts. Each change once."""

import pytest

from models.monitoring import Execution
from models.workflows.feed import FIRST_RUNS_MAX, HOLE_ROUNDS, RUNS_MAX, Feed
from models.workflows.payloads import Page, Run

NOW = 1_800_000_000.0


def run(number, status="success", **more):
    started = None if status == "queued" else NOW - 10
    stopped = None if status in {"running", "waiting", "queued"} else NOW - 5
    shape = Execution("n8n:main", "w", str(number), status, "trigger", None, started, stopped, NOW)
    return Run(shape._replace(**more))


def page(*numbers, more=False):
    """Newest first, as n8n answers."""
    runs = [n if isinstance(n, Run) else run(n) for n in sorted(numbers, key=number, reverse=True)]
    return Page(runs, "next" if more else None)


def number(entry):
    return entry.number if isinstance(entry, Run) else entry


def told(feed):
    return [(r.id, r.execution.status) for r in feed.changes()]


def ids(feed):
    return [int(r.id) for r in feed.changes()]


def test_what_is_new_is_handed_over_once_and_oldest_first():
    feed = Feed(None, ())

    feed.take(page(1, 2, 3), NOW)
    first = ids(feed)
    feed.take(page(1, 2, 3, 4), NOW)

    assert (first, ids(feed)) == ([1, 2, 3], [4])
    assert feed.watermark == 4


def test_an_execution_that_ran_behind_the_watermark_is_found_when_it_ends():
    feed = Feed(None, ())
    feed.take(page(1, 2), NOW)
    feed.take(page(1, 2, 4, 5), NOW)  # 3 runs: n8n does not list it
    feed.changes()

    feed.take(page(1, 2, 3, 4, 5, 6), NOW)

    assert ids(feed) == [3, 6]


def test_an_id_that_never_comes_is_given_up_and_the_watermark_moves_on():
    feed = Feed(None, ())
    feed.take(page(1, 2), NOW)
    feed.take(page(1, 2, 9), NOW)
    held = feed.watermark

    for _ in range(HOLE_ROUNDS):
        feed.take(page(1, 2, 9), NOW)

    assert (held, feed.watermark) == (2, 9)


def test_a_large_jump_of_the_ids_is_no_thousand_holes():
    feed = Feed(None, ())
    feed.take(page(1), NOW)

    feed.take(page(1, 5_000_000), NOW)

    assert feed.watermark == 5_000_000


def test_a_round_over_several_polls_is_handed_over_at_its_end():
    feed = Feed(2, ())

    goes_on = feed.take(page(7, 8, more=True), NOW)
    halfway = ids(feed)
    feed.take(page(5, 6, more=True), NOW)
    watermark = feed.watermark
    feed.take(page(3, 4, 1, 2, more=True), NOW)

    assert (goes_on, halfway, watermark) == (True, [], 2)
    assert ids(feed) == [3, 4, 5, 6, 7, 8]
    assert (feed.watermark, feed.cursor) == (8, None)


def test_what_comes_during_a_round_belongs_to_the_next():
    feed = Feed(0, ())
    feed.take(page(3, 4, more=True), NOW)
    feed.take(page(1, 2), NOW)

    feed.take(page(3, 4, 5, 6), NOW)

    assert ids(feed) == [1, 2, 3, 4, 5, 6]


def test_a_list_that_never_ends_ends_the_round():
    feed = Feed(0, ())

    feed.take(page(1, 2, more=True), NOW)

    assert feed.take(page(1, 2, more=True), NOW) is False
    assert ids(feed) == [1, 2]


def test_the_first_round_is_bounded_by_count_and_by_age():
    by_count, by_age = Feed(None, ()), Feed(None, ())
    many = page(*range(1, FIRST_RUNS_MAX + 1), more=True)
    old = page(run(1, started_at=NOW - 8 * 86_400), 2, more=True)

    assert by_count.take(many, NOW) is False
    assert by_age.take(old, NOW) is False


def test_a_later_round_is_bounded_too_and_says_so():
    feed = Feed(0, ())

    feed.take(page(*range(100, 100 + RUNS_MAX), more=True), NOW)

    assert feed.was_cut


def test_each_state_of_an_open_execution_is_told_once():
    feed = Feed(None, ())
    for state in ("queued", "queued", "running", "running", "waiting", "running", "success"):
        feed.see(run(1, state))

    assert told(feed) == [
        ("1", "queued"),
        ("1", "running"),
        ("1", "waiting"),
        ("1", "running"),
        ("1", "success"),
    ]
    assert not feed.open


def test_when_it_was_first_seen_in_the_queue_stays_known():
    feed = Feed(None, ())
    feed.see(run(1, "queued", queued_at=NOW - 60))
    feed.see(run(1, "queued", queued_at=NOW - 30))

    feed.see(run(1, "running"))

    assert feed.changes()[-1].execution.queued_at == NOW - 60


def test_one_that_vanished_is_unknown_and_followed_no_longer():
    feed = Feed(None, ())
    feed.see(run(1, "running"))

    feed.vanished("1", NOW)

    assert told(feed)[-1] == ("1", "unknown")
    assert not feed.open


def test_what_is_in_no_list_has_to_be_asked_for():
    feed = Feed(None, ())
    for execution in (run(1, "running"), run(2, "waiting"), run(10, "running")):
        feed.see(execution)

    assert feed.not_listed({"2"}) == ["1", "10"]


def test_after_a_restart_nothing_is_told_again_and_the_open_ones_are_followed():
    feed = Feed(5, [run(4, "running"), run(6)])

    feed.take(page(1, 2, 3, 5, 6, 7), NOW)
    feed.see(run(4, "running"))

    assert told(feed) == [("7", "success")]
    assert list(feed.open) == ["4"]


@pytest.mark.parametrize("numbers", [(), (1, 2)])
def test_an_empty_list_changes_nothing(numbers):
    feed = Feed(None, ())
    feed.take(page(*numbers), NOW)
    before = (ids(feed), feed.watermark)

    feed.take(page(), NOW)

    assert ids(feed) == []
    assert feed.watermark == before[1]


def test_ids_that_are_no_numbers_are_told_once_too():
    feed = Feed(3, ())
    plain = run("0198c2f0-7a51-7000-8000-000000000001")

    feed.take(Page([plain, run(4)], None), NOW)
    first = told(feed)
    feed.take(Page([plain, run(4)], None), NOW)

    assert [identity for identity, _ in first] == ["4", plain.id]
    assert told(feed) == []


def test_memory_of_what_was_handed_over_has_an_end():
    feed = Feed(None, ())
    for last in range(250, 5000, 250):
        feed.take(page(*range(last - 249, last + 1)), NOW)
        feed.changes()

    assert len(feed._handed) <= 750  # noqa: SLF001  # what is measured is its size
