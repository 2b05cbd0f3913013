"""Tokens of the TCP listener: shown once, kept as hashes, refused the moment they are revoked."""

import os
import sqlite3
from contextlib import closing

import pytest

from data.home import Home
from data.tokens import GATEWAY, Holder, Spending, Token, create, listed, revoke, verify_at
from models.errors import ConfigError, StoreError

NOW = 1_795_413_600.0


@pytest.fixture
def home(tmp_path) -> Home:
    home = Home(tmp_path / "home")
    home.make()
    return home


def test_a_token_opens_the_door_under_its_name(home):
    token = create(home, "prometheus", NOW)

    assert verify_at(home, token, NOW) == Holder("prometheus")


def test_every_token_is_its_own(home):
    tokens = {name: create(home, name, NOW) for name in ("prometheus", "laptop", "phone")}

    assert len(set(tokens.values())) == 3
    assert {name: verify_at(home, token, NOW).name for name, token in tokens.items()} == {
        name: name for name in tokens
    }


def test_a_token_holds_32_random_bytes_behind_its_prefix(home):
    token = create(home, "prometheus", NOW)

    assert token.startswith("slm_")
    assert len(token) == len("slm_") + 43


def test_the_token_itself_is_kept_nowhere(home):
    token = create(home, "prometheus", NOW)
    kept = b"".join(path.read_bytes() for path in home.path.iterdir())

    assert token.encode() not in kept
    assert token.removeprefix("slm_").encode() not in kept
    assert token not in repr(token)


@pytest.mark.parametrize("wrong", ["", "slm_", "slm_wrong", "Bearer", "slm_\udcff", "slm_" + "한"])
def test_what_is_no_token_opens_nothing(home, wrong):
    create(home, "prometheus", NOW)

    assert verify_at(home, wrong, NOW) is None


def test_a_token_that_lost_a_letter_opens_nothing(home):
    token = create(home, "prometheus", NOW)

    assert verify_at(home, token[:-1], NOW) is None
    assert verify_at(home, token + "a", NOW) is None


def test_a_revoked_token_opens_nothing_any_more(home):
    token, other = create(home, "prometheus", NOW), create(home, "laptop", NOW)

    assert revoke(home, "prometheus", NOW + 1)
    assert verify_at(home, token, NOW + 2) is None
    assert verify_at(home, other, NOW + 2) == Holder("laptop")


def test_what_is_not_valid_cannot_be_revoked(home):
    assert not revoke(home, "prometheus", NOW)

    create(home, "prometheus", NOW)
    assert revoke(home, "prometheus", NOW)
    assert not revoke(home, "prometheus", NOW)


def test_a_name_is_given_once_until_it_is_revoked(home):
    old = create(home, "prometheus", NOW)
    with pytest.raises(ConfigError, match="revoke it first"):
        create(home, "prometheus", NOW)
    revoke(home, "prometheus", NOW)
    new = create(home, "prometheus", NOW)

    assert verify_at(home, old, NOW) is None
    assert verify_at(home, new, NOW) == Holder("prometheus")


@pytest.mark.parametrize("name", ["", "Prometheus", "a b", "a\nb", "-a", "a" * 41, "한국", "a;b"])
def test_a_name_that_would_not_fit_in_a_line_is_refused(home, name):
    with pytest.raises(ConfigError, match=r"is no name for a token; .* for example prometheus"):
        create(home, name, NOW)


def test_the_list_shows_dates_and_uses(home):
    assert listed(home) == []

    token = create(home, "prometheus", NOW)
    create(home, "laptop", NOW + 1)
    verify_at(home, token, NOW + 5)
    revoke(home, "laptop", NOW + 9)

    assert listed(home) == [
        Token("prometheus", NOW, NOW + 5, None),
        Token("laptop", NOW + 1, None, NOW + 9),
    ]


def test_the_last_use_is_written_once_a_minute(home):
    token = create(home, "prometheus", NOW)
    for seconds in (0, 10, 59, 60, 61):
        verify_at(home, token, NOW + seconds)

    assert listed(home)[0].last_used_at == NOW + 60


def test_a_clock_that_steps_back_does_not_stop_the_list(home):
    token = create(home, "prometheus", NOW)
    verify_at(home, token, NOW + 10_000)
    verify_at(home, token, NOW)

    assert listed(home)[0].last_used_at == NOW


