"""`make soak`: an agent that somebody watches for many minutes; looks for growth and errors."""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from data.home import Home
from data.reader import Reader

ROOT = Path(__file__).parents[1]
GROWTH_MB_PER_HOUR_MAX = 4.0
WARM_UP_SHARE = 0.3


def rss_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def slope_mb_per_hour(points: list[tuple[float, float]]) -> float:
    """Least squares over (seconds, MB)."""
    n = len(points)
    mean_x = sum(x for x, _ in points) / n
    mean_y = sum(y for _, y in points) / n
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return 3600 * sum((x - mean_x) * (y - mean_y) for x, y in points) / spread


def watch(home: Home, pid: int, seconds: float) -> list[tuple[float, float]]:
    """Ask as a page does, every two seconds, and note the agent's resident memory."""
    reader = Reader(home)
    started = time.monotonic()
    points = []
    while (passed := time.monotonic() - started) < seconds:
        live = reader.live(["machine.cpu.utilization"])
        rows = reader.columns("SELECT count(*) AS n FROM samples WHERE mean > ?", [0])
        assert live is not None, "the agent fell silent"
        assert len(rows["n"]) == 1
        points.append((passed, rss_mb(pid)))
        time.sleep(2)
    return points


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    minutes = parser.parse_args().minutes
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        log_path = Path(folder) / "agent.log"
        home = Home(Path(folder) / "home")
        home.make()
        command = [sys.executable, "-m", "agent", "run", "--home", str(home.path)]
        with log_path.open("wb") as log:
            agent = subprocess.Popen(command, cwd=ROOT, stderr=log)
            try:
                until = time.monotonic() + 30
                while Reader(home).health() is None and time.monotonic() < until:
                    time.sleep(0.2)
                points = watch(home, agent.pid, minutes * 60)
            finally:
                agent.send_signal(signal.SIGTERM)
                code = agent.wait(10)
        errors = [line for line in log_path.read_text().splitlines() if " ERROR " in line]
    settled = [point for point in points if point[0] > minutes * 60 * WARM_UP_SHARE]
    slope = slope_mb_per_hour(settled)
    held = code == 0 and not errors and slope <= GROWTH_MB_PER_HOUR_MAX
    print("\n".join(errors[:20]))
    print(
        f"soak: {minutes:g} min, {len(points)} looks, RSS {points[-1][1]:.1f} MB, "
        f"slope {slope:+.2f} MB/h (limit {GROWTH_MB_PER_HOUR_MAX:g}), {len(errors)} errors, "
        f"exit code {code}: {'holds' if held else 'missed'}"
    )
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
