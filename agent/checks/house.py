"""Checks of what Sallim keeps and of what runs: settings, home, agent, store, tokens, app."""

import http.client
import os
import shutil
import socket
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent.checks import Finding, absent, ok, problem
from data.home import Home
from data.locks import holder_of
from data.ops.report import MEGABYTE
from data.settings_file import check, last_good
from data.tokens import listed
from models.errors import ConfigError, StoreError
from models.messages import Message
from models.settings import Settings
from models.typed import typed

OTHERS = 0o007
OTHERS_BUT_PASS = 0o006
"""In a service's home, the owner's programs go through to the ledger's folder."""
GROUP_AND_OTHERS = 0o077
LETTERS = {OTHERS: "o-rwx", OTHERS_BUT_PASS: "o-rw", GROUP_AND_OTHERS: "go-rwx"}
WRITERS = "sallim"
"""The group that the installer makes for the owner's programs."""


def settings_file(path: Path | None, place: Home) -> tuple[Settings, list[Finding]]:
    """The settings to check everything else with: those that an agent would run with."""
    if path is None:
        return Settings(), [ok("settings", "no sallim.toml: the defaults are in force")]
    try:
        return check(path), [ok("settings", str(path))]
    except ConfigError as error:
        settings = last_good(place) or Settings()
        return settings, [problem("settings", str(found)) for found in error.problems]


def home(place: Home, settings: Settings) -> list[Finding]:
    if not place.path.exists():
        return [absent("home", f"{place.path} is made at the first start")]
    if not place.path.is_dir():
        text = f"{place.path} is no folder; choose another with SALLIM_HOME or --home"
        return [problem("home", text)]
    findings = [*_rights(place), *_closed(place), *_open_to_writers(place), *_room(place, settings)]
    return findings or [ok("home", f"{place.path}, {_free_mb(place):,} MB free")]


def _rights(place: Home) -> list[Finding]:
    if os.access(place.path, os.W_OK | os.X_OK):
        return []
    user = f"this user (id {os.geteuid()})"
    owner = place.path.stat().st_uid
    text = f"{user} may not write to {place.path}, which belongs to user id {owner}"
    return [problem("home", f"{text}; run this as that user, or `chown` the folder")]


def _closed(place: Home) -> list[Finding]:
    """Everything here is private; group rights are what services of one household share."""
    limits = {
        place.path: OTHERS_BUT_PASS,
        place.ops: OTHERS,
        place.socket: OTHERS,
        place.ledger_folder: OTHERS,
        place.ledger: OTHERS,
        place.control: GROUP_AND_OTHERS,
        place.tokens: GROUP_AND_OTHERS,
        place.bills: GROUP_AND_OTHERS,
        place.settings_last_good: GROUP_AND_OTHERS,
    }
    findings = []
    for path, forbidden in limits.items():
        mode = _mode(path)
        if mode is not None and mode & forbidden:
            text = f"others may open {path} (mode {mode:o}); close it with"
            findings.append(problem("home", f"{text} `chmod {LETTERS[forbidden]} {path}`"))
    return findings


def _open_to_writers(place: Home) -> list[Finding]:
    """A home that others pass through is a service's: its ledger is for the owner's programs."""
    home = _mode(place.path)
    if home is None or not home & 0o001:
        return []
    wanted = {place.ledger_folder: 0o2070}
    if _mode(place.ledger) is not None:  # Its first writer makes it, with the folder's group.
        wanted[place.ledger] = 0o060
    return [
        problem(
            "home",
            f"programs of the group {WRITERS} may not write {path}, so their jobs are not "
            "recorded; run `sudo make install` again, which opens it",
        )
        for path, rights in wanted.items()
        if not _is_shared(path, rights)
    ]


def _is_shared(path: Path, rights: int) -> bool:
    mode = _mode(path)
    try:
        return mode is not None and mode & rights == rights and path.group() == WRITERS
    except (KeyError, OSError):
        return False


def _mode(path: Path) -> int | None:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return None