def test_asking_makes_no_file(home):
    assert verify_at(home, "slm_anything", NOW) is None
    assert listed(home) == []
    assert list(home.path.iterdir()) == []


def test_the_file_is_for_its_owner_alone_whatever_the_umask(home):
    before = os.umask(0o000)
    try:
        create(home, "prometheus", NOW)
    finally:
        os.umask(before)

    assert home.tokens.stat().st_mode & 0o777 == 0o600


def test_the_file_belongs_to_the_owner_of_the_home_also_when_root_makes_it(home):
    nobody = 65534
    owner = nobody if os.geteuid() == 0 else os.geteuid()
    os.chown(home.path, owner, -1)
    create(home, "prometheus", NOW)

    assert home.tokens.stat().st_uid == owner


def test_a_token_opens_the_door_while_another_process_writes(home):
    token = create(home, "prometheus", NOW)
    with closing(sqlite3.connect(home.tokens)) as other:
        other.execute("BEGIN IMMEDIATE")

        assert verify_at(home, token, NOW) == Holder("prometheus")


def test_a_damaged_file_is_told_with_what_to_do(home):
    home.tokens.write_bytes(b"this is no database" * 100)

    with pytest.raises(StoreError, match=r"if it is damaged, remove it and make new tokens"):
        verify_at(home, "slm_anything", NOW)


def test_a_token_is_for_what_it_was_made_for(home):
    token = create(home, "gpu-1", NOW, ["push"])
    both = create(home, "laptop", NOW, ["push", "metrics"])

    assert verify_at(home, token, NOW) == Holder("gpu-1", ("push",))
    assert verify_at(home, both, NOW) == Holder("laptop", ("metrics", "push"))
    assert [each.scopes for each in listed(home)] == [("push",), ("metrics", "push")]


@pytest.mark.parametrize("scopes", [[], ["admin"], ["push", ""]])
def test_a_token_for_what_there_is_not_is_refused(home, scopes):
    with pytest.raises(ConfigError, match="nothing that a token can be for; use metrics or"):
        create(home, "gpu-1", NOW, scopes)


def test_tokens_of_before_there_were_scopes_keep_reading_metrics(home):
    token = create(home, "prometheus", NOW)
    with closing(sqlite3.connect(home.tokens)) as connection:
        connection.execute("ALTER TABLE tokens DROP COLUMN scopes")
        connection.commit()

    assert verify_at(home, token, NOW) == Holder("prometheus", ("metrics",))
    assert listed(home)[0].scopes == ("metrics",)


def test_a_token_of_the_gateway_says_what_its_calls_are(home):
    spending = Spending("optional", "ocr", NOW + 60)
    token = create(home, "n8n", NOW, [GATEWAY], spending)

    assert verify_at(home, token, NOW) == Holder("n8n", ("gateway",), spending)
    assert listed(home)[0][4:8] == (("gateway",), *spending)


def test_a_token_opens_nothing_from_the_moment_at_which_it_expires(home):
    token = create(home, "n8n", NOW, [GATEWAY], Spending(expires_at=NOW + 60))

    assert verify_at(home, token, NOW + 59.9) is not None
    assert verify_at(home, token, NOW + 60) is None


@pytest.mark.parametrize(
    ("spending", "told"),
    [
        (Spending("urgent"), "'urgent' is no priority; use essential or important or optional"),
        (Spending(workflow="a" * 101), "at most 100 characters"),
        (Spending(workflow="a\nb"), "at most 100 characters"),
        (Spending(expires_at=NOW), "before it is made"),
    ],
)
def test_what_no_token_can_be_is_refused(home, spending, told):
    with pytest.raises(ConfigError, match=told):
        create(home, "n8n", NOW, [GATEWAY], spending)


def test_tokens_of_before_there_was_a_gateway_still_open_their_doors(home):
    token = create(home, "gpu-1", NOW, ["push"])
    with closing(sqlite3.connect(home.tokens)) as connection:
        for column in ("priority", "workflow", "expires_at"):
            connection.execute(f"ALTER TABLE tokens DROP COLUMN {column}")
        connection.commit()

    assert verify_at(home, token, NOW) == Holder("gpu-1", ("push",))
