from pathlib import Path

import certifi
import pytest

from sallim.guard import durations, spending, telling
from tests.sallim.guard.house import GuardedHouse
from tests.standins.upstream import Upstream

END = "-----END CERTIFICATE-----\n"


@pytest.fixture(scope="session")
def one_authority(tmp_path_factory):
    """A file with one certificate: to read all of a machine takes every client 20 ms."""
    head, end, _ = Path(certifi.where()).read_text(encoding="utf-8").partition(END)
    file = tmp_path_factory.mktemp("authority") / "one.pem"
    file.write_text(head + end)
    return str(file)


@pytest.fixture(autouse=True)
def no_purse_kept(tmp_path, monkeypatch, one_authority):
    """Each test has its own purses and spools, and proxies of this machine stay out of it."""
    monkeypatch.setenv("SSL_CERT_FILE", one_authority)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
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


@pytest.fixture
def house(kept, upstream):
    return GuardedHouse(kept.accounts, upstream)
