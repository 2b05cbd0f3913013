"""Every key of `sallim.toml`: type, default, limits and meaning. The unit is the name's last word.

`docs/settings.md` and `sallim.toml.example` are generated from this file; what is said about a
value that does not work is made in `models/settings/problems.py`.
"""

import zoneinfo
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from models.settings.addresses import (
    LOOPBACK,
    app_address,
    host_and_port,
    listening_address,
    open_to_others,
    public_address,
)
from models.settings.analysis import Analysis, of_known_n8n
from models.settings.automation import Automation
from models.settings.beat import Beat
from models.settings.bill import Bill, exports_have_a_path
from models.settings.budget import Budget
from models.settings.endpoint import Endpoint
from models.settings.exchange import Exchange
from models.settings.fence import Fence
from models.settings.fixed import Fixed
from models.settings.gateway import Gateway, Upstream
from models.settings.graceful import Graceful, of_known_budgets
from models.settings.metered import Metered
from models.settings.n8n import N8n
from models.settings.notify import Notify
from models.settings.oidc import Oidc
from models.settings.ollama import Ollama
from models.settings.pool import Pool
from models.settings.postgres import Postgres
from models.settings.prepaid import PrepaidRule
from models.settings.price import Price
from models.settings.quota import Quota
from models.settings.redis import Redis
from models.settings.rented import Rented
from models.settings.rules import Wrong, machine_name, once_each, time_zone
from models.settings.scrape import Scrape
from models.settings.section import AbsolutePath, Section, Switch, interval, series, switch, timeout
from models.settings.service import Service, can_be_stopped
from models.settings.sqlite import Sqlite
from models.settings.target import Target
from models.settings.waiting import Waiting


class Machine(Section):
    name: Annotated[str, AfterValidator(machine_name)] = Field(
        default="",
        description="Name of this machine in every series; empty: the host name",
        json_schema_extra={"limits": "at most 64 characters"},
    )
    procfs: AbsolutePath = Field(
        default="",
        description="Where a container sees the host's /proc, like `/host/proc`; empty: `/proc`",
        json_schema_extra={"limits": "a folder with `stat` in it"},
    )


class House(Section):
    timezone: Annotated[str, AfterValidator(time_zone)] = Field(
        default="Asia/Seoul",
        description="Zone of the budget month, and of times where the browser names none",
        json_schema_extra={"limits": "a name of the IANA list"},
    )
    language: Literal["auto", "ko", "en"] = Field(
        default="auto", description="Language of the app; `auto` follows the browser"
    )
    signin: Literal["required", "off"] = Field(
        default="required",
        description="Who opens the app signs in first; `off`: everybody on this machine may look, "
        "and nobody may change anything",
    )

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.timezone)


class Host(Section):
    enabled: Switch = switch("the host")
    interval_seconds: float = interval(10)
    live_interval_seconds: float = Field(
        default=2, ge=1, le=60, description="The same while somebody looks, where it is shorter"
    )
    timeout_seconds: float = timeout(5)
    series_max: int = series(250)


class Gpu(Host):
    """The keys of the host, with its own cap, and the table of processes."""

    enabled: Switch = switch("NVIDIA cards")
    series_max: int = series(400)
    process_interval_seconds: float = Field(
        default=30, ge=5, le=3600, description="Time between two looks at a card's processes"
    )


class Processes(Section):
    enabled: Switch = switch("the largest processes")
    interval_seconds: float = interval(30)
    timeout_seconds: float = timeout(10)
    series_max: int = series(100)
    top_n: int = Field(
        default=10, ge=1, le=100, description="Units kept by CPU, and as many by memory"
    )


class Itself(Section):
    enabled: Switch = switch("what the agent itself costs")
    interval_seconds: float = interval(10)
    timeout_seconds: float = timeout(5)
    series_max: int = series(60)


class Collectors(Section):
    host: Host = Host()
    gpu: Gpu = Gpu()
    processes: Processes = Processes()
    itself: Itself = Itself()


class Store(Section):
    size_max_mb: int = Field(
        default=1000, ge=100, le=1_000_000, description="Size of the store; the oldest goes first"
    )
    batch_seconds: float = Field(
        default=10, ge=1, le=60, description="Time between two writes; a crash loses as much"
    )
    # The limits below begin at the defaults, because pages count on that much history; a small
    # disk is served by size_max_mb.
    raw_hours: int = Field(
        default=48, ge=48, le=720, description="How long values of 10 seconds are kept"
    )
    minute_days: int = Field(
        default=30, ge=30, le=400, description="How long values of 1 minute are kept"
    )
    ten_minute_days: int = Field(
        default=400, ge=400, le=4000, description="How long values of 10 minutes are kept"
    )
    disk_free_min_mb: int = Field(
        default=200, ge=10, le=1_000_000, description="Writing pauses when the disk has less room"
    )


class Query(Section):
    rows_max: int = Field(
        default=200_000, ge=1000, le=5_000_000, description="A larger answer is refused"
    )
    seconds_max: float = Field(default=5, ge=0.5, le=60, description="A longer query is stopped")


