"""A gateway in a process of its own over a ledger with money, and an upstream that bills."""

import signal
import ssl
import subprocess
import sys
import time
from pathlib import Path

import httpx

from data.home import Home
from data.tokens import GATEWAY, Spending, create
from sallim.ledger.accounts import Accounts
from tests.house import CHAT, House
from tests.processes import ROOT, environ_of, free_port, stop, until
from tests.standins.upstream import Upstream

KEYS = {name: f"sk-{name}-of-the-house-0123456789" for name in ("openai", "anthropic", "google")}
LISTENS = "the gateway listens at"
UPSTREAM = """
[[upstream]]
name = "{name}"
provider = "{name}"
url = "{url}"
key = "{variable}"
"""


class GatewayHouse(House):
    """`before` is put in front of the gateway's command, for a namespace of its own."""

    def __init__(
        self, folder: Path, upstream: Upstream, host="127.0.0.1", before: tuple[str, ...] = ()
    ) -> None:
        self.folder, self.host, self.before = folder, host, before
        self.settings = ""
        self.certificate = ""
        self.gateways: list[subprocess.Popen] = []
        self.pipes: list[subprocess.Popen] = []
        self.home = Home(folder / "home")
        self.home.make()
        self.home.ledger_folder.mkdir(exist_ok=True)
        super().__init__(Accounts.open(self.home.ledger), upstream)
        self.port = free_port()
        self.url = f"http://{self.host}:{self.port}"
        self.log = self.folder / "gateway.log"
        self.token = self.made("laptop")

    def made(self, name: str, **spending) -> str:
        """A token."""
        return create(self.home, name, time.time(), [GATEWAY], Spending(**spending))

    def environ(self) -> dict[str, str]:
        keys = {f"{name.upper()}_KEY_HERE": key for name, key in KEYS.items()}
        keys["XDG_STATE_HOME"] = str(self.folder / "state")
        return environ_of(self.home, **keys, SALLIM_CONFIG=str(self.home.path / "sallim.toml"))

    def write_settings(self) -> None:
        text = f'[gateway]\nlisten = "{self.host}:{self.port}"\n{self.settings}'
        for name in KEYS:
            url, variable = f"{self.upstream.url}/{name}", f"{name.upper()}_KEY_HERE"
            text += UPSTREAM.format(name=name, url=url, variable=variable)
        (self.home.path / "sallim.toml").write_text(text)

    def start(self) -> subprocess.Popen:
        self.write_settings()
        self._listened = self.log.read_text().count(LISTENS) if self.log.exists() else 0
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
        until(lambda: process.poll() is not None or (self.has_port() and self.answers()))
        assert process.poll() is None, self.log.read_text()
        return process

    def has_port(self) -> bool:
        """Whether the last one listens: what answers may be of another test, which came first."""
        return self.log.read_text().count(LISTENS) > self._listened

    def answers(self) -> bool:
        """Asked from where it runs."""
        ask = ("curl", "-sk", "--noproxy", "*", "--max-time", "5", f"{self.url}/health")
        return (
            subprocess.run([*self.before, *ask], check=False, capture_output=True).returncode == 0
        )

    def reach_upstream_from(self, *namespaces: str) -> None:
        """There, the upstream has the address that it has here, as a provider has on the internet.

        Over a Unix socket each, for namespaces share the file system.
        """
        program = [sys.executable, str(ROOT / "tests/agent/gateway/piping.py")]
        for number, name in enumerate(namespaces):
            path, port = self.folder / f"{number}.sock", str(self.upstream.port)
            near = [*program, "unix", str(path), port]
            far = ["ip", "netns", "exec", name, *program, "tcp", str(path), port]
            self.pipes.append(subprocess.Popen(near))
            until(path.exists)
            self.pipes.append(subprocess.Popen(far))

    def hang_up(self, says: str) -> str:
        """Ask the gateway to read its settings anew; its log, as soon as it says so once more."""
        before = self.log.read_text().count(says)
        self.gateways[-1].send_signal(signal.SIGHUP)
        until(lambda: self.log.read_text().count(says) > before)
        return self.log.read_text()

    def end(self) -> None:
        for process in (*self.gateways, *self.pipes):
            stop(process)
        self.accounts.close()

    def post(self, path="/openai/v1/chat/completions", json=None, token=None, **told):
        headers = {"Authorization": f"Bearer {token or self.token}", **told.pop("headers", {})}
        body = {} if "content" in told else {"json": CHAT if json is None else json}
        trusts = ssl.create_default_context(cafile=self.certificate or None)
        with httpx.Client(trust_env=False, timeout=20, verify=trusts) as client:
            return client.post(f"{self.url}{path}", headers=headers, **body, **told)

    def openai(self, base="/v1", **told):
        import openai

        told = {"api_key": self.token, "base_url": f"{self.url}{base}", **told}
        return openai.OpenAI(**told)
