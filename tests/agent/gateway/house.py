"""A gateway in a process of its own over a ledger with money, and an upstream that bills."""

import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from data.home import Home
from data.tokens import GATEWAY, Spending, create
from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import Period
from tests.processes import ROOT, environ_of, free_port, stop, until
from tests.sallim.money import EXCHANGE, SEOUL, WON, budget
from tests.standins.upstream import Upstream

DAY_US = 86_400_000_000
KEYS = {name: f"sk-{name}-of-the-house-0123456789" for name in ("openai", "anthropic", "google")}
CHAT = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "What keeps a house?"}]}
UPSTREAM = """
[[upstream]]
name = "{name}"
provider = "{name}"
url = "{url}"
key = "{variable}"
"""


@dataclass
class House:
    """`before` is put in front of the gateway's command, for a namespace of its own."""

    folder: Path
    upstream: Upstream
    host: str = "127.0.0.1"
    settings: str = ""
    before: tuple[str, ...] = ()
    gateways: list[subprocess.Popen] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.home = Home(self.folder / "home")
        self.home.make()
        self.home.ledger_folder.mkdir()
        self.accounts = Accounts.open(self.home.ledger)
        now_us = time.time_ns() // 1_000
        self.months = [Period(SEOUL, now_us - 15 * DAY_US, now_us + 15 * DAY_US)]
        self.cap(15_000)
        self.accounts.put_exchange([EXCHANGE._replace(fetched_us=now_us)])
        self.port = free_port()
        self.url = f"http://{self.host}:{self.port}"
        self.log = self.folder / "gateway.log"
        self.token = self.made("laptop")

    def cap(self, won: float, *others) -> None:
        rules = [budget(cap_micro=int(won * WON)), *others]
        self.accounts.put_budgets(rules, self.months)

    def made(self, name: str, **spending) -> str:
        """A token."""
        return create(self.home, name, time.time(), [GATEWAY], Spending(**spending))

    def environ(self) -> dict[str, str]:
        keys = {f"{name.upper()}_KEY_HERE": key for name, key in KEYS.items()}
        keys["XDG_STATE_HOME"] = str(self.folder / "state")
        return environ_of(self.home, **keys, SALLIM_CONFIG=str(self.home.path / "sallim.toml"))

    def start(self) -> subprocess.Popen:
        text = f'[gateway]\nlisten = "{self.host}:{self.port}"\n{self.settings}'
        for name in KEYS:
            url, variable = f"{self.upstream.url}/{name}", f"{name.upper()}_KEY_HERE"
            text += UPSTREAM.format(name=name, url=url, variable=variable)
        (self.home.path / "sallim.toml").write_text(text)
        command = [*self.before, sys.executable, "-m", "agent", "gateway"]
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=self.environ(), stdout=log, stderr=log
            )
        self.gateways.append(process)
        return process

    def started(self) -> subprocess.Popen:
        """From the moment it answers."""
        process = self.start()
        until(lambda: process.poll() is not None or self.answers())
        assert process.poll() is None, self.log.read_text()
        return process

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", trust_env=False).status_code in (200, 503)
        except httpx.HTTPError:
            return False

    def end(self) -> None:
        for process in self.gateways:
            stop(process)
        self.accounts.close()

    def post(self, path="/openai/v1/chat/completions", json=None, token=None, **told):
        headers = {"Authorization": f"Bearer {token or self.token}", **told.pop("headers", {})}
        body = {} if "content" in told else {"json": CHAT if json is None else json}
        with httpx.Client(trust_env=False, timeout=20) as client:
            return client.post(f"{self.url}{path}", headers=headers, **body, **told)

    @property
    def rows(self):
        return self.accounts.calls_since(0, 100_000)

    @property
    def row(self):
        (row,) = self.rows
        return row

    @property
    def used(self) -> tuple[int, int, int]:
        """Settled, reserved, unverified, in micro-won."""
        balance = self.accounts.balances(time.time_ns() // 1_000)[0]
        return balance.settled_micro, balance.reserved_micro, balance.unverified_micro

    def ends(self, calls: int = 1):
        """The rows, as soon as none of them is open."""
        until(lambda: len(self.rows) >= calls and all(row.state != "open" for row in self.rows), 30)
        return self.rows

    def equals_the_bill(self, calls: int) -> None:
        bill = self.upstream.settled_bill(calls)
        rows = self.ends(calls)

        assert len(bill) == len(rows) == calls
        assert {(row.state, row.source) for row in rows} == {("settled", "usage")}
        assert sorted(row.nano_usd for row in rows) == sorted(line.nano_usd for line in bill)
        assert self.used == (self.upstream.bill_micro(), 0, 0)

    def openai(self, base="/v1", **told):
        import openai

        told = {"api_key": self.token, "base_url": f"{self.url}{base}", **told}
        return openai.OpenAI(**told)
