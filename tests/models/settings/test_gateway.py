"""`[gateway]` and `[[upstream]]`: private addresses to listen on, no key over an open network."""

import pytest

from models.errors import ConfigError
from models.settings import Settings
from models.settings.problems import settings_of


def of(text: str) -> Settings:
    return settings_of(text, "sallim.toml")


def test_it_listens_on_loopback_unless_it_is_told_more():
    assert Settings().gateway.addresses == [("127.0.0.1", 4000)]
    more = of('[gateway]\nalso_listen = ["172.17.0.1:4000", "[fd00::1]:4000", "127.0.0.1:4000"]')

    assert more.gateway.addresses == [("127.0.0.1", 4000), ("172.17.0.1", 4000), ("fd00::1", 4000)]


@pytest.mark.parametrize(
    "listen", ["0.0.0.0:4000", "8.8.8.8:4000", "[::]:4000", "[2001:db8::1]:4000"]
)
@pytest.mark.parametrize("key", ["listen", "also_listen"])
def test_an_address_that_strangers_could_reach_is_refused(key, listen):
    value = f'"{listen}"' if key == "listen" else f'["127.0.0.1:4001", "{listen}"]'
    with pytest.raises(ConfigError) as refused:
        of(f"[gateway]\n{key} = {value}")

    assert f'gateway.{key} is "{listen}", which strangers could reach' in str(refused.value)


TLS = 'tls_cert = "/etc/sallim/gateway.pem"\ntls_key = "/etc/sallim/gateway.key"\n'


@pytest.mark.parametrize("listen", ["0.0.0.0:4000", "8.8.8.8:4000", "[2001:db8::1]:4000"])
def test_with_tls_it_may_listen_where_strangers_reach_it(listen):
    gateway = of(f'[gateway]\nlisten = "{listen}"\nalso_listen = ["127.0.0.1:4001"]\n{TLS}').gateway

    assert gateway.url == f"https://{listen}"
    assert len(gateway.addresses) == 2


def test_the_message_names_a_certificate_and_an_address_that_work():
    with pytest.raises(ConfigError) as refused:
        of('[gateway]\nlisten = "0.0.0.0:4321"')

    for part in ('listen is "0.0.0.0:4321"', 'tls_cert = "', "tls_key", '"127.0.0.1:4321"'):
        assert part in str(refused.value)


@pytest.mark.parametrize("line", TLS.splitlines())
def test_a_certificate_or_a_key_alone_is_refused(line):
    with pytest.raises(ConfigError) as refused:
        of(f"[gateway]\n{line}")

    missing = "tls_key" if line.startswith("tls_cert") else "tls_cert"
    assert f"gateway.{missing} is empty" in str(refused.value)


@pytest.mark.parametrize("listen", ["", "4000", "example.com:4000", "127.0.0.1:80"])
def test_what_is_no_address_is_refused(listen):
    with pytest.raises(ConfigError):
        of(f'[gateway]\nlisten = "{listen}"')


@pytest.mark.parametrize(
    "url",
    ["https://api.example.com", "http://10.0.0.5:11434/x", "http://ollama:11434", "http://[::1]:1"],
)
def test_an_upstream_is_near_or_encrypted(url):
    text = f'[[upstream]]\nname = "other"\nprovider = "openai"\nurl = "{url}"'
    assert of(text).upstream[0].url == url


@pytest.mark.parametrize(
    "url",
    ["https://api.example.com/v1", "https://8.8.8.8:11434", "http://127.0.0.1:4000",
     "http://10.0.0.5:8000", "http://localhost"],
)  # fmt: skip
def test_what_may_be_a_proxy_or_is_elsewhere_is_not_free_unless_it_is_said(url):
    text = f'[[upstream]]\nname = "other"\nurl = "{url}"\n'
    with pytest.raises(ConfigError) as refused:
        of(text)

    assert "line 3: upstream.url may lead to a provider that is paid" in str(refused.value)
    assert 'provider = "mistral"' in str(refused.value)
    assert of(f'{text}provider = "local"').upstream[0].provider == "local"


@pytest.mark.parametrize("key", ["name", "provider"])
def test_gemini_is_known_as_google(key):
    asked = {"name": "other", "provider": "openai", key: "gemini"}
    lines = "".join(f'{name} = "{value}"\n' for name, value in asked.items())
    with pytest.raises(ConfigError) as refused:
        of(f'[[upstream]]\n{lines}url = "https://generativelanguage.example"')

    assert f'upstream.{key} is "gemini", which the gateway knows as "google"' in str(refused.value)


@pytest.mark.parametrize("url", ["http://10.0.0.5:11434", "http://127.0.0.1:1234/v1"])
def test_a_server_of_models_that_is_near_is_free(url):
    assert of(f'[[upstream]]\nname = "other"\nurl = "{url}"').upstream[0].provider == "local"
    assert of("[[upstream]]").upstream[0].provider == "local"


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com",
        "http://169.254.169.254",
        "http://8.8.8.8",
        "https://a:b@example.com",
        "https://example.com?a=b",
        "ftp://10.0.0.5",
    ],
)
def test_no_key_goes_over_an_open_network(url):
    with pytest.raises(ConfigError):
        of(f'[[upstream]]\nname = "other"\nurl = "{url}"')


@pytest.mark.parametrize("name", ["w", "v1", "v1beta", "health", "Open AI", ""])
def test_names_that_paths_have_already_are_refused(name):
    with pytest.raises(ConfigError):
        of(f'[[upstream]]\nname = "{name}"')
