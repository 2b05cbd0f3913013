"""The table of workflows: the worst first, and why."""

import pytest

from models.messages import say
from models.workflow_table import Standing, WorkflowRuns, workflow_lines

SOURCE = "n8n:main"


def runs(number: int, name: str, **more) -> WorkflowRuns:
    row = WorkflowRuns(
        SOURCE, f"w{number}", name, 10, 10, 0, 1.0, 2.0, None, 100.0, 100.0, 0, (5, 5)
    )
    return row._replace(**more)


def shape(number: int, **more) -> dict:
    return {"id": f"w{number}", "name": f"from n8n {number}", "active": True, **more}


def test_the_worst_comes_first_and_equals_by_name():
    lines = workflow_lines(
        [
            runs(1, "b works"),
            runs(2, "a works"),
            runs(3, "fails", streak=2),
            runs(4, "failed", streak=1),
            runs(5, "stuck"),
            runs(6, "silent"),
        ],
        {},
        {
            SOURCE: {
                "workflows": [
                    shape(5, stuck={"reason": say("too long").as_json()}),
                    shape(6, silent={"reason": say("too quiet").as_json()}),
                ]
            }
        },
    )

    assert [(line.runs.name, line.standing) for line in lines] == [
        ("stuck", Standing.STUCK),
        ("silent", Standing.SILENT),
        ("fails", Standing.FAILING),
        ("failed", Standing.FAILED),
        ("a works", Standing.FINE),
        ("b works", Standing.FINE),
    ]
    assert [str(line.why) for line in lines[:4]] == [
        "too long",
        "too quiet",
        "2 failures in a row",
        "the last run failed",
    ]


def test_one_that_only_n8n_knows_or_only_the_store_remembers_stands_there_too():
    lines = workflow_lines(
        [],
        {(SOURCE, "w2"): {"name": "remembered", "active": False, "link": "http://n8n/w2"}},
        {SOURCE: {"workflows": [shape(1)]}},
    )

    assert [(line.runs.name, line.standing, line.link) for line in lines] == [
        ("from n8n 1", Standing.QUIET, ""),
        ("remembered", Standing.OFF, "http://n8n/w2"),
    ]


def test_what_runs_well_although_switched_off_is_told_as_off():
    [line] = workflow_lines([runs(1, "old")], {}, {SOURCE: {"workflows": [shape(1, active=False)]}})

    assert line.standing is Standing.OFF


@pytest.mark.parametrize(
    ("successes", "failures", "rate"), [(9, 1, 0.9), (0, 0, None), (0, 3, 0.0)]
)
def test_a_rate_counts_what_ended_well_or_badly(successes, failures, rate):
    assert runs(1, "x", successes=successes, failures=failures).success_rate == rate


def test_the_id_of_a_run_cannot_end_the_link_that_it_stands_in():
    shapes = {SOURCE: {"workflows": [shape(1, link="https://n8n.example/workflow/w1")]}}
    (line,) = workflow_lines([runs(1, "a")], {}, shapes)

    assert line.execution_link("7").endswith("/executions/7")
    assert line.execution_link("7) [n](javascript:x").endswith("/7%29%20%5Bn%5D%28javascript%3Ax")
