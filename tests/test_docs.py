"""What is written about the product is what the product does."""

import re
from pathlib import Path

from agent.commands.settings_docs import main
from data.settings_file import check
from models.settings import Settings
from models.settings.docs import example, table
from models.settings.keys import keys

ROOT = Path(__file__).parents[1]
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
    assert set(re.findall(r"(?m)^## `\[(.+)\]`$", text)) == SECTIONS


def test_the_example_file_as_it_is_changes_nothing(tmp_path):
    (tmp_path / "sallim.toml").write_text(example(), encoding="utf-8")

    assert check(tmp_path / "sallim.toml") == Settings()


def test_the_example_file_with_every_key_in_force_changes_nothing_either(tmp_path):
    in_force = re.sub(r"(?m)^#(\w)", r"\1", example())
    (tmp_path / "sallim.toml").write_text(in_force, encoding="utf-8")

    assert check(tmp_path / "sallim.toml") == Settings()
    assert len(re.findall(r"(?m)^\w+ = ", in_force)) == len(list(keys()))
    assert set(re.findall(r"(?m)^\[(.+)\]", in_force)) == SECTIONS


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


def _row(text: str, name: str) -> list[str]:
    [line] = [line for line in text.splitlines() if line.startswith(f"| `{name}` |")]
    return line.strip("|").split("|")
