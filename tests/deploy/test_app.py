import pytest

from deploy.app import DEFAULT, app_address
from models.settings import Settings


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("", ("127.0.0.1", 8501)),
        ("[app]\nport = 9000\n", ("127.0.0.1", 9000)),
        ('[app]\naddress = "::1"\n', ("::1", 8501)),
        ('[app]\naddress = "0.0.0.0"\nport = 9000\n', ("127.0.0.1", 9000)),
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
