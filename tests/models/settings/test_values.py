"""What is said about a value that does not work."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.settings.addresses import host_and_port
from models.settings.problems import settings_of
from models.settings.values import choices_of, takes
from tests.told import KEYS, problem, setting

MESSAGES = {
    'collectors.host.interval_seconds = "10s"': (
        'collectors.host.interval_seconds is "10s"; it takes a number of seconds from 1 to 3600, '
        "for example 10"
    ),
    'collectors.host.interval_seconds = "5m"': (
        'collectors.host.interval_seconds is "5m"; it takes a number of seconds from 1 to 3600, '
        "for example 300"
    ),
    "collectors.host.interval_seconds = 10s": (
        "collectors.host.interval_seconds is 10s; it takes a number of seconds from 1 to 3600, "
        "for example 10"
    ),
    "collectors.gpu.timeout_seconds = 0": (
        "collectors.gpu.timeout_seconds is 0; it takes a number of seconds from 0.5 to 60, "
        "for example 5"
    ),
    "query.seconds_max = nan": (
        "query.seconds_max is nan; it takes a number of seconds from 0.5 to 60, for example 5"
    ),
    "query.seconds_max = inf": (
        "query.seconds_max is inf; it takes a number of seconds from 0.5 to 60, for example 5"
    ),
    'store.raw_hours = "3d"': (
        'store.raw_hours is "3d"; it takes a whole number of hours from 48 to 720, for example 72'
    ),
    "store.minute_days = 30.5": (
        "store.minute_days is 30.5; it takes a whole number of days from 30 to 400, for example 30"
    ),
    "store.size_max_mb = 2GB": (
        "store.size_max_mb is 2GB; it takes a whole number of megabytes from 100 to 1000000, "
        "for example 2000"
    ),
    "store.size_max_mb = true": (
        "store.size_max_mb is true; it takes a whole number of megabytes from 100 to 1000000, "
        "for example 1000"
    ),
    'app.port = "8502"': (
        'app.port is "8502"; it takes a whole number from 1024 to 65535, for example 8502'
    ),
    "app.port = [8501]": (
        "app.port is a list; it takes a whole number from 1024 to 65535, for example 8501"
    ),
    "app.port = {one = 1}": (
        "app.port is a table; it takes a whole number from 1024 to 65535, for example 8501"
    ),
    'log.level = "WARN"': (
        'log.level is "WARN"; it takes one of "debug", "info", "warning", "error", for example '
        '"warning"'
    ),
    "collectors.gpu.enabled = true": (
        'collectors.gpu.enabled is true; it takes one of "auto", "on", "off", for example "on"'
    ),
    "collectors.gpu.enabled = off": (
        'collectors.gpu.enabled is off; it takes one of "auto", "on", "off", for example "off"'
    ),
    "house.language: ko": (
        'house.language is ko; it takes one of "auto", "ko", "en", for example "ko"'
    ),
    "demo = True": "demo is True; it takes true or false without quotes, for example true",
    'demo = "no"': 'demo is "no"; it takes true or false without quotes, for example false',
    "machine.name = gpu-1 # mine": (
        'machine.name is gpu-1; it takes text in quotes, for example "gpu-1"'
    ),
    "machine.name = 7": 'machine.name is 7; it takes text in quotes, for example ""',
    'machine.name = " gpu"': (
        'machine.name is " gpu"; it takes a name of at most 64 characters without control '
        'characters and without spaces around it, for example "gpu-1"'
    ),
    'machine.procfs = "host/proc"': (
        'machine.procfs is "host/proc"; it takes a path that starts with /, for example '
        '"/host/proc"'
    ),
    'house.timezone = "Asia/Soul"': (
        'house.timezone is "Asia/Soul"; it takes a time zone of the IANA list, for example '
        '"Asia/Seoul"'
    ),
    'house.timezone = "../../etc/passwd"': (
        'house.timezone is "../../etc/passwd"; it takes a time zone of the IANA list, for '
        'example "Asia/Seoul"'
    ),
    'server.listen = "9464"': (
        'server.listen is "9464"; it takes an address and a port from 1024 to 65535, for example '
        '"127.0.0.1:9464" or "[::1]:9464"'
    ),
    'server.listen = "0.0.0.0:9464"': (
        'server.listen is "0.0.0.0:9464", which strangers could reach; it takes this machine\'s '
        'own address or its address in a private network, for example "127.0.0.1:9464" or '
        '"10.0.0.5:9464"'
    ),
    'app.address = "0.0.0.0"': (
        'app.address is "0.0.0.0", which strangers could reach without TLS; it takes this '
        'machine\'s address or its address in a private network, for example "127.0.0.1", and '
        "others reach it by `ssh -L`, a VPN or a reverse proxy"
    ),
}


@pytest.mark.parametrize("text", MESSAGES)
def test_a_bad_value_is_told_with_one_that_works(text):
    assert problem(f"\n# a comment\n{text}\n") == f"sallim.toml line 3: {MESSAGES[text]}"


@pytest.mark.parametrize(
    ("n8n", "told"),
    [
        (
            '[[n8n]]\nname = "main"\n[[n8n]]\nname = "backup"\n',
            (
                'analysis.n8n is "bakup", and no [[n8n]] is named so; it takes the name of one, '
                'for example "backup"'
            ),
        ),
        (
            "",
            (
                'analysis.n8n is "bakup", and there is no [[n8n]]; write one with the url of your '
                'n8n and name = "bakup", or remove this [[analysis]]'
            ),
        ),
    ],
)
def test_an_analysis_runs_in_an_n8n_that_is_in_the_settings(n8n, told):
    text = f'{n8n}[[analysis]]\nname = "a"\nn8n = "bakup"\n'
    line = text.count("\n")

    assert problem(text) == f"sallim.toml line {line}: {told}"


def test_a_bill_that_is_read_from_a_file_names_the_file():
    assert problem('[[bill]]\nname = "gcp"\nsource = "export"\n') == (
        'sallim.toml line 1: bill.path is "", and source = "export" reads a file; it takes the '
        'path of one, for example "/srv/billing/focus.csv"'
    )


def test_of_several_analyses_the_one_that_is_wrong_is_named():
    text = '[[n8n]]\n[[analysis]]\nname = "a"\n[[analysis]]\nname = "b"\nn8n = "other"\n'

    assert problem(text).startswith('sallim.toml line 6: analysis.n8n is "other"')


def test_an_n8n_that_is_wrong_itself_is_told_alone():
    assert "n8n.url" in problem('[[n8n]]\nurl = 7\n[[analysis]]\nname = "a"\nn8n = "other"\n')


@pytest.mark.parametrize("name", ["Asia", "", ".", "/etc/localtime", "KST", "\\u0000", "한국"])
def test_what_is_no_time_zone_is_refused(name):
    assert "takes a time zone of the IANA list" in problem(f'house.timezone = "{name}"')


EXAMPLES = st.one_of(
    st.integers(),
    st.floats(),
    st.booleans(),
    st.text(max_size=10),
    st.from_regex(r"\d{1,4} ?(s|ms|m|h|d|MB|GB|kg)?", fullmatch=True),
    st.lists(st.integers(), max_size=2),
)


@example("app.port", math.nan)
@example("app.port", math.inf)
@given(st.sampled_from(sorted(KEYS)), EXAMPLES)
def test_the_example_of_every_message_works(name, value):
    field = KEYS[name].field
    message = takes(name, field, value)
    example = str(message.values["example"])

    assert settings_of(setting(name, example), "sallim.toml")
    assert not choices_of(field) or example.strip('"') in choices_of(field)


def test_a_secret_in_a_value_is_not_repeated():
    told = problem('log.level = "sk-ant-canary0123456789"')

    assert "canary" not in told


def test_a_long_value_is_shortened_and_a_strange_one_stays_on_its_line():
    told = problem(f'log.level = "{"x" * 500}\\nsallim.toml line 1: all is well"')

    assert len(told) < 300


@pytest.mark.parametrize(
    "listen",
    [
        "127.0.0.1:9464",
        "localhost:1024",
        "[::1]:9464",
        "10.1.2.3:65535",
        "172.31.0.1:9464",
        "192.168.0.7:9464",
        "100.101.102.103:9464",
        "[fd7a:115c:a1e0::1]:9464",
        "127.8.9.1:9464",
    ],
)
def test_private_addresses_may_be_listened_on(listen):
    assert host_and_port(listen)


@pytest.mark.parametrize(
    "listen",
    [
        "0.0.0.0:9464",
        "[::]:9464",
        "8.8.8.8:9464",
        "172.32.0.1:9464",
        "[2001:db8::1]:9464",
        "169.254.169.254:9464",
        "224.0.0.1:9464",
        "[::ffff:8.8.8.8]:9464",
        "[fe80::1]:9464",
        "198.51.100.1:9464",
        "100.63.0.1:9464",
        "100.128.0.1:9464",
        "255.255.255.255:9464",
    ],
)
def test_addresses_that_strangers_could_reach_are_refused(listen):
    assert "which strangers could reach" in problem(f'server.listen = "{listen}"')


@pytest.mark.parametrize(
    "listen",
    [
        "127.0.0.1",
        ":9464",
        "127.0.0.1:",
        "127.0.0.1:80",
        "127.0.0.1:65536",
        "127.0.0.1:٩٤٦٤",
        "::1:9464",
        "[127.0.0.1]:9464",
        "[::1]9464",
        "example.com:9464",
        "127.1:9464",
        "0x7f.1:9464",
        "127.0.0.1:9464 ",
        "127.0.0.1: 9464",
        "127.0.0.1:+9464",
        "http://127.0.0.1:9464",
    ],
)
def test_what_is_no_address_and_port_is_refused(listen):
    assert "it takes an address and a port" in problem(f'server.listen = "{listen}"')
