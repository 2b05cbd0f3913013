"""Which role may what: the whole table, written out a second time by hand."""

import pytest

from models.requests import KINDS
from models.requests.roles import DANGEROUS, MAY, RIGHTS, least_role, may
from models.requests.shapes import ROLES

EVERYBODY, SOMEBODY, OWNER = (True, True, True), (False, True, True), (False, False, True)
TABLE = {
    "look": EVERYBODY,
    "acknowledge": SOMEBODY,
    "silence": SOMEBODY,
    "retry": SOMEBODY,
    "rerun": SOMEBODY,
    "dismiss": SOMEBODY,
    "agree": SOMEBODY,
    "decline": SOMEBODY,
    "stop": SOMEBODY,
    "start": SOMEBODY,
    "raise": OWNER,
    "release": OWNER,
    "withdraw": OWNER,
    "settle": OWNER,
    "stop_all": OWNER,
    "resume": OWNER,
    "pause": OWNER,
    "charge": OWNER,
    "plan": OWNER,
    "unplan": OWNER,
    "recipe": OWNER,
    "scale": OWNER,
    "edit": OWNER,
    "audit": OWNER,
}


@pytest.mark.parametrize("right", RIGHTS)
def test_each_role_may_what_the_table_says_and_nothing_else(right):
    assert tuple(may(role, right) for role in ROLES) == TABLE[right]


def test_the_table_is_whole():
    assert set(TABLE) == set(RIGHTS) == set(KINDS) | {"look", "edit", "audit"}
    assert list(ROLES) == list(MAY) == ["viewer", "operator", "owner"]


@pytest.mark.parametrize("role", ["", "guest", "Owner", "admin", "root"])
def test_a_role_that_is_not_known_may_nothing(role):
    assert not any(may(role, right) for right in RIGHTS)


def test_who_is_refused_is_told_whom_to_ask():
    assert [least_role(right) for right in ("look", "stop", "raise")] == [
        "viewer",
        "operator",
        "owner",
    ]


def test_what_a_viewer_or_a_slip_could_harm_with_is_dangerous():
    harmless = {"acknowledge", "silence", "retry", "rerun", "dismiss", "agree", "decline"}
    assert set(KINDS) - DANGEROUS == harmless
