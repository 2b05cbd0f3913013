"""Links become sessions once; sessions say who is there, rest, and end."""

import threading

import pytest

from agent.attempts import ADDRESSES_MAX, Attempts
from models.errors import ConfigError, SignInRefused
from models.sessions import (
    DAY_SECONDS,
    IDLE_SECONDS,
    LINK_SECONDS,
    LINKS_MAX,
    REMEMBERED_SECONDS,
    SESSION_SECONDS,
    SESSIONS_MAX,
    Actor,
    Browser,
    number_of,
)
from tests.agent.signing_in import PHONE, Door


@pytest.fixture
def door(tmp_path):
    door = Door(tmp_path / "control.sqlite3")
    yield door
    door.control.close()


def test_the_first_link_is_the_owners(door):
    token = door.enter()

    assert door.sessions.who(token) == Actor("owner", "owner", "page", "10.0.0.7")
    assert [person.name for person in door.sessions.everybody()] == ["owner"]


def test_a_link_works_once_and_also_not_after_a_restart(door):
    link, _ = door.sessions.make_link()
    door.sessions.use_link(link, PHONE)

    with pytest.raises(SignInRefused, match="used already"):
        door.sessions.use_link(link, PHONE)
    door.restart()
    with pytest.raises(SignInRefused, match="used already"):
        door.sessions.use_link(link, PHONE)


def test_two_that_use_a_link_at_the_same_time_are_one(door):
    link, _ = door.sessions.make_link()
    begin, got_in = threading.Barrier(8), []

    def use() -> None:
        begin.wait()
        try:
            got_in.append(door.sessions.use_link(link, PHONE)[0])
        except SignInRefused:
            return

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(got_in) == 1
    assert door.role(got_in[0]) == "owner"


def test_a_link_is_short_lived(door):
    link, _ = door.sessions.make_link()
    door.clock.pass_by(LINK_SECONDS)

    with pytest.raises(SignInRefused, match="too old"):
        door.sessions.use_link(link, PHONE)


@pytest.mark.parametrize("token", ["", "slm_", "slm_" + "x" * 43, "\udcff", "' OR 1=1 --"])
def test_what_is_no_token_is_nobody(door, token):
    door.enter()

    assert door.sessions.who(token) is None
    with pytest.raises(SignInRefused):
        door.sessions.use_link(token, PHONE)


def test_a_link_is_no_session_and_a_session_no_link(door):
    link, _ = door.sessions.make_link()
    token = door.enter()

    assert door.sessions.who(link) is None
    with pytest.raises(SignInRefused):
        door.sessions.use_link(token, PHONE)


def test_sessions_outlive_the_agent(door):
    token = door.enter()
    door.restart()

    assert door.role(token) == "owner"


def test_only_hashes_are_kept(door):
    link, _ = door.sessions.make_link()
    token = door.enter()
    door.control.close()

    for path in door.path.parent.iterdir():
        assert token.encode() not in path.read_bytes()
        assert link.encode() not in path.read_bytes()
    assert token not in repr(token)


def test_rights_rest_without_use_and_looking_goes_on_to_the_end(door):
    token = door.enter()
    door.clock.pass_by(IDLE_SECONDS - 1)
    door.sessions.used(token)
    door.clock.pass_by(IDLE_SECONDS - 1)
    assert door.role(token) == "owner"

    door.clock.pass_by(2)
    assert door.role(token) == "viewer"
    door.sessions.used(token)
    assert door.role(token) == "viewer"
    with pytest.raises(SignInRefused, match="rest"):
        door.sessions.remember(token, wanted=True)
    door.clock.pass_by(SESSION_SECONDS)
    assert door.role(token) is None


def test_a_remembered_device_keeps_its_rights_for_thirty_days(door):
    token = door.enter()
    door.sessions.remember(token, wanted=True)
    door.clock.pass_by(REMEMBERED_SECONDS - 1)
    assert door.role(token) == "owner"
    door.clock.pass_by(1)
    assert door.role(token) is None


def test_it_may_be_remembered_at_once_or_by_the_link(door):
    at_once = door.enter(browser=Browser("x", "y", remember=True))
    by_link = door.enter("lee", "operator", days=7)
    door.clock.pass_by(7 * DAY_SECONDS - 1)
    assert (door.role(at_once), door.role(by_link)) == ("owner", "operator")
    door.clock.pass_by(1)
    assert (door.role(at_once), door.role(by_link)) == ("owner", None)


def test_another_role_holds_at_once_on_every_device(door):
    door.enter()
    token = door.enter("lee", "operator")

    door.sessions.put_person("lee", "viewer")
    assert door.role(token) == "viewer"
    door.sessions.put_person("lee", "owner")
    assert door.role(token) == "owner"


