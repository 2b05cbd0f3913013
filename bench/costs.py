"""What the money costs: 100,000 calls from the ledger to the store, and a year on the cost page.

    python -m bench.costs [--quick]

The fold is timed by the clock, from the first question to the ledger to the last commit. The page
asks a running agent through its socket, over a year of 1,000 calls a day (kept in
~/.cache/sallim-bench for six hours); every answer is read to its end and put into shapes.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from bench import processes
from bench.processes import cached_home, memory_bytes
from bench.report import Figure, report
from bench.store import SETTINGS, timed
from data.advice import facts
from data.analysis_costs import analysis_costs
from data.burn import burn_down_of
from data.cost_cells import columns_of
from data.cost_fold import ROWS_A_BATCH, fold_step
from data.costs import (
    dearest_calls,
    headroom,
    latest_calls,
    spending,
    spending_over_time,
    whole_spending,
)
from data.home import Home
from data.ops.connection import open_for_writing
from data.ops.costs import put_calls
from data.ops.report import StoreLimits
from data.ops.store import Store
from data.reader import Reader
from models.costs.periods import period_at
from models.costs.shapes import Bucket
from models.tiers import DAY_SECONDS
from sallim.ledger import Ledger
from sallim.ledger.calls import flat
from sallim.ledger.money_rows import CallRow, Tokens

FOLDED = 100_000
FOLD_SECONDS_MAX = 3.0
FOLD_ROUNDS = 3
PAGE_MS_MAX = 100.0
DAYS, A_DAY = 365, 1_000
MODELS = (
    *(("openai", "gpt-5-mini"), ("openai", "gpt-4o-mini"), ("google", "gemini-2.5-flash")),
    *(("google", "gemini-2.5-flash-lite"), ("anthropic", "claude-haiku-4-5")),
    ("openrouter", "deepseek/deepseek-chat"),
)
WORKFLOWS = ("ocr", "summary", "digest", "tags", "translate")
KEYS = ("laptop", "vps", "gpu-rented")


def made_up(count: int, until: float, per_day: int = A_DAY) -> Iterator[CallRow]:
    """Calls one after the other, of 90 combinations of labels, the last one at `until`."""
    chance = random.Random(5)
    for number in range(count):
        provider, model = chance.choice(MODELS)
        workflow, key = chance.choice(WORKFLOWS), chance.choice(KEYS)
        opened_us = int((until - (count - number) * DAY_SECONDS / per_day) * 1e6)
        state = "settled" if chance.random() < 0.99 else "unverified"
        won = chance.randrange(10_000, 5_000_000)
        failed = chance.random() < 0.02
        yield CallRow(
            *(number + 1, f"{number:032x}", 1, provider, model, "/v1/responses", workflow),
            *("video", f"video-{number // 3}", key, "important", ("api", "total")),
            *(won * 900, won * 2, "shipped-2026-11-28", "fx-2026-11", 100_000, 25_000, False),
            *("vps", 4242, "", opened_us, opened_us + 900_000_000, state, won * 450, won),
            *("usage", 500 if failed else 200, chance.randrange(200_000, 9_000_000), model),
            Tokens(chance.randrange(100, 9_000), output=chance.randrange(20, 900)),
            *("", 130, "", opened_us + 2_000_000, opened_us + 2_000_000),
            # One in ten asks what was asked before; each workflow begins in a way of its own.
            f"{number - number % 900 if number % 10 == 0 else number:032x}",
            f"{WORKFLOWS.index(workflow):032x}",
            2_000,
        )


def fold(folder: Path) -> list[Figure]:
    home = Home(folder)
    home.make()
    home.ledger_folder.mkdir()
    now = time.time()
    ledger = Ledger.open(home.ledger)
    ledger.accounts.rebuild(folder / "archive", made_up(FOLDED, now))
    with closing(Store.open(home, StoreLimits(), now)) as store, closing(ledger):
        began, cpu = time.perf_counter(), time.process_time()
        total = 0
        while (count := fold_step(ledger.accounts, ledger.ledger_id, store, now)) > 0:
            total += count
        wall, own = time.perf_counter() - began, time.process_time() - cpu
        again = time.perf_counter()
        fold_step(ledger.accounts, ledger.ledger_id, store, now)
        idle_ms = 1000 * (time.perf_counter() - again)
    if total != FOLDED:
        raise SystemExit(f"the fold is wrong: {total} calls came over")
    return [
        Figure(f"fold of {FOLDED:,} calls", wall, "s", FOLD_SECONDS_MAX),
        Figure("  of it CPU", own, "s"),
        Figure("a step that finds nothing", idle_ms, "ms"),
    ]


def filled_home() -> Home:
    """A year of calls in the store; the ledger of this home is empty."""
    return cached_home("costs", _fill)


def _fill(home: Home, now: float) -> None:
    Store.open(home, StoreLimits(), now).close()
    rows = [flat(call) for call in made_up(DAYS * A_DAY, now)]
    with closing(open_for_writing(home.ops)) as connection:
        for first in range(0, len(rows), ROWS_A_BATCH):
            connection.execute("BEGIN")
            put_calls(connection, columns_of(rows[first : first + ROWS_A_BATCH]))
            connection.execute("COMMIT")
        connection.execute("CHECKPOINT")
    (home.path / "sallim.toml").write_text(SETTINGS, encoding="utf-8")


def page(runs: int) -> list[Figure]:
    """Each question of the page by itself, and its first view: the sums, the year and one table."""
    home = filled_home()
    now = float((home.path / "made_at").read_text())
    year, zone = (now - DAYS * DAY_SECONDS, now), ZoneInfo("Asia/Seoul")
    questions: dict[str, Callable[[Reader], object]] = {
        "whole year": lambda reader: whole_spending(reader, year),
        **{
            f"by {by}": lambda reader, by=by: spending(reader, year, by)
            for by in ("provider", "model", "workflow", "analysis", "key", "kind")
        },
        "by month and kind": lambda reader: spending_over_time(
            reader, year, "kind", ("month", zone)
        ),
        "by day and provider": lambda reader: spending_over_time(
            reader, year, "provider", ("day", zone)
        ),
        "reserved against used": lambda reader: headroom(reader, year),
        "dearest calls": lambda reader: dearest_calls(reader, year),
        "latest calls": lambda reader: latest_calls(reader, year),
        "an analysis": lambda reader: analysis_costs(reader, *year),
        "advice": lambda reader: facts(reader, now, zone),
        "burn-down": lambda reader: burn_down_of(reader, _bucket(now, zone), now, zone),
    }
    figures = []
    with processes.agent(home.path) as pid:
        reader = Reader(home)
        for name, question in questions.items():
            figures += timed(name, lambda ask=question: ask(reader), runs, PAGE_MS_MAX)[:2]
        memory = memory_bytes(pid, "Pss") / 1e6
    return [*figures, Figure("agent's memory (PSS) after it", memory, "MB")]


def _bucket(now: float, zone: ZoneInfo) -> Bucket:
    month = period_at(now, "month", zone)
    won = [Decimal(number) for number in (24_900, 12_000, 300, 900)]
    return Bucket("total", month.since, month.until, *won, 1, now)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__,
        prog="python -m bench.costs",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="5 questions a round, not 30")
    runs = 5 if parser.parse_args().quick else 30
    processes.go_first()
    rounds = []
    for _ in range(FOLD_ROUNDS):
        with tempfile.TemporaryDirectory(prefix="sallim-bench-") as folder:
            rounds.append(fold(Path(folder) / "home"))
    rounds.sort(key=lambda figures: figures[0].value)
    return report("bench.costs", [*rounds[FOLD_ROUNDS // 2], *page(runs)])


if __name__ == "__main__":
    raise SystemExit(main())
