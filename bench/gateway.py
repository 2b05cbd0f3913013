"""What the gateway adds to a call, beside the LiteLLM proxy.

    python -m bench.gateway [--quick]

The same provider (bench/gateway_upstream.py), the same load (bench/gateway_load.py), the same run:
one after the other, round by round, straight to the provider, over the gateway, over LiteLLM. Both
count every call against a budget of their own kind: the gateway reserves and settles in the ledger,
LiteLLM adds up its spend in memory, for its budgets want a PostgreSQL.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx

from bench.processes import CACHE, ROOT, free_port, go_first
from bench.report import Figure, percentile, report
from bench.usage import usage_of_tree
from data.home import Home
from data.tokens import GATEWAY, create
from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import (
    IMPORTANT_PPM,
    OPTIONAL_PPM,
    THRESHOLDS_PPM,
    Budget,
    Period,
)

LITELLM = "litellm[proxy]==1.110.2"
MASTER_KEY = "sk-bench-4f0c9a7be1d24c58-of-no-value"
CONNECTIONS = 32
ROUNDS = 5
CALENDAR, DAY_US = "month:Asia/Seoul", 86_400_000_000
START_SECONDS_MAX = 90.0
PROXY = """\
model_list:
  - model_name: gpt-4o-mini
    litellm_params: {{model: openai/gpt-4o-mini, api_base: "{url}", api_key: sk-upstream}}
general_settings: {{master_key: {key}}}
litellm_settings: {{num_retries: 0, telemetry: false}}
"""


class Way(NamedTuple):
    """One of the three; `pid` is that of the program between, 0 without one."""

    name: str
    url: str
    token: str
    pid: int


class Load(NamedTuple):
    median_ms: float
    p99_ms: float
    per_second: float


def litellm() -> Path:
    """The program, fetched into the cache once."""
    folder = CACHE / "litellm"
    program = folder / "bin" / "litellm"
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", LITELLM]
        subprocess.run(pip, check=True)
    return program


@contextlib.contextmanager
def running(command: list[str], log: Path, health: str, **environ: str) -> Iterator[int]:
    """Its process id, from the moment it answers."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **environ}, stdout=output, stderr=output
        )
        try:
            _wait(process, health, log)
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: "subprocess.Popen[bytes]", health: str, log: Path) -> None:
    until = time.monotonic() + START_SECONDS_MAX
    with httpx.Client(trust_env=False, timeout=5) as client:
        while time.monotonic() < until:
            if process.poll() is not None:
                raise SystemExit(f"it ended with {process.returncode}:\n{log.read_text()[-2000:]}")
            with contextlib.suppress(httpx.HTTPError):
                if client.get(health).status_code < 500:
                    return
            time.sleep(0.2)
    raise SystemExit(f"it did not answer:\n{log.read_text()[-2000:]}")


@contextlib.contextmanager
def provider(folder: Path) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "bench.gateway_upstream", str(port)]
    url = f"http://127.0.0.1:{port}"
    with running(command, folder / "provider.log", url):
        yield url


@contextlib.contextmanager
def gateway(folder: Path, upstream: str) -> Iterator[Way]:
    home, port = Home(folder / "home"), free_port()
    home.make()
    home.ledger_folder.mkdir()
    accounts, now_us = Accounts.open(home.ledger), time.time_ns() // 1_000
    rules = (IMPORTANT_PPM, OPTIONAL_PPM, CALENDAR, THRESHOLDS_PPM, 1)
    months = [Period(CALENDAR, now_us - DAY_US, now_us + 30 * DAY_US)]
    accounts.put_budgets([Budget(name, 10**17, *rules) for name in ("total", "api")], months)
    accounts.close()
    (home.path / "sallim.toml").write_text(
        f'[gateway]\nlisten = "127.0.0.1:{port}"\n'
        f'[[upstream]]\nname = "openai"\nprovider = "openai"\nurl = "{upstream}"\n'
        'key = "BENCH_KEY"\n'
    )
    token = create(home, "bench", time.time(), [GATEWAY])
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "agent", "gateway", "--home", str(home.path)]
    settings = {"SALLIM_CONFIG": str(home.path / "sallim.toml"), "BENCH_KEY": "sk-upstream"}
    # As deploy/sallim-gateway.service sets it.
    settings["MALLOC_ARENA_MAX"] = "2"
    with running(command, folder / "gateway.log", f"{url}/health", **settings) as pid:
        yield Way("gateway", f"{url}/openai/v1/chat/completions", token, pid)


