"""`[waiting]`: what runs refused work again, and what is refused with a value that works."""

import pytest

from models.settings.waiting import WaitingRerunBy
from tests.told import problem, settings_of

ROW = '[[waiting.rerun_by]]\nname = "analysis"\n'
COMMAND = 'command = ["/usr/bin/env", "x", "--key={key}", "{id}"]'


def test_an_analysis_has_a_command_with_its_key_or_an_address():
    settings = settings_of(f"{ROW}{COMMAND}", "sallim.toml")
    [by] = settings.waiting.rerun_by

    assert by == WaitingRerunBy(
        name="analysis", command=("/usr/bin/env", "x", "--key={key}", "{id}")
    )
    [by] = settings_of(f'{ROW}url = "http://127.0.0.1:9000/again"', "sallim.toml").waiting.rerun_by
    assert by.url.endswith("/again")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('command = ["analyse"]', "a program by its whole path"),
        ('command = ["/bin/{key}"]', "a program by its whole path"),
        ('command = ["/bin/x", "{verb}"]', "{name} and {key} and {id} are filled in"),
        ('command = ["/bin/x"]\nurl = "http://127.0.0.1/"', "one analysis is run again in one way"),
        ('url = "ftp://127.0.0.1/"', "begins with http:// or https://"),
        ("timeout_seconds = 0", "1"),
    ],
)
def test_what_cannot_be_run_is_refused(line, told):
    assert told in problem(ROW + line)


def test_one_analysis_is_named_once():
    assert "two [[waiting.rerun_by]] are named analysis" in problem(ROW + ROW)
