"""Fixtures of tests in which calls are guarded, in the program that calls or by the gateway."""

import pytest

from sallim.guard import durations, spending, telling
from tests.standins.upstream import Upstream

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy")


@pytest.fixture(autouse=True)
def nothing_kept(tmp_path, monkeypatch):
    """Each test has its own purses and spools, and proxies of this machine stay out of it."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
    spending.close_all()
    telling.told.clear()
    durations.seconds_by_uri.clear()
    durations.tokens_by_contents.clear()
    yield
    spending.close_all()


@pytest.fixture
def upstream():
    with Upstream() as upstream:
        yield upstream
