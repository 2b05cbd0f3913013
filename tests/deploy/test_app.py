import pytest

from deploy.app import DEFAULT, NEAR, app_address, public_names
from models.settings import Settings
from models.settings.addresses import PRIVATE_NETWORKS


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("", ("127.0.0.1", 8501)),
        ("[app]\nport = 9000\n", ("127.0.0.1", 9000)),
        ('[app]\naddress = "::1"\n', ("::1", 8501)),
        ('[app]\naddress = "0.0.0.0"\nport = 9000\n', ("127.0.0.1", 9000)),
        ('[app]\naddress = "100.64.0.3"\n', ("100.64.0.3", 8501)),
        ('[app]\naddress = ["::1"]\n', ("127.0.0.1", 8501)),
        ('[app]\nport = "9000"\n', ("127.0.0.1", 8501)),
        ("[app]\nport = true\n", ("127.0.0.1", 8501)),
        ("[app]\nport = 80\n", ("127.0.0.1", 8501)),
        ("app = 3\n", ("127.0.0.1", 8501)),
        ("[app\n", ("127.0.0.1", 8501)),
    ],
)
def test_the_app_comes_up_where_the_settings_say_and_never_for_all_the_world(
    tmp_path, text, address
):
    settings = tmp_path / "sallim.toml"
    settings.write_text(text)

    assert app_address(settings) == address


def test_without_a_settings_file_the_app_has_its_usual_address(tmp_path):
    assert app_address(tmp_path / "none.toml") == ("127.0.0.1", 8501)


def test_the_usual_address_is_that_of_the_settings():
    app = Settings().app

    assert (app.address, app.port) == DEFAULT


def test_near_is_what_the_settings_call_private():
    assert sorted(map(str, NEAR)) == sorted(map(str, PRIVATE_NETWORKS))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('[app]\npublic_url = "https://Sallim.example.com/"\n', ["sallim.example.com"]),
        ('[app]\npublic_url = "https://[x"\n', []),
        ("[app]\npublic_url = 3\n", []),
        ("", []),
    ],
)
def test_a_proxy_asks_for_the_app_by_its_public_name(tmp_path, text, names):
    settings = tmp_path / "sallim.toml"
    settings.write_text(text)

    assert public_names(settings) == names
