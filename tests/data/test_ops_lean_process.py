"""The store inside the agent's own kind of process: small, without numpy, pandas and pyarrow."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.data.stores import home_in

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
HOUR_OF_USE = """
import json, sys
from pathlib import Path

from data.lean import stay_lean

stay_lean()

from tests.data.stores import NOON, home_in, opened, write_ticks

store = opened(home_in(Path(sys.argv[1])))
write_ticks(store, NOON, 360, count=300)
for series_id in range(1, 101):
    store.query(
        "SELECT epoch(taken_at), mean, min, max FROM samples"
        " WHERE series_id = ? AND taken_at >= to_timestamp(?) ORDER BY 1",
        [series_id, NOON],
        rows_max=1_000,
        seconds_max=5,
    )
smaps = Path("/proc/self/smaps_rollup").read_text()
pss_kb = next(int(line.split()[1]) for line in smaps.splitlines() if line.startswith("Pss:"))
heavy = [name for name in ("numpy", "pandas", "pyarrow") if sys.modules.get(name)]
store.close()
print(json.dumps({"heavy": heavy, "pss_mb": pss_kb / 1024}))
"""


def test_an_hour_of_use_loads_nothing_heavy_and_stays_small(tmp_path):
    home_in(tmp_path)
    out = subprocess.run(
        [sys.executable, "-c", HOUR_OF_USE, str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    found = json.loads(out.stdout)

    assert found["heavy"] == []
    assert found["pss_mb"] < 80
