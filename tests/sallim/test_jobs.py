import asyncio
import os
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest

import sallim


def told(ledger):
    return ledger.jobs_since(0, 100)


def only(ledger):
    [job] = told(ledger)
    return job


def test_a_job_is_running_until_it_has_succeeded(kept):
    with sallim.job("analysis", key="video-17"):
        running = only(kept)
    done = only(kept)

    assert (running.name, running.key, running.stage) == ("analysis", "video-17", "")
    assert (running.state, running.ended_us, running.duration_us) == ("running", None, None)
    assert (running.host, running.pid) == (os.uname().nodename, os.getpid())
    assert (done.state, done.error, done.started_us) == ("succeeded", "", running.started_us)
    assert done.duration_us >= 0
    assert done.ended_us >= done.started_us


def test_stages_belong_to_their_job_and_a_nested_job_to_what_surrounds_it(kept):
    with sallim.job("analysis", key="video-17") as job:
        with job.stage("download") as stage, sallim.job("fetch"):
            pass
        with job.stage("transcribe"):
            pass
    with sallim.job("report"):
        pass

    by_name = {(row.name, row.stage): row for row in told(kept)}
    assert by_name["analysis", ""].parent_id == ""
    assert by_name["analysis", "download"].parent_id == job.id
    assert by_name["analysis", "download"].key == "video-17"
    assert by_name["analysis", "transcribe"].parent_id == job.id
    assert by_name["fetch", ""].parent_id == stage.id
    assert by_name["report", ""].parent_id == ""


def test_a_worker_that_does_one_stage_says_which(kept):
    with sallim.job("analysis", key="video-17", stage="transcribe"):
        pass

    assert (only(kept).name, only(kept).stage) == ("analysis", "transcribe")


@pytest.mark.parametrize(
    ("raised", "error"),
    [
        (ValueError("no sound"), "ValueError: no sound"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
        (asyncio.CancelledError(), "CancelledError"),
        (SystemExit("bad video"), "SystemExit: bad video"),
        (SystemExit(2), "SystemExit: 2"),
    ],
)
def test_what_is_raised_passes_untouched_and_is_written_down(kept, raised, error):
    with pytest.raises(type(raised)) as caught, sallim.job("analysis"):
        raise raised

    assert caught.value is raised
    assert caught.value.__cause__ is None
    assert (only(kept).state, only(kept).error) == ("failed", error)


def test_a_program_that_ends_well_within_a_job_has_succeeded(kept):
    with pytest.raises(SystemExit), sallim.job("analysis"):
        raise SystemExit(0)

    assert only(kept).state == "succeeded"


def test_an_exception_that_cannot_be_told_still_has_a_type(kept):
    class Mute(Exception):
        def __str__(self):
            raise RuntimeError

    with pytest.raises(Mute), sallim.job("analysis"):
        raise Mute

    assert only(kept).error.endswith("Mute")


def test_a_job_may_fail_without_an_exception(kept):
    with sallim.job("analysis") as job:
        job.fail("the transcript is empty")

    assert (only(kept).state, only(kept).error) == ("failed", "the transcript is empty")


def test_the_key_may_become_known_on_the_way(kept):
    with sallim.job("download") as job:
        job.key = "video-18"

    assert only(kept).key == "video-18"


def test_a_function_is_a_job_at_each_call(kept):
    @sallim.job("transcribe", key=lambda video, **_: video["id"])
    def transcribe(video, *, language):
        """Speech to text."""
        return f"{video['id']} in {language}"

    assert transcribe({"id": 17}, language="ko") == "17 in ko"
    assert transcribe({"id": 18}, language="ko") == "18 in ko"
    assert (transcribe.__name__, transcribe.__doc__) == ("transcribe", "Speech to text.")
    assert [(row.key, row.state) for row in told(kept)] == [
        ("17", "succeeded"),
        ("18", "succeeded"),
    ]
    assert len({row.job_id for row in told(kept)}) == 2


def test_an_asynchronous_function_is_a_job_until_it_is_done(kept):
    @sallim.job("transcribe", key=lambda video: video)
    async def transcribe(video):
        await asyncio.sleep(0)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(part(video))
        return [row.state for row in told(kept)]

    @sallim.job("part")
    async def part(video):
        await asyncio.sleep(0)

    async def both():
        return await asyncio.gather(transcribe("a"), transcribe("b"))

    states, _ = asyncio.run(both())
    assert "running" in states
    rows = told(kept)
    assert {row.state for row in rows} == {"succeeded"}
    parents = {row.job_id: row for row in rows if row.name == "transcribe"}
    assert {parents[row.parent_id].key for row in rows if row.name == "part"} == {"a", "b"}


def test_a_task_that_is_cancelled_has_failed(kept):
    @sallim.job("transcribe")
    async def transcribe():
        await asyncio.sleep(60)

    async def cancelled():
        task = asyncio.ensure_future(transcribe())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])

    asyncio.run(cancelled())
    assert (only(kept).state, only(kept).error) == ("failed", "CancelledError")