@contextlib.contextmanager
def proxy(folder: Path, upstream: str) -> Iterator[Way]:
    port = free_port()
    config = folder / "litellm.yaml"
    config.write_text(PROXY.format(url=f"{upstream}/v1", key=MASTER_KEY))
    command = [str(litellm()), "--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
    url = f"http://127.0.0.1:{port}"
    quiet = {"LITELLM_LOG": "ERROR", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    health = f"{url}/health/liveliness"
    with running([*command, "--num_workers", "1"], folder / "litellm.log", health, **quiet) as pid:
        yield Way("LiteLLM", f"{url}/v1/chat/completions", MASTER_KEY, pid)


def load(way: Way, connections: int, seconds: float) -> Load:
    command = [sys.executable, "-m", "bench.gateway_load", way.url, way.token]
    done = subprocess.run(
        [*command, str(connections), str(seconds)], cwd=ROOT, check=True, stdout=subprocess.PIPE
    )
    told = json.loads(done.stdout)
    if told["wrong"]:
        raise SystemExit(f"{way.name}: {told['wrong']} calls were not answered with 200")
    took = told["took"]
    return Load(
        percentile(took, 0.5) / 1000, percentile(took, 0.99) / 1000, len(took) / told["seconds"]
    )


def middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def measured(ways: list[Way], seconds: float) -> dict[tuple[str, int], Load]:
    """By name and number of connections; of the rounds, the middle of each figure."""
    loads: dict[tuple[str, int], list[Load]] = {}
    for way in ways:
        load(way, CONNECTIONS, min(seconds, 2.0))
    for number in range(ROUNDS):
        for connections in (1, CONNECTIONS):
            for way in ways if number % 2 == 0 else ways[::-1]:
                found = load(way, connections, seconds)
                loads.setdefault((way.name, connections), []).append(found)
    return {
        key: Load(*(middle([each[index] for each in found]) for index in range(3)))
        for key, found in loads.items()
    }


def figures(found: dict[tuple[str, int], Load], bytes_of: dict[str, int]) -> list[Figure]:
    straight, ours, theirs = (found[name, 1] for name in ("straight", "gateway", "LiteLLM"))
    added = {
        name: (each.median_ms - straight.median_ms, each.p99_ms - straight.p99_ms)
        for name, each in (("gateway", ours), ("LiteLLM", theirs))
    }
    many = {name: found[name, CONNECTIONS] for name in ("straight", "gateway", "LiteLLM")}
    over = {name: each.median_ms - many["straight"].median_ms for name, each in many.items()}
    over99 = {name: each.p99_ms - many["straight"].p99_ms for name, each in many.items()}
    mine, its = added["gateway"], added["LiteLLM"]
    at = f"at {CONNECTIONS} connections"
    return [
        Figure("straight to the provider, median", straight.median_ms, "ms"),
        Figure("LiteLLM, added, median", its[0], "ms"),
        Figure("LiteLLM, added, p99", its[1], "ms"),
        Figure("gateway, added, median", mine[0], "ms", 4),
        Figure("gateway, added, p99", mine[1], "ms"),
        Figure("gateway's added median beside LiteLLM's", mine[0] / its[0], "times", 0.5),
        Figure("gateway's added p99 beside LiteLLM's", mine[1] / its[1], "times", 0.5),
        Figure(f"straight, {at}", many["straight"].per_second, "/s"),
        Figure(f"LiteLLM, {at}", many["LiteLLM"].per_second, "/s"),
        Figure(f"gateway, {at}", many["gateway"].per_second, "/s"),
        Figure(
            f"LiteLLM's calls a second beside the gateway's, {at}",
            many["LiteLLM"].per_second / many["gateway"].per_second,
            "times",
            1 / 3,
        ),
        Figure(f"gateway, added, median, {at}", over["gateway"], "ms"),
        Figure(f"gateway, added, p99, {at}", over99["gateway"], "ms"),
        Figure(f"beside LiteLLM's median, {at}", over["gateway"] / over["LiteLLM"], "times", 0.5),
        Figure(f"beside LiteLLM's p99, {at}", over99["gateway"] / over99["LiteLLM"], "times", 0.5),
        Figure("LiteLLM, memory (PSS)", bytes_of["LiteLLM"] / 1e6, "MB"),
        Figure("gateway, memory (PSS)", bytes_of["gateway"] / 1e6, "MB"),
        Figure(
            "gateway's memory beside LiteLLM's",
            bytes_of["gateway"] / bytes_of["LiteLLM"],
            "times",
            1 / 3,
        ),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a fifth of the time")
    seconds = 1.0 if parser.parse_args().quick else 5.0
    litellm()
    go_first()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sallim-bench-")))
        url = stack.enter_context(provider(folder))
        straight = Way("straight", f"{url}/v1/chat/completions", "none", 0)
        ours = stack.enter_context(gateway(folder, url))
        theirs = stack.enter_context(proxy(folder, url))
        found = measured([straight, ours, theirs], seconds)
        bytes_of = {way.name: usage_of_tree(way.pid).pss_bytes for way in (ours, theirs)}
    return report("bench.gateway", figures(found, bytes_of))


if __name__ == "__main__":
    sys.exit(main())
