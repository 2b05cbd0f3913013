import pytest

from models.addresses import target_of
from models.endpoints import (
    DAY_SECONDS,
    Result,
    Standing,
    after,
    answer_problem,
    certificate_problem,
    readings_of,
    tls_problem,
)
from models.messages import say
from models.monitoring import Reading

MINE = (("source", "shop"),)
HTTPS = target_of("https://shop.example/")


def standing_of(results: str) -> Standing:
    """Results one a second: + good, - bad."""
    standing = Standing()
    for at, sign in enumerate(results):
        standing = after(standing, sign == "+", float(at))
    return standing


@pytest.mark.parametrize(
    ("results", "up", "since_at"),
    [
        ("+", True, 0),
        ("-", None, None),
        ("--", None, None),
        ("---", False, 0),
        ("-+", True, 1),
        ("++--+", True, 0),
        ("++---", False, 2),
        ("++---+", False, 2),
        ("++---++", True, 5),
        ("++---+-+-+", False, 2),
        ("+-+-+-+-", True, 0),
        ("---++---", False, 5),
    ],
)
def test_three_failures_in_a_row_are_down_and_two_successes_up(results, up, since_at):
    standing = standing_of(results)

    assert (standing.up, standing.since_at) == (up, since_at)


def test_a_result_counts_at_once_and_the_state_does_not_flap():
    failed = Result(3.0, say("refused"), {"resolve": 0.001}, 0)

    readings = readings_of(failed, standing_of("++-"), HTTPS, MINE)

    assert Reading("http.check.up", 1.0, MINE) in readings
    assert Reading("http.check.success", 0.0, MINE) in readings


def test_steps_that_were_not_reached_are_gaps():
    failed = Result(3.0, say("refused"), {"resolve": 0.001}, 0)

    readings = readings_of(failed, Standing(), HTTPS, MINE)
    values = {dict(r.labels).get("step", r.name): r.value for r in readings}

    assert values == {
        "http.check.up": None,
        "http.check.success": 0.0,
        "resolve": 0.001,
        "connect": None,
        "tls": None,
        "first_byte": None,
        "total": None,
        "tls.certificate.remaining": None,
    }


def test_labels_are_sorted_as_every_series_wants_them():
    result = Result(3.0, None, {"total": 0.1}, 200)

    for reading in readings_of(result, Standing(), HTTPS, MINE):
        assert reading.labels == tuple(sorted(reading.labels))


@pytest.mark.parametrize(
    ("status", "expected", "is_right"),
    [
        (200, 0, True),
        (301, 0, True),
        (399, 0, True),
        (404, 0, False),
        (500, 0, False),
        (404, 404, True),
        (200, 404, False),
        (302, 200, False),
    ],
)
def test_the_expected_status_is_the_right_one(status, expected, is_right):
    problem = answer_problem(status, "/login", "", expect_status=expected, expect_text="")

    assert (problem is None) == is_right


def test_a_redirect_is_an_answer_and_says_where_it_leads():
    problem = answer_problem(302, "/login", "", expect_status=200, expect_text="")

    assert str(problem) == (
        "answered 302 and points to /login, which is not followed; write that address, or set "
        "expect_status = 302"
    )


def test_a_text_that_is_missing_is_named():
    problem = answer_problem(200, "", "<b>😀</b>", expect_status=0, expect_text="{ready}")

    assert '"{ready}" does not stand' in str(problem)


def test_every_fault_of_a_certificate_has_a_sentence_of_its_own():
    known = {str(tls_problem("x", code, "")) for code in (9, 10, 18, 19, 62)}
    other = str(tls_problem("x", 23, "certificate revoked"))

    assert len(known) == 5
    assert "certificate revoked" in other


def test_a_certificate_that_ends_soon_is_a_problem_before_it_ends():
    ends_at = 20 * DAY_SECONDS

    assert certificate_problem(ends_at, 0.0, 14) is None
    assert "ends in 13 days" in str(certificate_problem(ends_at, 6.5 * DAY_SECONDS, 14))
    assert certificate_problem(None, 0.0, 14) is None
