"""How long the report on bottlenecks takes, over 30 days of a busy pipeline.

    python -m bench.bottlenecks [--quick]

The store (bench/pipelines.py) is kept in ~/.cache/sallim-bench for six hours. The agent answers;
gathering, SQL, socket, Arrow and the report itself are all in the time. Beside it pandas makes
the same sums out of frames that it already has in memory, which is less than it would have to do.
"""

import argparse
import time
from pathlib import Path

import pandas as pd

from bench import processes
from bench.pipelines import DAYS, TELLING, fill
from bench.processes import cached_home, cpu_seconds, memory_bytes
from bench.report import Figure, report
from bench.store import SETTINGS, timed
from data.analyses import analyses
from data.bottlenecks import bottleneck_inputs
from data.home import Home
from data.reader import Reader
from models.bottlenecks.report import bottlenecks
from models.settings.analysis import Analysis
from models.tiers import DAY_SECONDS

MAPPED = [Analysis(name=f"flow-{n}", workflow=f"w{n}") for n in range(3)]
REPORT_MS_MAX = 500
BUCKET_SECONDS = 1800

JOBS = """
SELECT name, stage, host, key, state, epoch(queued_at) AS queued, epoch(started_at) AS started,
       epoch(ended_at) AS ended, duration_seconds AS seconds
FROM jobs
"""
SAMPLES = """
SELECT series_id, epoch(taken_at) AS moment, mean FROM samples_10m
JOIN series ON id = series_id WHERE list_contains(?::VARCHAR[], name)
"""


def filled_home() -> Home:
    return cached_home("bottlenecks", _fill)


def _fill(home: Home, now: float) -> None:
    fill(home, now)
    (home.path / "sallim.toml").write_text(SETTINGS, encoding="utf-8")


def summed_by_pandas(jobs: pd.DataFrame, samples: pd.DataFrame) -> int:
    """The aggregates of `bottleneck_inputs`, as pandas does them."""
    by_stage = jobs.groupby(["name", "stage"], sort=False)
    sums = by_stage.seconds.agg(["count", "sum", "mean", "var"])
    typical = by_stage.seconds.quantile([0.5, 0.95])
    waits = (jobs.started - jobs.queued).groupby([jobs.name, jobs.stage], sort=False)
    waited = waits.agg(["count", "sum"]).join(waits.quantile(0.95).rename("p95"))
    chained = jobs[jobs.stage != ""].sort_values(["key", "started"], kind="stable")
    before = chained.groupby("key", sort=False)
    gap = chained.started - before.ended.shift()
    gaps = gap.groupby([chained.name, chained.stage, before.stage.shift()]).agg(["count", "mean"])
    bucket = ((jobs.ended - jobs.seconds / 2) // BUCKET_SECONDS).astype("int64")
    paces = jobs.groupby([jobs.name, jobs.stage, jobs.host, bucket], sort=False).seconds.median()
    arrived = (jobs.started // BUCKET_SECONDS).astype("int64")
    arrivals = jobs.groupby([jobs.name, jobs.stage, arrived], sort=False).size()
    lately = jobs[jobs.ended > jobs.ended.max() - 7 * DAY_SECONDS]
    both = pd.concat([lately.assign(at=lately.started, n=1), lately.assign(at=lately.ended, n=-1)])
    ordered = both.sort_values("at")
    running = ordered.groupby(["name", "stage"], sort=False).n.cumsum()
    held = (samples.moment // BUCKET_SECONDS).astype("int64")
    values = samples.groupby([samples.series_id, held], sort=False)["mean"].mean()
    tables = (sums, typical, waited, gaps, paces, arrivals, running, values)
    return sum(len(table) for table in tables)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__,
        prog="python -m bench.bottlenecks",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="4 reports a round, not 20")
    runs = 4 if parser.parse_args().quick else 20
    home = filled_home()
    now = float((home.path / "made_at").read_text())
    since = now - DAYS * DAY_SECONDS
    processes.go_first()
    with processes.agent(Path(home.path)) as pid:
        reader = Reader(home)

        def whole() -> object:
            return bottlenecks(bottleneck_inputs(reader, since, now, MAPPED))

        figures = timed(f"report on {DAYS} days", whole, runs, REPORT_MS_MAX)
        before = cpu_seconds(pid), time.process_time()
        made = whole()
        agent, page = cpu_seconds(pid) - before[0], time.process_time() - before[1]
        figures.append(Figure("  of it CPU of the agent (SQL)", 1000 * agent, "ms"))
        figures.append(Figure("  of it CPU of the page", 1000 * page, "ms"))
        inputs = bottleneck_inputs(reader, since, now, MAPPED)
        figures += timed("  of it the report without SQL", lambda: bottlenecks(inputs), runs, None)
        figures += timed(
            f"analyses over {DAYS} days", lambda: analyses(reader, since, now, MAPPED), runs, None
        )
        memory = memory_bytes(pid, "Pss") / 1e6
        jobs, samples = reader.frame(JOBS), reader.frame(SAMPLES, [list(TELLING)])
    figures += timed("pandas, frames in memory", lambda: summed_by_pandas(jobs, samples), 3, None)
    figures.append(Figure("agent's memory (PSS) after it", memory, "MB"))
    limits = {pipeline.analysis: pipeline.limit for pipeline in made.pipelines}
    if limits["video"] != "transcribe":
        raise SystemExit(f"the report is wrong: video is limited by {limits['video']!r}")
    return report("bench.bottlenecks", figures)


if __name__ == "__main__":
    raise SystemExit(main())
