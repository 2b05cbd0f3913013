"""Rules of `sallim.toml` for addresses: of services that are asked, and of those that listen."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from models.messages import Message, say
from models.settings.rules import Wrong
from models.settings.values import shown

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


def web_address_or_none(url: str) -> str:
    """Empty: none. Raises Wrong."""
    return web_address(url) if url else url


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
                'secret in password, for example "PG_PASSWORD"'
            )
        )


LOOPBACK = ("localhost", "127.0.0.1", "::1")


def app_address(address: str) -> str:
    """Raises Wrong unless it is of this machine or of a private network."""
    if address in LOOPBACK:
        return address
    known = _address(f"[{address}]" if ":" in address else address)
    if known is None or not _is_private(known):
        raise Wrong(
            say(
                "{where}: {key} is {value}, which strangers could reach without TLS; it takes "
                "this machine's address or its address in a private network, for example "
                '"127.0.0.1", and others reach it by `ssh -L`, a VPN or a reverse proxy'
            )
        )
    return address


def open_to_others(setting: str) -> Message:
    """Why an address is refused where nobody signs in."""
    return say(
        "{where}: {key} lets others reach an app that does not ask who they are; write {setting}, "
        'or keep it to this machine: {key} = "127.0.0.1"',
        setting=setting,
    )


def public_address(url: str) -> str:
    """Raises Wrong unless empty, https://, or http:// within a private network."""
    if not url:
        return url
    web_address(url)
    parts = urlsplit(url)
    if parts.query or parts.fragment or parts.path.strip("/") or not _is_guarded(url):
        raise Wrong(
            say(
                "{where}: {key} is {value}; it takes the address of a proxy that speaks TLS, with "
                'no path behind it, for example "https://sallim.example.com"'
            )
        )
    return url


def _is_guarded(url: str) -> bool:
    return urlsplit(url).scheme == "https" or is_near(url)


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
    host, port = any_host_and_port(listen)
    if not is_private_address(host):
        raise Wrong(
            say(
                "{where}: {key} is {value}, which strangers could reach; it takes this machine's "
                'own address or its address in a private network, for example "127.0.0.1:{port}" '
                'or "10.0.0.5:{port}"',
                port=str(port),
            )
        )
    return host, port


def any_host_and_port(listen: str) -> tuple[str, int]:
    """The same for whatever address. Raises Wrong unless it is one.

    >>> any_host_and_port("0.0.0.0:4000")
    ('0.0.0.0', 4000)
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
    return str(address), int(port)


def is_private_address(host: str) -> bool:
    return _is_private(ip_address(host))


def _address(host: str) -> IPv4Address | IPv6Address | None:
    bracketed = host.startswith("[") and host.endswith("]")
    if host == "localhost":
        return ip_address("127.0.0.1")
    try:
        address = ip_address(host[1:-1] if bracketed else host)
    except ValueError:
        return None
    return address if bracketed == (address.version == 6) else None


def any_listening_address(listen: str) -> str:
    """Raises Wrong unless `any_host_and_port` accepts it."""
    any_host_and_port(listen)
    return listen


def any_listening_addresses(listen: tuple[str, ...]) -> tuple[str, ...]:
    """Raises Wrong unless each is an address that `any_host_and_port` accepts."""
    for each in listen:
        try:
            any_host_and_port(each)
        except Wrong as wrong:
            # The value is the whole list; what is wrong is this one.
            told = {**wrong.message.values, "value": shown(each)}
            raise Wrong(Message(wrong.message.template, told)) from None
    return listen


def upstream_address(url: str) -> str:
    """Raises Wrong unless https://, or http:// within a private network: a key goes there."""
    web_address(url)
    parts = urlsplit(url)
    if parts.query or not (parts.scheme == "https" or is_near(url)):
        raise Wrong(
            say(
                "{where}: {key} is {value}; it takes an address that begins with https://, or "
                "with http:// in a private network, and has no question mark, for example "
                '"http://10.0.0.5:11434"'
            )
        )
    return url


def is_near(url: str) -> bool:
    """Whether it is of this machine or of a private network, by its address or its short name.

    >>> is_near("http://ollama:11434"), is_near("https://api.mistral.ai")
    (True, False)
    """
    host = urlsplit(url).hostname or ""
    address = _address(f"[{host}]" if ":" in host else host)
    return "." not in host if address is None else _is_private(address)


def _is_private(address: IPv4Address | IPv6Address) -> bool:
    return any(address in network for network in PRIVATE_NETWORKS)
