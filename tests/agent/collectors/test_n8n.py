"""One n8n seen through its HTTP: what is read, told, and left out."""

import json

import pytest

from tests.agent.collectors.watching_n8n import NOON, remembered
from tests.standins.n8n import N8n

pytestmark = pytest.mark.slow

VERSIONS = ("1.113.3", "2.0.0", "2.20.0", "2.40.7")


@pytest.fixture(params=VERSIONS)
def any_n8n(request, clock):
    with N8n(request.param, clock=clock.of_n8n) as n8n:
        yield n8n


def test_success_failure_and_a_run_that_goes_on_are_seen_in_every_version(any_n8n, watch):
    good, bad, hung = (any_n8n.workflow(name) for name in ("good", "bad", "hung"))
    any_n8n.run(good)
    any_n8n.run(bad, "error", node="HTTP", error="502 Bad Gateway")
    any_n8n.start(hung)

    seen = watch(any_n8n).look()

    assert dict(seen.told()) == {"1": "success", "2": "error", "3": "running"}
    assert seen.line(bad)["failures"][0]["error"] == "HTTP: 502 Bad Gateway"
    assert seen.value("n8n.executions.open", status="running") == 1
    assert seen.value("n8n.ready") == 1
    assert seen.collector.left_out == {}
    assert seen.collector.details()["version"] == any_n8n.version


def test_a_long_run_that_ends_behind_later_ones_is_told_in_every_version(any_n8n, watch):
    workflow = any_n8n.workflow("w")
    seen = watch(any_n8n).look()
    long = any_n8n.start(workflow)
    seen.look()
    for _ in range(3):
        any_n8n.run(workflow)
        seen.look()

    any_n8n.finish(long)
    seen.look()

    assert seen.told().count((long, "success")) == 1
    assert seen.value("n8n.executions", status="success") == 4


def test_a_short_run_that_no_look_saw_running_is_not_lost(any_n8n, watch):
    workflow = any_n8n.workflow("w")
    any_n8n.run(workflow)
    seen = watch(any_n8n).look()
    behind = any_n8n.start(workflow)
    any_n8n.run(workflow)
    asked = len(any_n8n.requests)
    any_n8n.fault["/api/v1/executions/"] = "500"
    seen.look()
    assert any(behind != done for done, _ in seen.told()), any_n8n.requests[asked:]

    any_n8n.finish(behind)
    seen.look(ticks=2)

    assert seen.told().count((behind, "success")) == 1


def test_one_that_waits_and_one_that_is_queued_are_known_where_n8n_tells(any_n8n, watch, clock):
    workflow = any_n8n.workflow("w")
    waiting = any_n8n.start(workflow)
    any_n8n.wait(waiting, clock() + 86_400)
    queued = any_n8n.start(workflow, queued=True)

    seen = watch(any_n8n).look()

    assert (waiting, "waiting") in seen.told()
    assert ((queued, "queued") in seen.told()) is (any_n8n.numbers >= (2, 20))
    assert seen.line(workflow)["stuck"] is None
    assert seen.collector.details()["features"]["queued"] is (any_n8n.numbers >= (2, 20))


def test_the_wait_in_the_queue_is_measured(n8n, watch, clock):
    workflow = n8n.workflow("w")
    queued = n8n.start(workflow, queued=True)
    seen = watch(n8n).look()
    began = clock.now + 10
    n8n.begin(queued, at=began)
    n8n.finish(queued, at=began + 5)

    seen.look()

    assert seen.executions()[-1].queued_at == pytest.approx(NOON)
    assert seen.line(workflow)["wait_seconds"] == pytest.approx(40.0)


def test_before_1_113_it_is_called_too_old_and_the_rest_is_read(clock, watch):
    with N8n("1.110.1", clock=clock.of_n8n) as n8n:
        n8n.run(n8n.workflow("w"))

        seen = watch(n8n).look(ticks=2)

    assert "too old" in seen.missing()["version"]
    assert seen.told() == [("1", "success")]
    assert sum("status=running" in request for request in n8n.requests) == 1


def test_an_update_of_n8n_is_noticed(clock, watch):
    with N8n("1.110.1", clock=clock.of_n8n) as n8n:
        seen = watch(n8n).look()
        n8n.ready = False
        seen.look()
        n8n.ready = True
        n8n.restart("2.40.7")

        seen.look()

    assert seen.missing() == {}


def test_one_that_was_pruned_is_unknown_and_one_that_is_kept_nowhere_too(n8n, watch):
    workflow = n8n.workflow("w", saves_successes=False)
    running = n8n.start(workflow)
    seen = watch(n8n).look()
    n8n.finish(running)

    seen.look()

    assert seen.told() == [(running, "running"), (running, "unknown")]
    assert seen.line(workflow)["success_rate"] is None


def test_what_crashed_with_n8n_is_a_failure(n8n, watch):
    workflow = n8n.workflow("w")
    running = n8n.start(workflow)
    seen = watch(n8n).look()

    n8n.restart()
    seen.look()

    assert seen.told()[-1] == (running, "crashed")
    assert seen.value("n8n.workflow.failure_streak", workflow__id=workflow) == 1


def test_2000_executions_at_once_are_all_taken_and_none_twice(n8n, watch):
    workflow = n8n.workflow("w")
    n8n.run(workflow)
    seen = watch(n8n).look()
    for number in range(2500):
        n8n.run(workflow, "error" if number % 10 == 0 else "success", seconds=0.1)

    seen.look(after=10.0, ticks=6)

    ids = [int(execution_id) for execution_id, _ in seen.told() if execution_id != "1"]
    # Some failures come a second time, with what they say.
    assert sorted(set(ids)) == list(range(2, 2502))
    assert len([r for r in seen.executions() if not r.error]) == 2501
    line = seen.line(workflow)
    assert (line["runs_day"], line["failures_day"]) == (2501, 250)


