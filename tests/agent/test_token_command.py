"""`python -m agent token`: what the owner types and sees."""

import pytest

from agent.__main__ import main
from data.home import Home
from data.tokens import Holder, verify_at


@pytest.fixture
def home(tmp_path) -> Home:
    return Home(tmp_path / "home")


def test_a_token_is_made_used_listed_and_revoked(home, capsys):
    assert main(["token", "create", "prometheus", "--home", str(home.path)]) == 0
    token, hint = capsys.readouterr().out.splitlines()
    assert verify_at(home, token, 1_795_413_600.0) == Holder("prometheus")
    assert hint == "This is shown only now. Send it as `Authorization: Bearer ...`."

    assert main(["token", "list", "--home", str(home.path)]) == 0
    listed = capsys.readouterr().out
    assert "last used 2026-11-23 06:00 UTC" in listed
    assert token not in listed

    assert main(["token", "revoke", "prometheus", "--home", str(home.path)]) == 0
    assert "revoked" in capsys.readouterr().out
    assert verify_at(home, token, 1_795_413_600.0) is None


def test_nothing_to_list_and_nothing_to_revoke_is_said(home, capsys):
    assert main(["token", "list", "--home", str(home.path)]) == 0
    assert capsys.readouterr().out == "There are no tokens.\n"

    assert main(["token", "revoke", "prometheus", "--home", str(home.path)]) == 1
    assert "There is no valid token named prometheus" in capsys.readouterr().out
