"""The real agent with a pool: its plan is a series, and loads nothing of what fits."""

from pathlib import Path

import pytest

from data.home import Home
from tests.processes import running_agent, until

pytestmark = pytest.mark.slow

SETTINGS = """
[[target]]
name = "load"
kind = "metric"
metric = "system.cpu.load_average.1m"

[[pool]]
name = "gpu"
target = "load"
instances_min = 2
"""


def test_a_plan_is_a_series_of_the_running_agent(tmp_path):
    home = Home(tmp_path / "home")
    home.make()
    path = home.path / "sallim.toml"
    path.write_text(SETTINGS)

    def planned():
        found = {
            each.key.name: each.value
            for each in reader.live().series
            if dict(each.key.labels).get("pool") == "gpu"
        }
        return found if found.get("pool.wanted") is not None else None

    with running_agent(home, SALLIM_CONFIG=str(path)) as (agent, reader):
        found = until(planned)
        loaded = Path(f"/proc/{agent.pid}/maps").read_text(encoding="utf-8")

    assert found["pool.wanted"] == 2.0
    assert found["pool.allowed"] == 3.0
    assert found["pool.predicted"] is None
    assert "numpy" not in loaded