def test_the_first_look_into_a_long_history_is_bounded(n8n, watch):
    workflow = n8n.workflow("w")
    for _ in range(4000):
        n8n.run(workflow, seconds=0.1)

    seen = watch(n8n).look(ticks=3)

    assert 2000 <= len(seen.told()) <= 2250


def test_never_more_than_a_page_is_asked_for_and_never_data_in_a_list(n8n, watch):
    n8n.run(n8n.workflow("w"), "error", node="n", error="e")

    watch(n8n).look(ticks=3)

    lists = [r for r in n8n.requests if r.startswith("GET /api/v1/executions?")]
    assert lists
    assert all("limit=250&includeData=false" in request for request in lists)
    assert sum("includeData=true" in request for request in n8n.requests) == 1


def test_a_restart_in_mid_poll_loses_nothing_and_counts_nothing_twice(n8n, watch):
    workflow = n8n.workflow("w")
    n8n.run(workflow)
    running = n8n.start(workflow)
    before = watch(n8n).look()
    for _ in range(5000):
        n8n.run(workflow, seconds=0.1)
    before.look()
    n8n.finish(running)

    after = watch(n8n, known=remembered(before)).look(after=10.0, ticks=5)

    both = [identity for identity, status in before.told() + after.told() if status == "success"]
    assert len(both) == len(set(both)) == 5002
    assert after.line(workflow)["runs_day"] == 5002
    assert after.told().count((running, "success")) == 1


def test_the_watermark_goes_with_what_it_stands_for(n8n, watch):
    n8n.run(n8n.workflow("w"))

    seen = watch(n8n).look()

    [thing] = seen.things("watermark")
    assert (thing.source, thing.id) == ("n8n:main", "executions")
    assert json.loads(thing.detail) == {"watermark": 1}


def test_workflows_are_told_with_what_is_known_of_them(n8n, watch):
    n8n.workflow('A "quoted" <b>🎬</b>', id="w1", tags=("video",), padding=200_000)
    n8n.workflow("off", id="w2", active=False)

    seen = watch(n8n, link_url="https://n8n.example/").look()

    first, second = seen.things("workflow")
    assert (first.id, first.name) == ("w1", 'A "quoted" <b>🎬</b>')
    detail = json.loads(first.detail)
    assert (detail["active"], detail["tags"]) == (True, ["video"])
    assert detail["link"] == "https://n8n.example/workflow/w1"
    assert json.loads(second.detail)["active"] is False
    assert len(first.detail) < 4000


def test_many_heavy_workflows_are_listed_over_some_ticks(n8n, watch):
    for number in range(120):
        n8n.workflow(f"w{number:03}", padding=20_000)

    seen = watch(n8n).look(after=10.0, ticks=4)

    assert len(seen.things("workflow")) == 120
    pages = [r for r in n8n.requests if "/workflows?" in r]
    assert len(pages) == 5


def test_a_page_of_workflows_that_is_too_heavy_is_asked_for_in_smaller_ones(n8n, watch):
    for number in range(12):
        n8n.workflow(f"w{number:03}", padding=1_000_000)

    seen = watch(n8n).look(after=600.0).look(after=600.0, ticks=3)

    assert len(seen.things("workflow")) == 12


def test_workflows_beyond_the_limit_are_left_out_and_named(n8n, watch):
    for name in ("a", "b", "c"):
        n8n.run(n8n.workflow(name, id=name))

    seen = watch(n8n, workflows_max=2).look()

    assert len(seen.collector.details()["workflows"]) == 2
    assert "1 workflows are left out" in seen.missing()["workflows_max"]


def test_a_failure_names_its_key_where_the_settings_say_where_it_stands(n8n, watch):
    workflow = n8n.workflow("Digest")
    n8n.run(workflow, "error", node="HTTP", error="502", body={"video": "v-17"})

    seen = watch(n8n, key_fields={"Digest": "body.video"}).look()

    assert seen.executions()[-1].key == "v-17"


def test_failures_are_asked_about_a_few_at_a_time_the_newest_first(n8n, watch):
    workflow = n8n.workflow("w")
    for number in range(8):
        n8n.run(workflow, "error", node="n", error=str(number))

    seen = watch(n8n).look()
    first = [r.error for r in seen.executions() if r.error]
    seen.look(after=10.0, ticks=2)

    assert first == ["n: 7", "n: 6", "n: 5"]
    assert len([r for r in seen.executions() if r.error]) == 8


def test_a_huge_failure_is_not_read(n8n, watch):
    workflow = n8n.workflow("w")
    n8n.run(workflow, "error", node="n", error="e", data_bytes=3_000_000)

    seen = watch(n8n).look()

    assert "too large" in seen.executions()[-1].error
    assert not any("includeData=true" in request for request in n8n.requests)


def test_of_a_huge_failure_of_an_older_n8n_the_beginning_is_read(clock, watch):
    with N8n("2.0.0", clock=clock.of_n8n) as n8n:
        n8n.run(n8n.workflow("w"), "error", node="n", error="e", data_bytes=3_000_000)

        seen = watch(n8n).look()

    assert seen.executions()[-1].error == "n: e"


def test_an_n8n_under_another_path_is_read(clock, watch):
    with N8n(path="/flows", clock=clock.of_n8n) as n8n:
        n8n.run(n8n.workflow("w"))

        seen = watch(n8n).look()

    assert seen.told() == [("1", "success")]