def test_a_generator_is_refused_when_it_is_decorated(kept):
    with pytest.raises(TypeError, match=r"write `with sallim.job\(...\):` within it"):

        @sallim.job("transcribe")
        def lines():
            yield 1


def test_a_key_that_cannot_be_made_does_not_stop_the_work(kept, caplog):
    @sallim.job("transcribe", key=lambda video: video.id)
    def transcribe(video):
        return "done"

    assert transcribe(None) == "done"
    assert (only(kept).key, only(kept).state) == ("", "succeeded")
    assert "the key of 'transcribe' could not be made: AttributeError" in caplog.text


NOON = datetime(2025, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "moment",
    [NOON, NOON.timestamp(), NOON.astimezone(timezone(timedelta(hours=9)))],
)
def test_the_wait_begins_where_the_program_says(kept, moment):
    with sallim.job("analysis", queued_at=moment):
        pass

    assert only(kept).queued_us == 1_763_985_600_000_000


@pytest.mark.parametrize(
    "moment", [NOON.replace(tzinfo=None), 1_763_985_600_000, float("nan"), -5, "12:00", object()]
)
def test_what_is_no_moment_is_left_out_with_a_word(kept, moment, caplog):
    with sallim.job("analysis", queued_at=moment):
        pass

    assert (only(kept).queued_us, only(kept).state) == (None, "succeeded")
    assert "give epoch seconds, as time.time() does, or a datetime with its zone" in caplog.text


@pytest.mark.parametrize("name", ["", "분석 🎬", "a\0b", "x" * 5_000, "\udcff", None, 17])
def test_names_of_any_kind_are_taken(kept, name):
    with sallim.job(name, key=name, stage=name):
        pass

    assert only(kept).state == "succeeded"
    assert len(only(kept).name) <= 200


def test_threads_have_jobs_of_their_own(kept):
    def work(number):
        with sallim.job("analysis", key=number) as job, job.stage("download"):
            pass

    threads = [threading.Thread(target=work, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    keys = {row.job_id: row.key for row in told(kept) if not row.stage}
    assert sorted(keys.values()) == [str(number) for number in range(8)]
    assert all(keys[row.parent_id] == row.key for row in told(kept) if row.stage)


def test_a_forked_child_writes_its_own_jobs_and_leaves_the_parents_alone(kept):
    with sallim.job("analysis") as job:
        child = os.fork()
        if not child:
            code = 1
            try:
                with sallim.job("part"):
                    pass
                job.__exit__(None, None, None)
                code = 0
            finally:
                os._exit(code)
        assert os.waitpid(child, 0)[1] == 0
        states = {row.name: row.state for row in told(kept)}
        parents = {row.name: row.parent_id for row in told(kept)}

        assert states == {"analysis": "running", "part": "succeeded"}
        assert parents["part"] == job.id
    assert {row.name: row.pid for row in told(kept)} == {"analysis": os.getpid(), "part": child}
    assert {row.state for row in told(kept)} == {"succeeded"}