class Server(Section):
    listen: Annotated[str, AfterValidator(listening_address)] = Field(
        default="",
        description="Where holders of a token read /metrics, and probes, heartbeats and jobs are "
        "sent to, like `127.0.0.1:9464`; empty: on the Unix socket only",
        json_schema_extra={"limits": "a private address and a port from 1024 to 65535"},
    )

    @property
    def address(self) -> tuple[str, int] | None:
        return host_and_port(self.listen) if self.listen else None


class App(Section):
    port: int = Field(default=8501, ge=1024, le=65535, description="Port of the app")
    address: Annotated[str, AfterValidator(app_address)] = Field(
        default="127.0.0.1",
        description="Address of the app: this machine alone; others come by `ssh -L`, proxy or VPN",
        json_schema_extra={"limits": '`"localhost"`, or an address of a private network'},
    )
    public_url: Annotated[str, AfterValidator(public_address)] = Field(
        default="",
        description="How people reach it from elsewhere, like `https://sallim.example.com`: links, "
        "those of messages too, begin with it, and it is let in by that name; empty: messages have "
        "no links",
        json_schema_extra={"limits": "https://, or http:// in a private network"},
    )

    @property
    def url(self) -> str:
        """Without a slash at its end."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return self.public_url.rstrip("/") or f"http://{host}:{self.port}"

    @property
    def hosts(self) -> list[str]:
        """The names that it answers to: with others, somebody tricks a browser."""
        named = urlsplit(self.public_url).hostname
        return list(dict.fromkeys((*LOOPBACK, self.address, *([named] if named else ()))))


def is_safe_without(app: App, info: ValidationInfo) -> App:
    """Raises Wrong where others could reach an app that does not ask who they are."""
    if "house" not in info.data or app.address in LOOPBACK:
        return app
    if info.data.get("demo"):
        raise Wrong(open_to_others("demo = false"), ("address",))
    if info.data["house"].signin != "required":
        raise Wrong(open_to_others('[house] signin = "required"'), ("address",))
    return app


class Log(Section):
    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Lines below this level are not written"
    )


class Settings(Section):
    """All settings; `Settings()` is what runs with no file."""

    demo: bool = Field(default=False, description="Marks every page: the data is made up")
    machine: Machine = Machine()
    house: House = House()
    collectors: Collectors = Collectors()
    store: Store = Store()
    query: Query = Query()
    server: Server = Server()
    app: App = App()
    log: Log = Log()
    budget: Budget = Budget()
    automation: Automation = Automation()
    fence: Fence = Fence()
    waiting: Waiting = Waiting()
    exchange: Exchange = Exchange()
    prepaid: PrepaidRule = PrepaidRule()
    gateway: Gateway = Gateway()
    notify: Notify = Notify()
    oidc: Oidc = Oidc()
    n8n: tuple[N8n, ...] = Field(default=(), strict=False)
    postgres: tuple[Postgres, ...] = Field(default=(), strict=False)
    redis: tuple[Redis, ...] = Field(default=(), strict=False)
    sqlite: tuple[Sqlite, ...] = Field(default=(), strict=False)
    endpoint: tuple[Endpoint, ...] = Field(default=(), strict=False)
    scrape: tuple[Scrape, ...] = Field(default=(), strict=False)
    ollama: tuple[Ollama, ...] = Field(default=(), strict=False)
    beat: tuple[Beat, ...] = Field(default=(), strict=False)
    analysis: tuple[Analysis, ...] = Field(default=(), strict=False)
    price: tuple[Price, ...] = Field(default=(), strict=False)
    fixed: tuple[Fixed, ...] = Field(default=(), strict=False)
    rented: tuple[Rented, ...] = Field(default=(), strict=False)
    metered: tuple[Metered, ...] = Field(default=(), strict=False)
    bill: tuple[Bill, ...] = Field(default=(), strict=False)
    quota: tuple[Quota, ...] = Field(default=(), strict=False)
    upstream: tuple[Upstream, ...] = Field(default=(), strict=False)
    service: tuple[Service, ...] = Field(default=(), strict=False)
    graceful: tuple[Graceful, ...] = Field(default=(), strict=False)
    target: tuple[Target, ...] = Field(default=(), strict=False, max_length=50)
    pool: tuple[Pool, ...] = Field(default=(), strict=False, max_length=20)

    _unique = field_validator(
        "n8n",
        "postgres",
        "redis",
        "sqlite",
        "endpoint",
        "scrape",
        "ollama",
        "beat",
        "analysis",
        "price",
        "fixed",
        "rented",
        "metered",
        "bill",
        "quota",
        "upstream",
        "service",
        "graceful",
        "target",
        "pool",
    )(once_each)
    _is_safe_without = field_validator("app")(is_safe_without)
    _of_known_n8n = field_validator("analysis")(of_known_n8n)
    _can_be_stopped = field_validator("service")(can_be_stopped)
    _by_known_budgets = field_validator("graceful")(of_known_budgets)
    _exports_have_a_path = field_validator("bill")(exports_have_a_path)

    @property
    def asks_who(self) -> bool:
        """Whether people sign in; where they do not, they may look and no more."""
        return self.house.signin == "required" and not self.demo
