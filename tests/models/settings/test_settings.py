"""What a settings file may say."""

import pytest
from pydantic import ValidationError

from models.settings import Settings
from models.settings.problems import settings_of
from models.settings.values import limits_of, unit_of, written
from tests.told import KEYS, problem, setting, without_lists


def test_a_file_without_keys_is_the_defaults():
    assert settings_of("# nothing yet\n", "sallim.toml") == Settings()


def test_what_a_file_says_is_in_force():
    settings = settings_of(
        """
        demo = true
        store.raw_hours = 72
        server = {listen = "[::1]:9464"}
        [collectors.host]
        interval_seconds = 5
        live_interval_seconds = 1.5
        [house]
        timezone = "Europe/Berlin"
        """,
        "sallim.toml",
    )

    assert settings.demo
    assert settings.store.raw_hours == 72
    assert settings.server.address == ("::1", 9464)
    assert settings.collectors.host.interval_seconds == 5
    assert settings.collectors.host.live_interval_seconds == 1.5
    assert settings.collectors.gpu.interval_seconds == 10
    assert settings.house.zone.key == "Europe/Berlin"


def test_settings_in_force_cannot_be_changed():
    with pytest.raises(ValidationError):
        Settings().store.size_max_mb = 1


@pytest.mark.parametrize("name", KEYS)
def test_every_key_works_at_its_default_and_is_explained(name):
    key = KEYS[name]
    settings = settings_of(setting(name, written(key.field.default)), "sallim.toml")

    assert without_lists(settings) == Settings()
    assert key.field.description


@pytest.mark.parametrize("name", [name for name, key in KEYS.items() if limits_of(key.field)])
def test_every_number_works_at_its_limits_and_not_beyond(name):
    limits = limits_of(KEYS[name].field)

    assert all(settings_of(setting(name, f"{value:.9g}"), "sallim.toml") for value in limits)
    assert problem(setting(name, f"{limits.least - 1:.9g}"))
    assert problem(setting(name, f"{limits.most + 1:.9g}"))


@pytest.mark.parametrize("name", [name for name, key in KEYS.items() if limits_of(key.field)])
def test_a_number_has_its_unit_in_its_name_or_is_a_count(name):
    counts = ("top_n", "port", "expect_status", "day")
    last = name.rpartition(".")[2]

    assert (
        unit_of(name, KEYS[name].field)
        or "_days_" in last
        or last in counts
        or last.endswith(("_max", "_min", "_jobs", "_factor", "_rate", "_percent", "_krw"))
    )
