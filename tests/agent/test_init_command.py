"""`python -m agent init`: the settings, and what the month had cost before."""

import pytest

from agent.commands import OK, PROBLEM
from agent.commands.init import configure
from data.bills.openings import answers, unanswered
from data.home import Home

pytestmark = pytest.mark.slow


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home")


def typing(spent):
    """Answers of somebody who takes all that is usual, but knows what the month had cost."""
    return lambda text, usual: spent if "already cost" in text else usual


def test_what_the_month_had_cost_is_asked_and_kept(home, capsys):
    assert configure(home.path / "sallim.toml", home, typing("3,200 500")) == OK

    assert {each.bucket: each.more_micro for each in answers(home)} == {
        "api": 3_200_000_000,
        "servers": 500_000_000,
    }
    assert "3,200 won for APIs and 500 for servers" in capsys.readouterr().out


def test_who_does_not_know_it_yet_is_told_how_to_say_it_later(home, capsys):
    assert configure(home.path / "sallim.toml", home, typing("")) == OK

    assert unanswered(home) == ["api", "servers"]
    assert "costs open --bucket api --spent WON" in capsys.readouterr().out


def test_an_answer_that_is_none_writes_nothing(home, capsys):
    assert configure(home.path / "sallim.toml", home, typing("a lot")) == PROBLEM

    assert not (home.path / "sallim.toml").exists()
    assert '"a lot" are not two amounts' in capsys.readouterr().out
