"""What is said about keys that are not known, and about what is no TOML."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import ConfigError
from models.settings.keys import headed, sections
from models.settings.problems import settings_of
from tests.told import KEYS, problem, problems, setting

UNKNOWN = {
    "store.size_max_gb = 1": (
        "store.size_max_gb is not known; the nearest known key is store.size_max_mb, for example "
        "size_max_mb = 1000"
    ),
    "collectors.host.interval = 5": (
        "collectors.host.interval is not known; the nearest known key is "
        "collectors.host.interval_seconds, for example interval_seconds = 10"
    ),
    "collectors.gpu.Timeout-Seconds = 5": (
        "collectors.gpu.Timeout-Seconds is not known; the nearest known key is "
        "collectors.gpu.timeout_seconds, for example timeout_seconds = 5"
    ),
    'timezone = "Asia/Seoul"': (
        "timezone is not known; house.timezone is: below [house] write, for example, timezone = "
        '"Asia/Seoul"'
    ),
    'notify.public_url = "https://sallim.example.com"': (
        "notify.public_url is not known; app.public_url is: below [app] write, for example, "
        'public_url = ""'
    ),
    "log.demo = true": (
        "log.demo is not known; demo is, above the first section, for example demo = false"
    ),
    "log.banana = 1": (
        "log.banana is not known, and nothing similar is; remove it, or choose a key of "
        "docs/settings.md, for example demo = false"
    ),
    "[collector.host]\ninterval_seconds = 5": (
        "there is no section [collector.host]; the nearest is [collectors.host]"
    ),
    "[collectors.hosts]": (
        "there is no section [collectors.hosts]; the nearest is [collectors.host]"
    ),
    "[stor]": "there is no section [stor]; the nearest is [store]",
    "[gpu]": "there is no section [gpu]; the nearest is [collectors.gpu]",
    "[host]": "there is no section [host]; the nearest is [collectors.host]",
    "[zebra]": (
        "there is no section [zebra]; remove it, or choose one of docs/settings.md, for example "
        "[machine]"
    ),
    "store = 5": (
        "store is 5, and it is a section: write [store] on a line of its own and its keys below it"
    ),
    "[[store]]\nraw_hours = 48": (
        "store is a list, and it is a section: write [store] on a line of its own and its keys "
        "below it"
    ),
    "postgres = 5": (
        "postgres is 5, and there may be several: write [[postgres]] on a line of its own and the "
        "keys of one below it"
    ),
    "[postgres]": (
        "postgres is a table, and there may be several: write [[postgres]] on a line of its own "
        "and the keys of one below it"
    ),
    "[[postgrs]]": "there is no section [[postgrs]]; the nearest is [[postgres]]",
    'log.api_key = "sk-canary012345"': (
        "log.api_key is not known, and secrets do not belong in this file; set the environment "
        "variable of the program that needs it, for example SOME_API_KEY_FILE=/run/secrets/"
        "some_api_key"
    ),
    'log."a\\nb" = 1': (
        'log."a\\nb" is not known, and nothing similar is; remove it, or choose a key of '
        "docs/settings.md, for example demo = false"
    ),
}


@pytest.mark.parametrize("text", UNKNOWN)
def test_what_is_not_known_is_told_with_the_nearest_that_is(text):
    assert problem(f"\n{text}\n") == f"sallim.toml line 2: {UNKNOWN[text]}"


@pytest.mark.parametrize("name", KEYS)
def test_a_letter_too_many_in_any_key_leads_to_it(name):
    assert f"the nearest known key is {name}," in problem(setting(f"{name}x", "1"))


@pytest.mark.parametrize("path", [".".join(path) for path in sections()])
def test_a_letter_too_many_in_any_section_leads_to_it(path):
    known = tuple(path.split("."))
    wrong = headed(known).replace(path, f"{path}x")

    assert problem(wrong).endswith(f"the nearest is {headed(known)}")


def test_an_entry_of_a_list_is_told_with_its_own_line():
    text = """[[postgres]]
