from pathlib import Path

import certifi
import pytest

from tests.guarded import nothing_kept, upstream
from tests.sallim.guard.house import GuardedHouse

__all__ = ["nothing_kept", "upstream"]
END = "-----END CERTIFICATE-----\n"


@pytest.fixture(scope="session")
def one_authority(tmp_path_factory):
    """A file with one certificate: to read all of a machine takes every client 20 ms."""
    head, end, _ = Path(certifi.where()).read_text(encoding="utf-8").partition(END)
    file = tmp_path_factory.mktemp("authority") / "one.pem"
    file.write_text(head + end)
    return str(file)


@pytest.fixture(autouse=True)
def few_authorities(monkeypatch, one_authority):
    monkeypatch.setenv("SSL_CERT_FILE", one_authority)


@pytest.fixture
def house(kept, upstream):
    return GuardedHouse(kept.accounts, upstream)
