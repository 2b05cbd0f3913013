"""What is written about the product is what the product does."""

import re
from pathlib import Path

import pytest

from agent.__main__ import COMMANDS
from agent.commands.settings_docs import main
from data.home import Home
from data.settings_file import check
from models.settings import Settings
from models.settings.docs import example, table
from models.settings.keys import is_list, keys, section_at
from tests.told import without_lists

ROOT = Path(__file__).parents[1]
PAGES_OF_TEXT = [
    *("README.md", "docs/ARCHITECTURE.md", "docs/signin.md"),
    *("docs/install.md", "docs/install.ko.md"),
]
SECTIONS = {".".join(key.path[:-1]) for key in keys()} - {""}


def test_the_table_of_settings_is_the_settings():
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == table()


def test_the_example_file_is_the_settings():
    assert (ROOT / "sallim.toml.example").read_text(encoding="utf-8") == example()


def test_every_key_and_section_stands_in_the_table_once():
    text = table()

    for key in keys():
        assert text.count(f"| `{key.name}` |") == 1
        assert all(cell.strip() for cell in _row(text, key.name)[:2]), key.name
    assert set(re.findall(r"(?m)^## `\[+([^\]]+)\]+`$", text)) == SECTIONS


def test_the_example_file_as_it_is_changes_nothing(tmp_path):
    (tmp_path / "sallim.toml").write_text(example(), encoding="utf-8")

    assert check(tmp_path / "sallim.toml") == Settings()


def test_the_example_file_with_every_key_in_force_changes_nothing_either(tmp_path):
    in_force = re.sub(r"(?m)^#(\w|\[\[)", r"\1", example())
    (tmp_path / "sallim.toml").write_text(in_force, encoding="utf-8")

    settings = check(tmp_path / "sallim.toml")
    lists = [name for name in Settings.model_fields if is_list((name,))]
    assert without_lists(settings) == Settings()
    assert all(getattr(settings, name) == (section_at((name,))(),) for name in lists)
    assert settings.notify.channel == (section_at(("notify", "channel"))(),)
    assert settings.waiting.rerun_by == (section_at(("waiting", "rerun_by"))(),)
    assert len(re.findall(r"(?m)^\w+ = ", in_force)) == len(list(keys()))
    assert set(re.findall(r"(?m)^\[+([^\]]+)\]+", in_force)) == SECTIONS


def test_stale_pages_are_told_and_written(tmp_path, capsys):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "settings.md").write_text("of yesterday")

    assert main(tmp_path, ["--check"]) == 1
    told = capsys.readouterr().out
    assert "docs/settings.md does not match models/settings/__init__.py; run" in told
    assert "sallim.toml.example does not match" in told

    assert main(tmp_path, []) == 0
    assert main(tmp_path, ["--check"]) == 0
    assert (tmp_path / "docs" / "settings.md").read_text(encoding="utf-8") == table()


@pytest.mark.parametrize("page", PAGES_OF_TEXT)
def test_every_command_that_is_named_is_there(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = set(re.findall(r"(?m)^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text()))

    named = set(re.findall(r"(?:`|sudo |^    |^)make ([a-z][a-z0-9-]*)", text, re.MULTILINE))
    commands = set(re.findall(r"python -m agent ([a-z]+)", text))

    assert named | commands
    assert named <= targets
    assert commands <= set(COMMANDS)


def test_the_map_names_every_collector():
    folder = ROOT / "agent" / "collectors"
    there = {path.stem for path in folder.iterdir() if not path.name.startswith("_")}
    [line] = re.findall(r"(?m)^Collectors now: (.*)$", _architecture())

    assert set(re.findall(r"`(\w+)`", line)) == there


def test_the_map_names_every_file_of_the_home():
    home = Home(Path("/"))
    kept = {name for name, part in vars(Home).items() if isinstance(part, property)}
    for name in kept:
        assert f"`{getattr(home, name).relative_to(home.path)}" in _architecture(), name


def _architecture() -> str:
    return (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")


def _row(text: str, name: str) -> list[str]:
    [line] = [line for line in text.splitlines() if line.startswith(f"| `{name}` |")]
    return line.strip("|").split("|")