name = "first"
[[postgres]]
name = "second"
url = "postgresql://sallim:secret@db/app"
[[postgres]]
name = "first"
"""
    found = problems(text)

    assert [line.partition(";")[0] for line in found] == [
        "sallim.toml line 5: postgres.url holds a password",
    ]
    assert "secret@" not in found[0]


def test_two_entries_of_one_name_are_told():
    told = problem('[[redis]]\nname = "a"\n[[redis]]\nname = "a"\n')

    assert told == (
        "sallim.toml line 1: two [[redis]] are named a; give each a name of its own, for "
        'example name = "a-2"'
    )


BROKEN = {
    "[app]\nport = 8502\nport = 8503": (
        "sallim.toml line 3: app.port is set a second time, first on line 2; keep one of the two"
    ),
    "[app]\n[log]\n[app]\nport = 8502": (
        "sallim.toml line 3: section [app] is opened a second time, first on line 1; move its "
        "keys there and remove this line"
    ),
    "just words": (
        "sallim.toml line 1: this is not TOML (Expected '=' after a key in a key/value pair); a "
        'line is a [section] or key = value with text in quotes, for example name = "gpu-1"'
    ),
    "[app\nport = 8502": (
        "sallim.toml line 1: this is not TOML (Expected ']' at the end of a table declaration); "
        'a line is a [section] or key = value with text in quotes, for example name = "gpu-1"'
    ),
    'x = """abc\n\n': (
        "sallim.toml line 1: this is not TOML (Unterminated string); a line is a [section] or "
        'key = value with text in quotes, for example name = "gpu-1"'
    ),
    "x = [1,\n2\ny = 3": (
        "sallim.toml line 3: this is not TOML (Unclosed array); a line is a [section] or key = "
        'value with text in quotes, for example name = "gpu-1"'
    ),
    "[house]\ntimezone = Asia/Seoul": (
        "sallim.toml line 2: house.timezone is Asia/Seoul; it takes text in quotes, for example "
        '"Asia/Seoul"'
    ),
}


@pytest.mark.parametrize("text", BROKEN)
def test_what_is_no_toml_is_told_with_its_line(text):
    assert problem(text) == BROKEN[text]


def test_all_problems_of_a_file_are_told_at_once_in_the_order_of_its_lines():
    found = problems(
        """demo = yes
[collectors.host]
interval_seconds = "10s"
timeot_seconds = 3
[house]
timezone = Seoul
this is no line
language = "fr"
[server]
listen = "8.8.8.8:1"
[store]
raw_hours = 48
raw_hours = 49
minute_days = 1
[stor]
"""
    )

    assert [line.split(":")[0] for line in found] == [
        f"sallim.toml line {line}" for line in (1, 3, 4, 6, 7, 8, 10, 13, 14, 15)
    ]


def test_a_thousand_problems_are_told_in_a_few_lines():
    found = problems("".join(f"unknown_{number} = 1\n" for number in range(1000)))

    assert len(found) == 21
    assert found[-1] == "sallim.toml: and 980 more problems; mend these first"


def test_a_thousand_broken_lines_are_told_in_a_few_lines():
    assert len(problems("no toml here\n" * 1000)) == 20


def test_problems_are_messages_that_can_be_translated():
    with pytest.raises(ConfigError) as refusal:
        settings_of("app.port = 1", "sallim.toml")
    [message] = refusal.value.problems

    assert message.values["key"] == "app.port"
    assert "{key} is {value}" in message.template


@given(st.text(max_size=80) | st.text("[]={}\"'.#\nabc 1", max_size=80))
def test_no_text_at_all_ends_in_anything_but_settings_or_a_list_of_problems(text):
    told: tuple[object, ...] = ()
    try:
        settings_of(text, "sallim.toml")
    except ConfigError as error:
        told = error.problems

    assert all(str(problem).startswith("sallim.toml line ") for problem in told)