def test_who_is_removed_is_out_at_once_with_his_links(door):
    door.enter()
    token = door.enter("lee", "viewer")
    link, _ = door.sessions.make_link("lee")

    assert door.sessions.remove_person("lee")

    assert door.role(token) is None
    with pytest.raises(SignInRefused):
        door.sessions.use_link(link, PHONE)
    door.restart()
    assert door.role(token) is None
    assert not door.sessions.remove_person("lee")


def test_a_link_neither_raises_nor_lowers_a_role(door):
    door.enter("lee", "viewer")

    with pytest.raises(ConfigError, match="lee is viewer already"):
        door.sessions.make_link("lee", "owner")
    with pytest.raises(ConfigError, match="Add a name"):
        door.sessions.make_link("", "viewer")


def test_signing_out_ends_one_device_or_all(door):
    phone, laptop, other = door.enter(), door.enter(), door.enter("lee", "viewer")
    unused, _ = door.sessions.make_link()

    door.sessions.end(phone)
    assert (door.role(phone), door.role(laptop)) == (None, "owner")
    door.sessions.end_everywhere(laptop)
    assert (door.role(laptop), door.role(other)) == (None, "viewer")
    with pytest.raises(SignInRefused):
        door.sessions.use_link(unused, PHONE)
    door.sessions.end(phone)


def test_a_viewer_ends_only_his_own_devices(door):
    owners = door.enter()
    mine, too = door.enter("lee", "viewer"), door.enter("lee")
    number = number_of(door.sessions.visit(owners).session)

    with pytest.raises(SignInRefused, match="not signed in any more"):
        door.sessions.end_device(mine, number)
    assert {each.person for each in door.sessions.devices(mine)} == {"lee"}
    assert {each.person for each in door.sessions.devices(owners)} == {"lee", "owner"}
    door.sessions.end_device(mine, number_of(door.sessions.visit(too).session))
    assert (door.role(owners), door.role(mine), door.role(too)) == ("owner", "viewer", None)
    door.sessions.end_device(owners, number_of(door.sessions.visit(mine).session))
    assert door.role(mine) is None


def test_who_has_no_session_sees_and_ends_nothing(door):
    door.enter()
    for refused in (
        lambda: door.sessions.devices("nobody"),
        lambda: door.sessions.end_everywhere("nobody"),
        lambda: door.sessions.remember("nobody", wanted=True),
    ):
        with pytest.raises(SignInRefused, match="Nobody is signed in"):
            refused()


def test_where_nobody_signs_in_everybody_may_look(door):
    door.sessions.is_open = True

    assert door.sessions.who("") == Actor("guest", "viewer")
    assert door.sessions.who(door.enter()).role == "owner"


def test_links_and_sessions_have_room_for_new_ones(door):
    tokens = [door.enter() for _ in range(SESSIONS_MAX + 2)]
    links = [door.sessions.make_link()[0] for _ in range(LINKS_MAX + 2)]
    door.restart()

    assert [door.role(token) for token in tokens[:3]] == [None, None, "owner"]
    with pytest.raises(SignInRefused):
        door.sessions.use_link(links[0], PHONE)
    assert door.sessions.use_link(links[-1], PHONE)


def test_an_identity_provider_lets_in_whom_an_owner_added(door):
    door.enter()
    door.sessions.put_person("lee", "operator", "Lee@Example.com")

    token, _ = door.sessions.sign_in("lee@example.com", PHONE)
    assert door.role(token) == "operator"
    for email in ("kim@example.com", "", "lee@example.com.evil.example"):
        with pytest.raises(SignInRefused, match="may not come in"):
            door.sessions.sign_in(email, PHONE)
    with pytest.raises(ConfigError, match="is of lee already"):
        door.sessions.put_person("park", "viewer", "lee@example.com")


def test_what_a_browser_says_of_itself_stays_short_and_printable(door):
    token = door.enter(browser=Browser("x\x1b[2J\n" + "y" * 500, "z" * 500))
    session = door.sessions.visit(token).session

    assert session.device == ("x[2J" + "y" * 76)
    assert len(session.address) == 80


def test_five_failures_a_minute_are_enough():
    now = [0.0]
    attempts = Attempts(lambda: now[0])
    for _ in range(5):
        attempts.refuse_many("10.0.0.7")
        attempts.failed("10.0.0.7")

    with pytest.raises(SignInRefused, match="Too many attempts") as refused:
        attempts.refuse_many("10.0.0.7")
    assert refused.value.status == 429
    attempts.refuse_many("10.0.0.8")
    now[0] = 60.0
    attempts.refuse_many("10.0.0.7")


def test_failures_from_everywhere_fill_no_memory():
    attempts = Attempts(lambda: 0.0)
    for number in range(ADDRESSES_MAX):
        attempts.failed(str(number))

    with pytest.raises(SignInRefused):
        attempts.refuse_many("new")
