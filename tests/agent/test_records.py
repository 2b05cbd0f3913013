from agent.records import RECORDS_MAX, RecordQueue
from models.monitoring import Execution, Thing

RUN = Execution("n8n:main", "w1", "1", "running", "trigger", None, 1.0, None, 2.0)


def test_of_one_run_only_the_newest_state_waits():
    queue = RecordQueue()
    queue.add([RUN])
    queue.add([RUN._replace(status="success")])

    assert [record.status for record in queue.take()] == ["success"]
    assert queue.take() == []


def test_what_the_store_refused_waits_and_what_came_meanwhile_is_newer():
    queue = RecordQueue()
    queue.add([RUN, Thing("table", "postgres:main", "t", "t", "{}", 1.0)])
    refused = queue.take()
    queue.add([RUN._replace(status="success")])
    queue.put_back(refused)

    assert {getattr(record, "status", "") for record in queue.take()} == {"success", ""}


def test_what_cannot_be_kept_is_counted():
    queue = RecordQueue()
    queue.add([RUN._replace(execution_id=str(n)) for n in range(RECORDS_MAX + 3)])

    assert queue.dropped == 3
    assert queue.take()[0].execution_id == "3"
