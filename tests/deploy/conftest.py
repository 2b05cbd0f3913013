import subprocess
import sys

import pytest

from tests.deploy.machine import scratch_machine


@pytest.fixture(scope="session")
def bare_venv(tmp_path_factory):
    """A virtual environment without packages: the stand-in needs none."""
    folder = tmp_path_factory.mktemp("venv") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    return folder


@pytest.fixture
def machine(bare_venv):
    with scratch_machine(bare_venv) as machine:
        yield machine
