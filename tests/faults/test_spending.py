"""Programs here and far, some of them killed, some retrying, some cut off, under one cap.

At every moment admission holds, and in the end the ledger is what the upstream counted: to the
micro-won where the answer was read, never less where nobody knows (DESIGN 5, ADR 0012 and 0014).
"""

import json
import os
import random
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import contextmanager

import pytest

from tests.agent.gateway.house import GatewayHouse
from tests.faults import witness
from tests.faults.spender import Plan
from tests.namespaces import two_networks
from tests.processes import ROOT, environ_of, stop
from tests.sallim.money import WON, budget
from tests.standins.upstream import Upstream

COUNT = int(os.environ.get("SALLIM_FAULT_COUNT", "12"))
FIRST_SEED = int(os.environ.get("SALLIM_FAULT_SEED", "20251129"))
"""A failure names its seed; with SALLIM_FAULT_SEED it is the first one."""
SEEDS = range(FIRST_SEED, FIRST_SEED + max(1, COUNT // 6))
SECONDS_MAX = 90
LATER_US = 2 * 3_600_000_000

pytestmark = [pytest.mark.slow, pytest.mark.timeout(SECONDS_MAX + 30)]


class Month:
    """One household and all who spend in it."""

    def __init__(self, house, networks, seed: int) -> None:
        self.house, self.networks, self.seed = house, networks, seed
        self.chance = random.Random(seed)  # noqa: S311 a test that repeats itself
        self.cap_won = self.chance.choice([20, 60, 200])
        self.far, self.way = house.made("far"), house.made("way")
        self.programs: dict[str, subprocess.Popen] = {}
        self.ends_at = time.monotonic() + SECONDS_MAX
        self.raise_cap(0)

    def raise_cap(self, won: int) -> None:
        """As its owner does: while others spend. It is never lowered."""
        self.cap_won += won
        parts = ("api", self.cap_won), ("provider:openai", 3_000), ("key:far", self.cap_won // 2)
        self.house.cap(self.cap_won, *(budget(name, cap * WON) for name, cap in parts))

    def until(self, found) -> None:
        """Meanwhile the cap rises, so that whoever is refused now is admitted in the end."""
        while not found():
            assert time.monotonic() < self.ends_at, f"seed {self.seed}: it does not end"
            self.raise_cap(self.chance.choice([0, 2, 6]))
            time.sleep(0.05)

    def begin(self, name: str, kit: str = "httpx", where: str = "near", **told) -> None:
        """`where`: over the file, "far" over the hub, "way" by way of the gateway."""
        house, before = self.house, ()
        environ = {"XDG_STATE_HOME": str(house.folder / "state"), "SALLIM_HOME": ""}
        if where == "near":
            environ["SALLIM_LEDGER"] = str(house.home.ledger)
        else:
            before = self.networks.in_guest
        if where == "far":
            environ |= {"SALLIM_URL": house.url, "SALLIM_TOKEN": self.far}
        if where == "way":
            told |= {"gateway": house.url, "token": self.way}
        plan = Plan(name, kit, house.upstream.url, self.seed, told.pop("calls", 25), **told)
        with (house.folder / f"{name}.said").open("wb") as said:
            self.programs[name] = subprocess.Popen(
                [*before, sys.executable, "-m", "tests.faults.spender", plan.text()],
                cwd=ROOT,
                env=environ_of(house.home, **environ),
                stdout=said,
            )

    def kill(self, name: str) -> None:
        program = self.programs.pop(name)
        assert program.poll() is None, f"seed {self.seed}: {name} ended by itself"
        program.kill()
        program.wait()

    def is_held(self, name: str) -> bool:
        return any(call.startswith(f"{name}-") for call in self.house.upstream.held)

    def said(self) -> dict[str, str]:
        """What came of each call that its program could still tell of."""
        lines = [
            line
            for path in self.house.folder.glob("*.said")
            for line in path.read_text().splitlines()
        ]
        return dict(json.loads(line) for line in lines if line.endswith("]"))


@contextmanager
def watched(path):
    """Gives a function that ends the watch and says what was seen."""
    program = [sys.executable, str(ROOT / "tests/faults/witness.py"), str(path)]
    watching = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield lambda: json.loads(watching.communicate(timeout=30)[0])
    finally:
        stop(watching)


def spend(month: Month) -> None:
    """All at once; four die between reserve and settle, and three wherever they are just then."""
    house, upstream = month.house, month.house.upstream
    month.begin("sdks", "openai+anthropic", priority="essential")
    month.begin("way", "openai+google", "way")
    month.begin("near")
    month.begin("spare", priority="optional")
    month.begin("far", where="far")
    for name in ("near", "far", "way"):
        month.begin(f"{name}held", where=name, calls=10**6, held_from=month.chance.randrange(6))
        month.begin(f"{name}dies", where=name, calls=10**6)
    month.until(lambda: month.is_held("wayheld"))
    house.gateways[-1].kill()
    house.gateways[-1].wait()
    house.started()
    for name in ("near", "far", "way"):
        month.until(lambda name=name: month.is_held(f"{name}held"))
        month.kill(f"{name}held")
        served = len(upstream.requests) + month.chance.randrange(1, 20)
        month.until(lambda served=served: len(upstream.requests) >= served)
        month.kill(f"{name}dies")
    month.until(lambda: all(program.poll() is not None for program in month.programs.values()))
    assert {program.returncode for program in month.programs.values()} == {0}


@pytest.mark.parametrize("seed", SEEDS)
def test_whoever_dies_no_cap_is_passed_and_the_ledger_is_the_bill(tmp_path, seed):
    with two_networks() as networks, Upstream() as upstream:
        house = GatewayHouse(tmp_path, upstream, networks.hub_address, networks.in_hub)
        house.reach_upstream_from(networks.hub, networks.guest)
        month = Month(house, networks, seed)
        witness.stand_by(house.home.ledger)
        try:
            house.started()
            with watched(house.home.ledger) as ended:
                spend(month)
                assert stop(house.gateways[-1]) == 0
                house.accounts.expire(time.time_ns() // 1_000 + LATER_US)
                held_at_every_moment(house, ended(), seed)
            is_the_bill(month, seed)
            saw_everything(month)
        finally:
            for program in month.programs.values():
                stop(program)
            house.end()


def held_at_every_moment(house, seen, seed):
    changes, breaches = witness.testimony(house.home.ledger)

    assert breaches == [], f"seed {seed}"
    assert seen["wrong"] == [], f"seed {seed}"
    assert changes > 200
    assert seen["looks"] > 20


def is_the_bill(month, seed):
    """Call by call; one that was tried again has a row for each time."""
    rows, lines, said = defaultdict(list), defaultdict(list), month.said()
    for row in month.house.rows:
        rows[row.job_key].append(row)
    for line in month.house.upstream.bill:
        lines[line.call].append(line)

    assert set(lines) <= set(rows), f"seed {seed}: something was served and not reserved"
    for call, its_rows in rows.items():
        who = f"seed {seed}, {call}, which said {said.get(call)}: {its_rows}, {lines[call]}"
        agrees(its_rows, lines[call], who)
        if said.get(call) == "whole":
            assert [row.source for row in its_rows].count("usage") == 1, who


def agrees(rows, lines, who):
    """What ended is charged as it is counted; what is not known costs at most what is counted."""
    charged = [(line.nano_usd, line.micro("1383")) for line in lines]
    for row in rows:
        if row.source == "usage":
            assert (row.nano_usd, row.gross_micro) in charged, who
            charged.remove((row.nano_usd, row.gross_micro))
    doubtful = [row.gross_micro for row in rows if row.source in ("estimated", "unverified")]

    assert len(charged) <= len(doubtful), who
    assert sum(micro for _, micro in charged) <= sum(doubtful), who


def saw_everything(month):
    """What this test is about did happen: else it would show nothing."""
    rows, said = month.house.rows, month.said()
    keys = [row.job_key for row in rows]

    assert {row.source for row in rows} == {"usage", "estimated", "unverified", ""}
    assert len(set(keys)) < len(keys)
    assert {row.attempt for row in rows} >= {1, 2}
    assert {"whole", "left", "402", "ConnectError"} <= set(said.values())
    for name in ("sdks", "near", "spare", "far", "way"):
        own = [row.source for row in rows if row.job_key.startswith(f"{name}-")]
        assert own.count("usage") >= 1, name
