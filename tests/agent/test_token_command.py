"""`python -m agent token`: what the owner types and sees."""

import time

import pytest

from agent.__main__ import main
from data.home import Home
from data.tokens import Holder, Spending, suspend, verify_at


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


def test_a_suspended_token_is_listed_so_and_resumed_by_hand(home, capsys):
    made = ["token", "create", "n8n", "--for", "gateway", "--home", str(home.path)]
    assert main(made) == 0
    token = capsys.readouterr().out.splitlines()[0]
    assert suspend(home, "n8n", time.time())
    assert main(["token", "list", "--home", str(home.path)]) == 0
    assert ", suspended " in capsys.readouterr().out

    assert main(["token", "resume", "n8n", "--home", str(home.path)]) == 0
    assert "n8n can be used" in capsys.readouterr().out
    assert verify_at(home, token, time.time()) is not None
    assert main(["token", "resume", "nobody", "--home", str(home.path)]) == 1
    assert "There is no valid token named nobody" in capsys.readouterr().out


def test_a_token_of_the_gateway_is_made_and_listed_with_what_its_calls_are(home, capsys):
    words = ["--for", "gateway", "--priority", "optional", "--workflow", "ocr"]
    made = ["token", "create", "n8n", *words, "--expires", "30d", "--home", str(home.path)]
    assert main(made) == 0
    token, _, hint = capsys.readouterr().out.splitlines()
    holder = verify_at(home, token, time.time())
    assert (holder.name, holder.scopes) == ("n8n", ("gateway",))
    assert holder.spending[:2] == Spending("optional", "ocr")[:2]
    assert 29 < (holder.spending.expires_at - time.time()) / 86_400 <= 30
    assert "base URL" in hint

    assert main(["token", "list", "--home", str(home.path)]) == 0
    listed = capsys.readouterr().out
    assert "n8n (for gateway; optional, ocr): made" in listed
    assert ", expires " in listed


@pytest.mark.parametrize("when", ["soon", "30", "30y", "-1d", "2020-01-01", "99999d"])
def test_a_moment_at_which_nothing_can_expire_is_refused(home, when, caplog):
    made = ["token", "create", "n8n", "--for", "gateway", f"--expires={when}"]

    assert main([*made, "--home", str(home.path)]) == 1
    assert "expire" in caplog.text
    assert main(["token", "list", "--home", str(home.path)]) == 0
