"""An outbox over a real control file and a real worker process, whose clock a test moves."""

import re
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.outbox.sending import Outbox
from agent.outbox.setup import setup_of
from agent.outbox.workers import Worker
from agent.sampling import Clocks
from data.control import Control
from models.alerts import Alert, Severity
from models.messages import say
from models.settings import Settings
from tests.models.alerts.house import NOON

MARK = re.compile(r"#(\d+)/(\d+)")
ANSWER_SECONDS = 40.0


@dataclass
class Hands:
    """Both clocks, moved together; `step` moves the wall clock alone."""

    wall: float = NOON
    monotonic: float = 1000.0

    def clocks(self) -> Clocks:
        return Clocks(lambda: self.wall, lambda: self.monotonic)

    def move(self, seconds: float) -> None:
        self.wall += seconds
        self.monotonic += seconds


def settings_with(
    addresses: Mapping[str, str], public_url: str = "", **notify: Any
) -> tuple[Settings, dict[str, str]]:
    """Settings with a channel for each address, and the environment that has them."""
    channels = [{"name": name, "url": f"{name.upper()}_URL"} for name in addresses]
    shape = {
        "notify": {"language": "en", "test_day": "off", "channel": channels, **notify},
        "app": {"public_url": public_url},
    }
    environ = {f"{name.upper()}_URL": address for name, address in addresses.items()}
    return Settings.model_validate(shape), environ


@dataclass
class Post:
    """One outbox at work. `round` waits for what the worker has under way."""

    control: Control
    hands: Hands
    outbox: Outbox
    worker: Worker

    def put(self, severity: Severity = Severity.CRITICAL, key: str = "", **more: Any) -> int | None:
        with self.control.transaction() as connection:
            return self.put_in(connection, severity, key, **more)

    def put_in(
        self, connection: sqlite3.Connection, severity: Severity, key: str, **more: Any
    ) -> int | None:
        count = connection.execute("SELECT count(*) FROM alerts").fetchone()[0]
        name = key or f"event {count}"
        title = say("{name} happened", name=name)
        return self.outbox.put(connection, Alert(name, "incident", severity, title, **more))

    def take_over(self, addresses: Mapping[str, str], **notify: Any) -> None:
        settings, environ = settings_with(addresses, **notify)
        self.outbox.take_over(setup_of(settings, environ))

    def round(self, seconds: float = 1.0) -> None:
        self.hands.move(seconds)
        self.outbox.step()
        until = time.monotonic() + ANSWER_SECONDS
        while self.outbox.under_way and self.worker.is_running and time.monotonic() < until:
            if not self.worker.has_answers:
                time.sleep(0.005)
                continue
            self.outbox.step()

    def rounds(self, seconds: float, step: float = 1.0) -> None:
        for _ in range(int(seconds / step)):
            self.round(step)


@contextmanager
def posting(
    folder: Path,
    addresses: Mapping[str, str],
    hands: Hands | None = None,
    worker: Worker | None = None,
    **notify: Any,
) -> Iterator[Post]:
    hands, worker = hands or Hands(), worker or Worker()
    control = Control.open(folder / "control.sqlite3")
    outbox = Outbox(control, hands.clocks(), worker, chance=lambda: 0.5)
    post = Post(control, hands, outbox, worker)
    post.take_over(addresses, **notify)
    try:
        yield post
    finally:
        outbox.close()
        control.close()


def marks(texts: list[str]) -> list[str]:
    """Of all that was told, in the order in which it came."""
    return [found.group() for text in texts for found in MARK.finditer(text)]
