"""Which addresses may be asked: nobody's metadata, and what is private only where that is meant.

A name is resolved once, every address that it has is judged here, and the connection goes to the
judged address itself, so that a second answer of the resolver changes nothing.
"""

from collections.abc import Iterable
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from models.messages import Message, say

Address = IPv4Address | IPv6Address

_METADATA = [
    ip_network(network)
    for network in (
        "169.254.0.0/16",  # link-local: AWS, Google, Azure, Hetzner ... all answer at .169.254
        "fe80::/10",
        "fd00:ec2::/32",  # AWS
        "fd20:ce::254/128",  # Google
        "100.100.100.200/32",  # Alibaba
        "168.63.129.16/32",  # Azure's host, though its address is a public one
        "192.0.0.192/32",  # Oracle
    )
]
_NAT64 = [ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48")]
_NO_TARGET = [ip_network("224.0.0.0/4"), ip_network("ff00::/8"), ip_network("240.0.0.0/4")]
_COMPATIBLE = ip_network("::/96")
_USUAL_PORTS = {"http": 80, "https": 443}
_AS_IT_IS = "/%:@!$&'()*+,;=?~-._[]"


class Target(NamedTuple):
    """What an address in the settings says. `host` is as it stands in a certificate."""

    scheme: str
    host: str
    port: int
    path: str = "/"

    @property
    def is_tls(self) -> bool:
        return self.scheme in {"https", "tls"}

    @property
    def is_http(self) -> bool:
        return self.scheme in _USUAL_PORTS

    @property
    def authority(self) -> str:
        """Host and port as an HTTP request and a person write them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = _USUAL_PORTS.get(self.scheme) == self.port
        return host if usual else f"{host}:{self.port}"


def target_of(url: str) -> Target:
    """Take an address apart that the rules of the settings have let through.

    What is no ASCII is spelled as the protocols want it, and a fragment is left out.

    >>> target_of("https://[::1]:8443/a b?q=1#top")
    Target(scheme='https', host='::1', port=8443, path='/a%20b?q=1')
    >>> target_of("http://EXAMPLE.com").authority
    'example.com'
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    with suppress(UnicodeError):  # What IDNA refuses is left to the resolver to refuse.
        host = host if host.isascii() else host.encode("idna").decode()
    path = quote(parts.path or "/", safe=_AS_IT_IS)
    query = f"?{quote(parts.query, safe=_AS_IT_IS)}" if parts.query else ""
    port = parts.port or _USUAL_PORTS.get(parts.scheme, 0)
    return Target(parts.scheme, host, port, path + query)


def refusal(host: str, addresses: Iterable[str], *, allow_private: bool) -> Message | None:
    """Why none of these may be asked, or None. One bad address of a name spoils the name.

    >>> refusal("db", ["10.0.0.5"], allow_private=True)
    >>> str(refusal("db", ["10.0.0.5"], allow_private=False))[:36]
    'db means 10.0.0.5, which is an addre'
    """
    for text in addresses:
        for address in meanings(ip_address(text.partition("%")[0])):
            reason = _refusal(host, text, address, allow_private)
            if reason is not None:
                return reason
    return None


def meanings(address: Address) -> list[Address]:
    """The address, and every other one that a router may turn it into.

    >>> [str(meaning) for meaning in meanings(ip_address("64:ff9b::a9fe:a9fe"))]
    ['64:ff9b::a9fe:a9fe', '169.254.169.254']
    """
    if isinstance(address, IPv4Address):
        return [address]
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    # The two shapes that have no name in the standard library: the last 32 bits are an IPv4.
    if any(address in network for network in (*_NAT64, _COMPATIBLE)) and int(address) > 1:
        inner.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return [address, *(one for one in inner if one is not None)]


def _refusal(host: str, text: str, address: Address, allow_private: bool) -> Message | None:
    if any(address in network for network in _METADATA):
        return say(
            "{host} means {address}, which gives out a cloud machine's secrets and is never asked; "
            "write another host",
            host=host,
            address=text,
        )
    if any(address in network for network in _NO_TARGET):
        return say(
            "{host} means {address}, which is no single machine; write another host",
            host=host,
            address=text,
        )
    if allow_private or _is_outer_shape(address) or address.is_global:
        return None
    return say(
        "{host} means {address}, which is an address of this machine or of a private network; set "
        "allow_private = true if that is meant",
        host=host,
        address=text,
    )


def _is_outer_shape(address: Address) -> bool:
    """An IPv6 address that only carries an IPv4 one is judged by what it carries."""
    return len(meanings(address)) > 1