def _free_mb(place: Home) -> int:
    return shutil.disk_usage(place.path).free // MEGABYTE


def _room(place: Home, settings: Settings) -> list[Finding]:
    free, least = _free_mb(place), settings.store.disk_free_min_mb
    if free >= least:
        return []
    text = f"{free:,} MB are free at {place.path}, and below {least:,} MB nothing is stored"
    return [problem("home", f"{text}; make room, or lower store.disk_free_min_mb")]


def agent(place: Home, health: Mapping[str, Any] | None) -> list[Finding]:
    """`health` is what `GET /health` answered, None when nobody did."""
    if health is None:
        holder = holder_of(place.lock)
        if holder is None:
            text = f"nobody answers at {place.socket}; start it with `make run`"
            return [absent("agent", f"{text}, or `systemctl start sallim-agent`")]
        text = f"process {holder} has this home and does not answer at {place.socket}"
        return [problem("agent", f"{text}; look at its log, then restart it")]
    found = [Message.from_json(shape) for shape in health["problems"]]
    # What bills lack is told by their own check, with the cure.
    asked = ("bill:", "cash:", "usage:", "prices:")
    found = [text for text in found if not str(text.values.get("name", "")).startswith(asked)]
    if found:
        return [problem("agent", f"{text}; see `{typed('status')}`") for text in found]
    return [ok("agent", f"version {health['version']} answers as process {health['pid']}")]


def store(place: Home, health: Mapping[str, Any] | None) -> list[Finding]:
    if health is None:
        if not place.ops.exists():
            return [absent("store", f"{place.ops} is made at the first start")]
        size = place.ops.stat().st_size / MEGABYTE
        return [ok("store", f"{place.ops}, {size:,.1f} MB; the agent checks it when it starts")]
    status = health["store"]
    size, size_max = status["size_bytes"] / MEGABYTE, status["size_max_bytes"] / MEGABYTE
    text = f"{status['state']}, {size:,.1f} of {size_max:,.0f} MB, {status['series']} series"
    if status["rows_lost"]:
        text += f"; {status['rows_lost']} rows were lost to damage, see {place.quarantine}"
    if status["state"] == "ok":
        return [ok("store", text)]
    reason = Message.from_json(status["reason"]) if status["reason"] else "see the agent's log"
    return [problem("store", f"{text}: {reason}")]


def listener(place: Home, settings: Settings) -> list[Finding]:
    address = settings.server.address
    if address is None:
        return [absent("listener", "server.listen is empty: /metrics only on the Unix socket")]
    findings = []
    if not _is_ours(address[0]):
        text = f"{address[0]} is no address of this machine; `ip address` lists them"
        findings.append(problem("listener", f"{text}, and server.listen names one"))
    try:
        names = [token.name for token in listed(place) if token.revoked_at is None]
    except StoreError as error:
        return [*findings, problem("listener", str(error))]
    if not names:
        text = "nobody has a token, so every request is refused; make one with"
        findings.append(problem("listener", f"{text} `{typed('token create NAME')}`"))
    return findings or [ok("listener", f"{settings.server.listen} for {', '.join(names)}")]


def _is_ours(host: str) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((host, 0))
        except OSError:
            return False
    return True


def app(settings: Settings) -> list[Finding]:
    address, port = settings.app.address, settings.app.port
    connection = http.client.HTTPConnection(address, port, timeout=2)
    try:
        connection.request("GET", "/_stcore/health")
        answer = connection.getresponse()
        healthy = answer.status == 200 and answer.read(100).strip() == b"ok"
    except ConnectionRefusedError:
        text = f"nobody answers at port {port}; start it with `make run`"
        return [absent("app", f"{text}, or `systemctl start sallim-app`")]
    except (OSError, http.client.HTTPException):
        healthy = False
    finally:
        connection.close()
    if not healthy:
        text = f"what answers at port {port} is not the app, or hangs; end it, or set app.port"
        return [problem("app", f"{text} to a free one, for example {port + 1}")]
    return [ok("app", f"answers at port {port}")]
