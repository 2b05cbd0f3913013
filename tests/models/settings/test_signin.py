"""Where the app may listen, and who signs in there."""

import pytest

from models.errors import ConfigError
from models.settings import Settings
from models.settings.problems import settings_of


def refused(text: str) -> str:
    with pytest.raises(ConfigError) as error:
        settings_of(text, "sallim.toml")
    return str(error.value)


def test_people_sign_in_unless_the_house_is_a_demo_or_says_otherwise():
    assert Settings().asks_who
    assert not Settings(demo=True).asks_who
    assert not settings_of('[house]\nsignin = "off"\n', "x").asks_who


@pytest.mark.parametrize("address", ["100.64.0.3", "192.168.0.10", "fd00::1"])
def test_a_private_network_may_come_where_people_sign_in(address):
    assert settings_of(f'[app]\naddress = "{address}"\n', "x").app.address == address


def test_where_nobody_signs_in_the_app_is_for_this_machine_alone():
    said = refused('[house]\nsignin = "off"\n[app]\naddress = "10.0.0.5"\n')
    assert said.startswith("sallim.toml line 4: app.address lets others reach an app that does not")
    assert '[house] signin = "required"' in said
    assert 'app.address = "127.0.0.1"' in said
    assert "demo = false" in refused('demo = true\n[app]\naddress = "10.0.0.5"\n')
    assert settings_of('[house]\nsignin = "off"\n[app]\naddress = "::1"\n', "x")


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "8.8.8.8", "example.com", ""])  # noqa: S104
def test_strangers_never_reach_it_without_tls(address):
    assert "strangers could reach without TLS" in refused(f'[app]\naddress = "{address}"\n')


@pytest.mark.parametrize(
    "url", ["http://sallim.example.com", "https://x.example/sallim", "https://u:p@x.example", "x"]
)
def test_a_public_address_is_a_proxy_that_speaks_tls(url):
    assert "app.public_url" in refused(f'[app]\npublic_url = "{url}"\n')


def test_the_app_answers_to_its_own_names():
    app = settings_of('[app]\npublic_url = "https://Sallim.Example.com/"\n', "x").app

    assert app.url == "https://Sallim.Example.com"
    assert app.hosts == ["localhost", "127.0.0.1", "::1", "sallim.example.com"]
    assert settings_of('[app]\naddress = "::1"\nport = 9000\n', "x").app.url == "http://[::1]:9000"


def test_a_provider_without_a_client_would_take_tokens_of_other_apps():
    said = refused('[oidc]\nissuer = "https://id.example.com"\n')

    assert "oidc.client_id is empty" in said
    assert 'client_id = "sallim"' in said
    assert "https:// address" in refused('[oidc]\nissuer = "http://id.example.com"\n')
