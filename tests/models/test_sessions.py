"""People, links and sessions: how long they hold, and what a role may do."""

import pytest

from models.errors import ConfigError
from models.sessions import (
    DAY_SECONDS,
    IDLE_SECONDS,
    LINK_SECONDS,
    OPERATOR,
    OWNER,
    REMEMBERED_SECONDS,
    ROLES,
    SESSION_SECONDS,
    VIEWER,
    Person,
    Session,
    checked_days,
    checked_email,
    checked_name,
    device_of,
    forgotten,
    is_live,
    link_seconds,
    may,
    refuse_last_owner,
    remembered,
    role_now,
    role_of,
    session_end,
)

NOW = 1_000_000.0


def session(**changed) -> Session:
    begun = Session("hash", "kim", "Chrome", "127.0.0.1", NOW, NOW, NOW + SESSION_SECONDS, 0)
    return begun._replace(**changed)


def person(role: str = OWNER, name: str = "kim") -> Person:
    return Person(name, role, "", NOW)


@pytest.mark.parametrize("role", ROLES)
def test_the_matrix_of_roles(role):
    allowed = [needed for needed in ROLES if may(role, needed)]

    assert allowed == list(ROLES[: ROLES.index(role) + 1])


@pytest.mark.parametrize("role", [OPERATOR, OWNER])
def test_rights_to_change_something_rest_after_half_an_hour(role):
    at_the_end, later = NOW + IDLE_SECONDS, NOW + IDLE_SECONDS + 1

    assert role_now(person(role), session(), at_the_end) == role
    assert role_now(person(role), session(), later) == VIEWER
    assert role_now(person(role), session(remembered=1), later) == role


def test_a_clock_that_went_back_is_no_use():
    assert role_now(person(), session(), NOW - DAY_SECONDS) == VIEWER


def test_a_session_ends_and_a_remembered_one_later():
    assert is_live(session(), NOW + SESSION_SECONDS - 1)
    assert not is_live(session(), NOW + SESSION_SECONDS)
    assert remembered(session(), NOW + 60).expires_at == NOW + 60 + REMEMBERED_SECONDS


def test_what_is_no_longer_remembered_ends_when_it_would_have_ended():
    begun = session()

    assert forgotten(remembered(begun, NOW)) == begun
    assert forgotten(session(expires_at=NOW + 5)).expires_at == NOW + 5


def test_a_link_may_say_how_long_a_device_stays():
    assert session_end(NOW, 7 * DAY_SECONDS, remember=False) == NOW + 7 * DAY_SECONDS
    assert session_end(NOW, 0, remember=False) == NOW + SESSION_SECONDS
    assert session_end(NOW, 0, remember=True) == NOW + REMEMBERED_SECONDS


def test_a_link_with_rights_is_short_lived():
    assert link_seconds(OWNER) == link_seconds(OPERATOR) == LINK_SECONDS == 900
    assert link_seconds(VIEWER) == DAY_SECONDS


@pytest.mark.parametrize("days", [-1, 91])
def test_nobody_stays_for_ever(days):
    with pytest.raises(ConfigError, match="1 to 90 days"):
        checked_days(days)


@pytest.mark.parametrize("name", ["", " kim", "kim lee", "a" * 41, "../x", "<b>", "-kim", "_"])
def test_a_name_that_is_none_is_told(name):
    with pytest.raises(ConfigError, match="for example kim"):
        checked_name(name)


@pytest.mark.parametrize("name", ["kim", "김민수", "k.im-2", "A"])
def test_names_are_of_any_language(name):
    assert checked_name(name) == name


def test_an_email_is_compared_in_small_letters():
    assert checked_email(" Kim@Example.com ") == "kim@example.com"
    assert checked_email("") == ""
    with pytest.raises(ConfigError, match="no e-mail address"):
        checked_email("kim")


def test_a_role_that_is_none_is_told():
    with pytest.raises(ConfigError, match="use viewer"):
        role_of("admin")


def test_the_last_owner_stays():
    kim, lee = person(name="kim"), person(VIEWER, "lee")

    with pytest.raises(ConfigError, match="kim is the only owner"):
        refuse_last_owner([kim, lee], kim)
    with pytest.raises(ConfigError, match="kim is the only owner"):
        refuse_last_owner([kim, lee], kim, VIEWER)
    refuse_last_owner([kim, lee], kim, OWNER)
    refuse_last_owner([kim, person(name="park")], kim)
    refuse_last_owner([kim, lee], lee)


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) AppleWebKit/605 Safari/605", "Safari, iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/150 Safari/537 Edg/150", "Edge, Windows"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/150 Mobile KAKAOTALK 11", "KAKAOTALK, Android"),
        ("evil\x1b[2J\n", "evil[2J"),
    ],
)
def test_a_device_has_a_name_that_its_owner_knows(agent, told):
    assert device_of(agent) == told
