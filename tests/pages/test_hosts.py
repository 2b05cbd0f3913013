"""Who may open the app's own connection: pages of this machine, under the names it has here."""

import pytest
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed


@pytest.mark.parametrize("host", ["127.0.0.1:8501", "localhost:8501", "[::1]:8501"])
def test_every_address_that_the_settings_allow_is_answered(host):
    assert is_host_allowed(host)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8501", "127.0.0.1.evil.example:8501", "[::2]:8501", None]
)
def test_a_name_that_somebody_else_gave_to_this_machine_is_not(host):
    assert not is_host_allowed(host)
