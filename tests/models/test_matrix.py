"""The status matrix: one cell a part, the worst first, said once."""

from models.live import Live
from models.machines import OFF, SILENT, MachineState
from models.matrix import Look, matrix_of
from models.messages import say
from models.monitoring import SourceState, State
from models.workflow_table import Standing, WorkflowLine, WorkflowRuns


def source(name: str, state=State.PRESENT, reason=None) -> SourceState:
    return SourceState(name, state, reason, 3.0, 10.0, 5, 0.01)


def live(*sources: SourceState, machines=()) -> Live:
    return Live(0.0, "vps", "1", False, sources, (), machines)


def cells(matrix, row):
    return [(cell.name, cell.look) for cell in matrix.get(row, ())]


def test_while_nothing_is_known_there_is_no_matrix():
    assert matrix_of(None, {}, []) == {}
    assert matrix_of(live(source("host"), source("itself")), {}, []) == {}


def test_every_kind_has_its_row_and_the_worst_comes_first():
    matrix = matrix_of(
        live(
            source("postgres:main"),
            source("redis:main", State.ERROR, say("refused")),
            source("sqlite:main", State.ABSENT, say("no file")),
            source("endpoint:api"),
            source("endpoint:away"),
            source("scrape:gpu", reason=say("2 malformed lines")),
            source("n8n:main"),
        ),
        {
            "endpoint:api": {"up": True},
            "endpoint:away": {"up": False, "problem": say("nobody answers").as_json()},
        },
        [],
    )

    assert list(matrix) == ["n8n", "database", "endpoint", "scrape"]
    assert cells(matrix, "database") == [
        ("redis main", Look.BAD),
        ("sqlite main", Look.UNKNOWN),
        ("postgres main", Look.FINE),
    ]
    assert cells(matrix, "endpoint") == [("away", Look.BAD), ("api", Look.FINE)]
    assert str(matrix["endpoint"][0].why) == "nobody answers"
    assert cells(matrix, "scrape") == [("gpu", Look.WATCH)]


def test_what_the_list_of_sources_says_already_is_not_said_twice():
    matrix = matrix_of(
        live(source("redis:main", State.ERROR, say("refused")), source("endpoint:away")),
        {"endpoint:away": {"up": False}},
        [],
    )

    assert matrix["database"][0].told_elsewhere
    assert not matrix["endpoint"][0].told_elsewhere


def test_a_machine_that_was_returned_is_off_and_never_bad():
    machines = (
        MachineState("vps", "own", "on"),
        MachineState("gpu-1", "probe", OFF, note=say("off, ₩0/h")),
        MachineState("gpu-2", "probe", SILENT, note=say("no word")),
    )
    matrix = matrix_of(live(machines=machines), {}, [])

    assert cells(matrix, "machine") == [
        ("gpu-2", Look.BAD),
        ("vps", Look.FINE),
        ("gpu-1", Look.OFF),
    ]


def test_workflows_and_heartbeats_stand_there_too():
    row = WorkflowRuns("n8n:main", "w", "Digest", 1, 0, 1, None, None, None, None, 1.0, 2, (1,))
    line = WorkflowLine(row, Standing.FAILING, say("2 failures in a row"), "")
    beats = {
        "beats": [
            {"name": "dump", "state": "late", "note": say("dump is late").as_json()},
            {"name": "cron", "state": "on time", "note": None},
        ]
    }
    matrix = matrix_of(live(), {"beats": beats}, [line])

    assert cells(matrix, "workflow") == [("Digest", Look.BAD)]
    assert cells(matrix, "beat") == [("dump", Look.BAD), ("cron", Look.FINE)]
