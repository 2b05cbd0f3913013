"""The environment of the peers: made once, outside of the repository; nothing else is touched."""

import os
import subprocess
import sys
from pathlib import Path

from bench.processes import CACHE

VERSIONS = {"statsforecast": "2.1.1", "prophet": "1.5.0"}
PEERS = {
    "statsforecast": ("sf_dot", "sf_autotheta", "sf_autoets", "sf_mstl", "sf_mstl_arima"),
    "prophet": ("prophet",),
}


def environment() -> Path:
    """SALLIM_BENCH_ENV, or below the cache of the benches."""
    return Path(os.environ.get("SALLIM_BENCH_ENV") or CACHE / "forecast-peers")


def python_of_peers(wanted: list[str]) -> str:
    """Its Python, with the wanted packages in their versions. Raises SystemExit."""
    folder = environment()
    python = folder / "bin" / "python"
    if not python.exists():
        _run([sys.executable, "-m", "venv", str(folder)])
    pins = [f"{name}=={VERSIONS[name]}" for name in wanted]
    if not _has(python, wanted):
        print(f"fetching {', '.join(pins)} into {folder}", file=sys.stderr)
        _run([str(python), "-m", "pip", "install", "--quiet", *pins])
    return str(python)


def _has(python: Path, wanted: list[str]) -> bool:
    pairs = [(name, VERSIONS[name]) for name in wanted]
    asked = (
        f"from importlib.metadata import version; assert all(version(n) == v for n, v in {pairs})"
    )
    return subprocess.run([python, "-c", asked], capture_output=True, check=False).returncode == 0


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(
            f"the peers' environment was not made: {' '.join(command)} failed:\n"
            f"{done.stderr.strip()[-2000:]}\nleave --peers out to compare with seasonal naive only"
        )
