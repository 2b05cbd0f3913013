"""All checks one after the other; one that cannot be carried out does not keep the others back."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from agent.checks import (
    Finding,
    bills,
    channels,
    fences,
    gateway,
    house,
    machine,
    money,
    problem,
    signin,
)
from data.home import Home
from data.reader import Reader
from data.settings_file import settings_path
from models.settings import Settings

Check = tuple[str, Callable[[], list[Finding]]]


def rounds(home: Home, environ: Mapping[str, str], root: Path) -> Iterator[Finding]:
    """Findings as they are found; `root` is the checkout or release folder."""
    settings, findings = house.settings_file(settings_path(environ, root, home), home)
    yield from findings
    for name, check in _checks(home, settings, root):
        yield from carried_out(name, check)


def carried_out(name: str, check: Callable[[], list[Finding]]) -> list[Finding]:
    """What a check found; that it failed is a finding too."""
    try:
        return check()
    except Exception as error:  # noqa: BLE001  # the finding tells it
        return [problem(name, f"could not be checked ({type(error).__name__}: {error})")]


def _checks(home: Home, settings: Settings, root: Path) -> list[Check]:
    health = Reader(home).health()

    def sources() -> list[Finding]:
        # What a collector needs to be imported may be what is missing.
        from agent.checks.sources import sources

        return sources(settings, time.time, time.monotonic)

    def services() -> list[Finding]:
        from agent.checks.services import services

        return services(home, settings, time.time)

    return [
        ("python", machine.python_version),
        ("packages", lambda: machine.packages(root / "requirements.txt")),
        ("clock", lambda: machine.clock(time.time(), Path(__file__), machine.kernel_clock)),
        ("time zone", lambda: machine.time_zone(settings)),
        ("home", lambda: house.home(home, settings)),
        ("agent", lambda: house.agent(home, health)),
        ("store", lambda: house.store(home, health)),
        ("listener", lambda: house.listener(home, settings)),
        ("app", lambda: house.app(settings)),
        ("sign-in", lambda: signin.signin(settings, os.environ)),
        ("money", lambda: money.money(home, settings, time.time())),
        ("caps", lambda: money.caps(settings)),
        ("prices", lambda: money.prices(settings)),
        ("quotas", lambda: money.quotas(settings)),
        ("rented", lambda: money.rented(Reader(home), settings)),
        ("gateway", lambda: gateway.answering(settings)),
        ("gateway certificate", lambda: gateway.certificate(settings, time.time())),
        ("bills", lambda: bills.bills(settings, os.environ, time.time())),
        ("fences", lambda: fences.fences(home, settings, os.environ, time.time())),
        ("channels", lambda: channels.channels(settings, os.environ)),
        ("sources", sources),
        ("services", services),
    ]
