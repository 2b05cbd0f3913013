"""`make bench`: every benchmark, one after another; exit code 0 only if every figure holds."""

import subprocess
import sys

from bench.processes import CACHE

PARTS = (
    *("store", "agent", "app", "job", "scrape", "n8n_ingest", "probe", "bottlenecks"),
    *("guard", "budget", "month", "costs", "household"),
    *("forecast", "forecast_month", "scaling"),
)
MORE = {"forecast": ("--peers", "statsforecast,prophet", "--cache", str(CACHE / "forecast"))}
"""What a part is asked besides; what the peers of forecasts said once is kept."""


def main() -> int:
    """Each part is a program of its own, so that none measures the imports of another."""
    verdicts = {}
    for part in PARTS:
        print(f"== bench.{part}", flush=True)
        verdicts[part] = subprocess.run(
            [sys.executable, "-m", f"bench.{part}", *MORE.get(part, ()), *sys.argv[1:]], check=False
        ).returncode
    for part, code in verdicts.items():
        print(f"bench.{part}: {'holds' if code == 0 else f'missed (exit code {code})'}")
    return max(verdicts.values())


if __name__ == "__main__":
    sys.exit(main())
