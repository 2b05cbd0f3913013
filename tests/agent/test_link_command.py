"""`python -m agent link` and `people`: what the owner types and sees, against a real agent."""

import re

import pytest

from agent.__main__ import main
from agent.commands.greeting import greeting
from data.home import Home
from data.settings_file import check
from models.settings import Settings
from tests.processes import running_agent

pytestmark = pytest.mark.slow
LINK = re.compile(r"http://127\.0\.0\.1:8501/\?signin=slm_[\w-]{43}")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("link") / "home")
    home.make()
    (home.path / "sallim.toml").write_text('[house]\nlanguage = "en"\n')
    with running_agent(home):
        yield home


@pytest.fixture
def typed(home, capsys, monkeypatch):
    monkeypatch.setenv("SALLIM_CONFIG", "")

    def run(*words: str) -> tuple[int, str]:
        return main([*words, "--home", str(home.path)]), capsys.readouterr().out

    return run


def test_a_link_is_printed_with_whose_it_is_and_how_long_it_works(typed):
    code, said = typed("link")

    assert code == 0
    assert LINK.fullmatch(said.splitlines()[0])
    assert re.fullmatch(r"For owner: works once, until [\d-]+ [\d:]+\.", said.splitlines()[1])


def test_somebody_is_invited_changed_and_removed(typed):
    assert typed("link", "--name", "kim", "--role", "operator", "--days", "7")[0] == 0
    assert "kim: operator" in typed("people", "list")[1]
    assert "kim: viewer, k@x.kr" in typed("people", "add", "kim", "--email", "k@x.kr")[1]
    code, said = typed("people", "remove", "kim")
    assert (code, "kim" in said) == (0, False)


def test_what_cannot_be_is_told_with_what_can(typed):
    typed("link")
    for words, sentence in {
        ("link", "--days", "365"): "1 to 90 days",
        ("link", "--name", "../x"): "no name for a person",
        ("link", "--role", "viewer"): "Add a name",
        ("people", "remove", "nobody"): "nobody named nobody",
        ("people", "remove", "owner"): "owner is the only owner",
    }.items():
        code, said = typed(*words)
        assert (code, sentence in said) == (1, True), said


def test_a_silent_agent_is_told(tmp_path, capsys):
    assert main(["link", "--home", str(tmp_path)]) == 3
    assert "does not answer" in capsys.readouterr().out


def test_make_run_ends_with_the_way_in(home):
    said = greeting(home, Settings(), {})

    assert "and open the link below there." in said
    assert LINK.search(said.splitlines()[-2])


def test_the_demo_needs_none(home):
    said = greeting(home, Settings(demo=True), {"DISPLAY": ":0"})

    assert said == "Sallim runs: http://127.0.0.1:8501   (Ctrl-C ends it)"


def test_links_begin_with_the_public_address(tmp_path, home):
    settings = tmp_path / "sallim.toml"
    settings.write_text('[app]\npublic_url = "https://sallim.example.com/"\n')

    said = greeting(home, check(settings), {"DISPLAY": ":0"})

    assert "Sign in:  https://sallim.example.com/?signin=slm_" in said
