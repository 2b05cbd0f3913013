"""A hub that dies between the store's commit and control's: what comes again is stored once."""

import subprocess
import sys

import pytest

from data.home import Home
from data.registry import machines, pushes
from tests.agent.intaking import NOW, hub_in, shape_of
from tests.data.stores import home_in, opened
from tests.processes import ROOT

pytestmark = pytest.mark.slow

AT = int(NOW)
DYING = """
import os, sys
import agent.machines
from agent.live import LiveBoard
from agent.machines import Machines
from agent.sampling import Clocks
from data.home import Home
from data.ops.report import StoreLimits
from data.ops.store import Store
from models.pushing import push_of
from tests.agent.intaking import NOW, shape_of

home, before_store = Home(__import__("pathlib").Path(sys.argv[1])), sys.argv[2] == "before"
store = Store.open(home, StoreLimits(free_min_bytes=0), NOW)
hub = Machines(store, LiveBoard(), Clocks(wall=lambda: NOW), "vps")
hub.push(push_of(shape_of((1, int(NOW)))), "gpu")
if before_store:
    store.write = lambda *_: os._exit(9)
else:
    agent.machines.keep_push = lambda *_: os._exit(9)
hub.push(push_of(shape_of((2, int(NOW) + 10), (3, int(NOW) + 20))), "gpu")
"""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_push_is_stored_once_whenever_the_hub_dies(tmp_path, moment):
    home = home_in(tmp_path)
    command = [sys.executable, "-c", DYING, str(home.path), moment]
    died = subprocess.run(command, cwd=ROOT, check=False)

    assert died.returncode == 9
    assert known(home) == (["gpu-1"], [1])
    with hub_in(tmp_path) as hub:
        again = shape_of((2, AT + 10), (3, AT + 20))
        answers = [hub.inner.post("/push", json=again).status_code for _ in range(2)]
        hub.machines.switch("gpu-1", "forget")
        taken = hub.inner.post("/push", json=again).json()
        rows = hub.rows("gpu-1")

    assert answers == [409, 409]
    assert taken["stored"] == 3
    assert rows == [(AT + 10 * n, "machine.cpu.limit", n + 1.0, 1) for n in range(3)]


def known(home: Home) -> tuple[list[str], list[int]]:
    store = opened(home, NOW)
    try:
        control = store.control
        return [each.name for each in machines(control)], [p.last_seq for p in pushes(control)]
    finally:
        store.close()
