"""Rules of `sallim.toml` that a type and two limits cannot say, each with a value that works."""

import difflib
import re
import zoneinfo
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Protocol
from urllib.parse import urlsplit

from models.messages import Message, say

# `is_private` of the standard library also counts 0.0.0.0 (every interface) and documentation
# ranges; 100.64.0.0/10 is what Tailscale and carriers use and is not routed on the internet.
PRIVATE_NETWORKS = [
    ip_network(network)
    for network in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "::1/128",
        "fc00::/7",
    )
]


class Named(Protocol):
    """One entry of a list of tables."""

    @property
    def name(self) -> str: ...


class Wrong(ValueError):
    """A value breaks a rule.

    `message` has the places {where}, {key} and {value}, which are filled by whoever knows them.
    """

    def __init__(self, message: Message) -> None:
        super().__init__(message.template)
        self.message = message


def machine_name(name: str) -> str:
    """Raises Wrong unless the name can be a label and a heading."""
    if name != name.strip() or not name.isprintable() or len(name) > 64:
        raise Wrong(
            say(
                "{where}: {key} is {value}; it takes a name of at most 64 characters without "
                'control characters and without spaces around it, for example "gpu-1"'
            )
        )
    return name


def instance_name(name: str) -> str:
    """Raises Wrong unless the name fits a series, an address and a command line."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", name):
        raise Wrong(
            say(
                "{where}: {key} is {value}; it takes 1 to 40 letters, digits, dots, dashes and "
                'underscores, for example "main"'
            )
        )
    return name


def secret_name(name: str) -> str:
    """Raises Wrong unless empty or a name; the message never shows what may be the secret."""
    if name and not re.fullmatch(r"[A-Z][A-Z0-9_]{0,79}", name):
        raise Wrong(
            say(
                "{where}: {key} takes the NAME of an environment variable or credential, never "
                'the secret itself, for example "N8N_API_KEY"'
            )
        )
    return name


def once_each(entries: "tuple[Named, ...]") -> "tuple[Named, ...]":
    """Raises Wrong when two entries of a list bear one name."""
    names = [entry.name for entry in entries]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise Wrong(
            say(
                "{where}: two [[{key}]] are named {name}; give each a name of its own, for "
                "example {example}",
                name=twice,
                example=f'name = "{twice}-2"',
            )
        )
    return entries


def web_address(url: str) -> str:
    """Raises Wrong unless http(s)://host, without a user, a password or a fragment."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not url.isprintable():
        raise Wrong(
            say(
                "{where}: {key} is {value}; it takes an address that begins with http:// or "
                'https://, for example "http://127.0.0.1:5678"'
            )
        )
    if parts.username or parts.password:
        raise Wrong(
            say(
                "{where}: {key} holds a user or a password; write the address without it, and "
                "name the secret in the key that this section has for it"
            )
        )
    return url


def postgres_address(url: str) -> str:
    """Raises Wrong unless postgresql://user@host/database without a password."""
    _refuse_password(url)
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"} or not url.isprintable():
        raise Wrong(
            say(
                "{where}: {key} is {value}; it takes the address of a server and a database, for "
                'example "postgresql://sallim@127.0.0.1:5432/postgres"'
            )
        )
    return url


def redis_address(url: str) -> str:
    """Raises Wrong unless redis://host:port/number, rediss:// or unix://path."""
    _refuse_password(url)
    if urlsplit(url).scheme not in {"redis", "rediss", "unix"} or not url.isprintable():
        raise Wrong(
            say(
                "{where}: {key} is {value}; it takes the address of a server, for example "
                '"redis://127.0.0.1:6379/0"'
            )
        )
    return url


def endpoint_address(url: str) -> str:
    """Raises Wrong unless http(s)://, or tcp:// and tls:// with a port."""
    parts = urlsplit(url)
    if parts.scheme in {"tcp", "tls"} and parts.hostname and _has_port(url):
        return url
    if parts.scheme not in {"http", "https"}:
        raise Wrong(
            say(
                "{where}: {key} is {value}; it takes http://, https://, tcp:// or tls:// and a "
                'host, for example "https://api.example.com/healthz" or "tcp://127.0.0.1:5432"'
            )
        )
    return web_address(url)


def _has_port(url: str) -> bool:
    try:
        return urlsplit(url).port is not None
    except ValueError:
        return False


def _refuse_password(url: str) -> None:
    if urlsplit(url).password or "password=" in url.lower():
        raise Wrong(
            say(
                "{where}: {key} holds a password; write the address without it, and name the "
                "secret in password, for example "
                'password = "PG_PASSWORD"'
            )
        )


def absolute_path(path: str) -> str:
    """Raises Wrong unless the path is empty or absolute."""
    if path and not (path.startswith("/") and path.isprintable()):
        raise Wrong(
            say(
                "{where}: {key} is {value}; it takes a path that starts with /, "
                'for example "/host/proc"'
            )
        )
    return path


def time_zone(name: str) -> str:
    """Raises Wrong, with the nearest name, unless the zone is in the IANA list."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        close = difflib.get_close_matches(name, sorted(zoneinfo.available_timezones()), n=1)
        raise Wrong(
            say(
                "{where}: {key} is {value}; it takes a time zone of the IANA list, "
                'for example "{example}"',
                example=close[0] if close else "Asia/Seoul",
            )
        ) from error
    return name


def own_address(address: str) -> str:
    """Raises Wrong unless only this machine can reach it."""
    if address not in {"127.0.0.1", "::1", "localhost"}:
        raise Wrong(
            say(
                "{where}: {key} is {value}, and the app has no sign-in of its own; it takes "
                'this machine\'s address, for example "127.0.0.1", and others reach it by '
                "`ssh -L` or a reverse proxy that asks who they are"
            )
        )
    return address


def listening_address(listen: str) -> str:
    """Raises Wrong unless empty or an address that `host_and_port` accepts."""
    if listen:
        host_and_port(listen)
    return listen


def host_and_port(listen: str) -> tuple[str, int]:
    """Split "host:port"; IPv6 stands in brackets. Raises Wrong unless it is private.

    >>> host_and_port("localhost:9464"), host_and_port("[::1]:9464")
    (('127.0.0.1', 9464), ('::1', 9464))
    """
    host, _, port = listen.rpartition(":")
    address = _address(host)
    digits = port.isascii() and port.isdecimal() and len(port) <= 5
    if address is None or not digits or not 1024 <= int(port) <= 65535:
        raise Wrong(
            say(
                "{where}: {key} is {value}; it takes an address and a port from 1024 to 65535, "
                'for example "127.0.0.1:9464" or "[::1]:9464"'
            )
        )
    if not any(address in network for network in PRIVATE_NETWORKS):
        raise Wrong(
            say(
                "{where}: {key} is {value}, which strangers could reach; it takes this machine's "
                'own address or its address in a private network, for example "127.0.0.1:{port}" '
                'or "10.0.0.5:{port}"',
                port=port,
            )
        )
    return str(address), int(port)


def _address(host: str) -> IPv4Address | IPv6Address | None:
    bracketed = host.startswith("[") and host.endswith("]")
    if host == "localhost":
        return ip_address("127.0.0.1")
    try:
        address = ip_address(host[1:-1] if bracketed else host)
    except ValueError:
        return None
    return address if bracketed == (address.version == 6) else None
