import threading

import pytest

from sallim.ledger import from_wire, to_wire
from sallim.ledger.rows import RANK, job_row
from tests.sallim.rows import DAY_US, MINUTE_US, NOON_US, row, states


def test_every_change_takes_a_new_seq_and_a_reader_with_a_watermark_sees_each_once(ledger):
    ledger.start_job(row("a"))
    ledger.start_job(row("b"))
    first = ledger.jobs_since(0, 10)
    watermark = first[-1].seq
    ledger.end_job(row("a", "succeeded"))

    assert [(job.job_id, job.seq) for job in first] == [("a", 1), ("b", 2)]
    assert [(job.job_id, job.state) for job in ledger.jobs_since(watermark, 10)] == [
        ("a", "succeeded")
    ]
    assert ledger.jobs_since(3, 10) == []
    assert ledger.last_seq() == 3


def test_a_reader_takes_as_many_as_it_wants_at_a_time(ledger):
    ledger.put_jobs(row(f"{number}") for number in range(5))

    assert [job.job_id for job in ledger.jobs_since(1, 2)] == ["1", "2"]


def test_an_end_whose_beginning_was_never_written_is_written_whole(ledger):
    ledger.end_job(row("a", "failed", error="ValueError: no sound"))

    [job] = ledger.jobs_since(0, 10)
    assert job == row("a", "failed", error="ValueError: no sound", seq=1)


def test_telling_it_again_changes_nothing(ledger):
    told = [{"job_id": "a", "name": "analysis", "state": "succeeded", "host": "gpu-1"}]

    assert ledger.record_jobs(told, NOON_US) == 1
    assert ledger.record_jobs(told, NOON_US + MINUTE_US) == 0
    assert ledger.last_seq() == 1
    assert ledger.jobs_since(0, 10)[0].ended_us == NOON_US


def test_a_late_running_never_undoes_an_end_but_fills_what_was_not_known(ledger):
    done = {"job_id": "a", "name": "analysis", "state": "failed", "error": "out of memory"}
    late = {"job_id": "a", "name": "analysis", "state": "running", "started_us": NOON_US}
    ledger.record_jobs([done], NOON_US + MINUTE_US)
    ledger.record_jobs([late], NOON_US + 2 * MINUTE_US)

    [job] = ledger.jobs_since(0, 10)
    assert (job.state, job.error, job.started_us) == ("failed", "out of memory", NOON_US)
    assert job.ended_us == NOON_US + MINUTE_US


def test_a_real_end_replaces_the_guess_that_it_was_abandoned(ledger):
    ledger.put_jobs([row("a", "abandoned", error="gone", ended_us=NOON_US)])
    ledger.record_jobs([{"job_id": "a", "name": "analysis", "state": "succeeded"}], NOON_US + 5)

    [job] = ledger.jobs_since(0, 10)
    assert (job.state, job.error, job.ended_us) == ("succeeded", "", NOON_US + 5)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"state": "done"}, "job 1: state is 'done': it must be one of queued, running"),
        ({"job_id": ""}, "job 1: job_id is missing"),
        ({"name": None}, "job 1: name is missing"),
        ({"key": 17}, "job 1: key is 17: it must be text"),
        ({"pid": -1}, "job 1: pid is -1: it must be a whole number"),
        ({"duration_us": 0.5}, "job 1: duration_us is 0.5: it must be a whole number"),
        ({"started_us": 2**70}, "job 1: started_us is"),
    ],
)
def test_one_malformed_telling_is_named_and_nothing_of_its_batch_is_written(
    ledger, wrong, sentence
):
    good = {"job_id": "a", "name": "analysis", "state": "running"}

    with pytest.raises(ValueError, match=sentence):
        ledger.record_jobs([good, {**good, "job_id": "b", **wrong}], NOON_US)
    assert ledger.last_seq() == 0


def test_names_of_any_kind_are_kept_as_they_are(ledger):
    key = "영상 🎬 <b>'; DROP TABLE jobs; --"
    ledger.record_jobs([{"job_id": "a", "name": key, "state": "queued", "key": key}], NOON_US)

    [job] = ledger.jobs_since(0, 10)
    assert (job.name, job.key) == (key, key)


def test_a_long_error_is_cut(ledger):
    told = {"job_id": "a", "name": "analysis", "state": "failed", "error": "e" * 10_000}
    ledger.record_jobs([told], NOON_US)

    assert ledger.jobs_since(0, 10)[0].error == "e" * 500


def test_a_row_comes_through_the_wire_as_it_was_but_for_its_process():
    for state in RANK:
        job = row("a", state, queued_us=NOON_US - 5)

        assert job_row(from_wire(to_wire(job)), job.updated_us) == job._replace(process="")


@pytest.mark.parametrize("wrong", ["12:00", True, float("nan"), float("inf"), -1, 1.7e12])
def test_a_moment_that_is_none_is_refused_by_its_name(wrong):
    with pytest.raises(ValueError, match="started_at is"):
        from_wire({"job_id": "a", "started_at": wrong})


def test_only_what_is_old_and_already_read_is_forgotten_and_seq_goes_on(ledger):
    ledger.put_jobs([row("old", updated_us=NOON_US - DAY_US), row("new"), row("later")])
    ledger.put_jobs([row("unread", updated_us=NOON_US - DAY_US)])

    assert ledger.forget(NOON_US, up_to_seq=3) == 1
    assert set(states(ledger)) == {"new", "later", "unread"}
    assert ledger.forget(NOON_US + DAY_US) == 3
    ledger.start_job(row("after"))
    assert [job.seq for job in ledger.jobs_since(0, 10)] == [5]


def test_forgetting_reaches_past_one_chunk(ledger):
    ledger.put_jobs(row(f"{number:04}") for number in range(1_201))

    assert ledger.forget(NOON_US + 1) == 1_201


def test_many_threads_share_one_ledger(ledger):
    def write(number):
        for count in range(50):
            ledger.start_job(row(f"{number}-{count}"))
            ledger.end_job(row(f"{number}-{count}", "succeeded"))

    threads = [threading.Thread(target=write, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(states(ledger).values()) == {"succeeded"}
    assert len(states(ledger)) == 400
    assert ledger.last_seq() == 800
