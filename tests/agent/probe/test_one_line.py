"""The one line for a rented box, as docs/probe.md has it, in a real shell against a real hub."""

import os
import re
import signal
import subprocess

import pytest

from tests.agent.probe.pair import Pair
from tests.processes import ROOT, until

pytestmark = pytest.mark.slow


@pytest.fixture
def pair(tmp_path):
    pair = Pair(tmp_path)
    yield pair
    pair.end()


def documented_line() -> str:
    [line] = re.findall(r"(?m)^curl .*/probe\.pyz.* &$", (ROOT / "docs/probe.md").read_text())
    return line


def test_one_line_watches_a_rented_box_until_it_is_returned(pair, tmp_path):
    pair.start_hub()
    line = documented_line().replace("http://10.0.0.5:9464", pair.url)
    box = tmp_path / "box"
    box.mkdir()
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(box),
        "SALLIM_TOKEN": pair.token,
        "LC_ALL": "C",
        "TZ": "Asia/Seoul",
    }
    started = subprocess.run(
        ["bash", "-c", f"{line} echo $!"],
        cwd=box,
        env=environ,
        check=True,
        stdout=subprocess.PIPE,
        timeout=30,
    )
    pid = int(started.stdout)
    try:
        until(lambda: pair.machine()[0] == "on", 40)
        log = (box / "sallim-probe.log").read_text()
    finally:
        os.kill(pid, signal.SIGTERM)
    until(lambda: pair.machine()[0] == "off")

    assert "takes pushes of gpu-1" in log
    assert (box / ".local/state/sallim-probe/probe").exists()
