"""A connection to an address that was judged first, and the times it took."""

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache

from agent.net.deadline import Deadline
from agent.net.resolving import ADDRESSES_MAX, Resolver
from models.addresses import Target, refusal
from models.endpoints import tls_problem
from models.messages import Message, say
from models.redaction import redact


class DialError(Exception):
    """No connection. `is_refusal`: the rules say no, and only a person can change that."""

    def __init__(self, reason: Message, *, is_refusal: bool = False) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.is_refusal = is_refusal


Times = dict[str, float]
"""Seconds by step, of the steps that came to their end."""


@dataclass(slots=True)
class Link:
    """An open connection; `certificate_until_at` is UTC epoch seconds."""

    socket: socket.socket
    address: str
    certificate_until_at: float | None = None

    def close(self) -> None:
        with suppress(OSError):
            self.socket.close()


@lru_cache(maxsize=8)
def tls_context(ca_file: str) -> ssl.SSLContext:
    """Loading the authorities takes 40 ms, so every check of the process shares one context."""
    return ssl.create_default_context(cafile=ca_file or None)


@dataclass(frozen=True, slots=True)
class Dialer:
    """How one collector connects: its own resolver, what it may reach, whom it believes."""

    allow_private: bool = True
    ca_file: str = ""
    resolver: Resolver = field(default_factory=Resolver)

    def dial(self, target: Target, deadline: Deadline, times: Times) -> Link:
        """Raises DialError. The name is resolved once, here; the connection goes to its address."""
        with _noted(times, "resolve"):
            addresses = self._addresses(target, deadline)
        reason = refusal(target.host, addresses, allow_private=self.allow_private)
        if reason is not None:
            raise DialError(reason, is_refusal=True)
        with _noted(times, "connect"):
            link = _connected(target, addresses, deadline)
        if target.is_tls:
            try:
                with _noted(times, "tls"):
                    self._shake_hands(link, target, deadline)
            except DialError:
                link.close()
                raise
        return link

    def _addresses(self, target: Target, deadline: Deadline) -> list[str]:
        try:
            return self.resolver.addresses(target.host, deadline)
        except TimeoutError:
            raise DialError(
                say(
                    "the name {host} was not resolved within {seconds} s; look at the DNS servers "
                    "of this machine (`resolvectl query {host}`)",
                    host=target.host,
                    seconds=f"{deadline.seconds:g}",
                )
            ) from None
        except OSError as error:
            raise DialError(
                say(
                    "the name {host} cannot be resolved ({reason}); check its spelling and its "
                    "DNS record",
                    host=target.host,
                    reason=reason_of(error),
                )
            ) from error

    def _shake_hands(self, link: Link, target: Target, deadline: Deadline) -> None:
        context = self._context()
        try:
            link.socket.settimeout(deadline.left())
            secured = context.wrap_socket(link.socket, server_hostname=target.host)
        except TimeoutError:
            raise DialError(
                say(
                    "{peer} accepts connections, but did not finish the TLS handshake within "
                    "{seconds} s; look at the program behind it",
                    peer=target.authority,
                    seconds=f"{deadline.seconds:g}",
                )
            ) from None
        except ssl.SSLCertVerificationError as error:
            raise DialError(
                tls_problem(target.host, error.verify_code, error.verify_message)
            ) from error
        except (OSError, ValueError) as error:
            raise DialError(
                say(
                    "{peer} speaks no TLS that this machine accepts ({reason}); check the port, "
                    "and that the server offers TLS 1.2 or newer",
                    peer=target.authority,
                    reason=reason_of(error),
                )
            ) from error
        link.socket = secured
        until = (secured.getpeercert() or {}).get("notAfter")
        link.certificate_until_at = ssl.cert_time_to_seconds(str(until)) if until else None

    def _context(self) -> ssl.SSLContext:
        try:
            return tls_context(self.ca_file)
        except OSError as error:
            raise DialError(
                say(
                    "the authorities in {path} cannot be used ({reason}); it must be a file of "
                    "certificates in PEM form that this program may read",
                    path=self.ca_file or "the system's store",
                    reason=reason_of(error),
                ),
                is_refusal=True,
            ) from error


@contextmanager
def _noted(times: Times, step: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    times[step] = time.monotonic() - started


def reason_of(error: Exception) -> str:
    """What the system says, without its number."""
    return getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)


def shown(error: Exception) -> str:
    """What a foreign error says, on one short line that may be shown."""
    text = "".join(sign for sign in redact(reason_of(error)) if sign.isprintable())
    return text[:80].strip() or type(error).__name__


def _connected(target: Target, addresses: list[str], deadline: Deadline) -> Link:
    """The first address that answers; each gets its share of the time."""
    tried = addresses[:ADDRESSES_MAX]
    failure: OSError = OSError("no address")
    for index, address in enumerate(tried):
        try:
            return Link(_open(address, target.port, deadline.share(len(tried) - index)), address)
        except OSError as error:
            failure = error
    raise DialError(_no_connection(target, tried, failure, deadline)) from failure


def _open(address: str, port: int, seconds: float) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.settimeout(seconds)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.connect((address, port))
    except BaseException:
        opened.close()
        raise
    return opened


def _no_connection(
    target: Target, addresses: list[str], failure: OSError, deadline: Deadline
) -> Message:
    where = ", ".join(addresses)
    if isinstance(failure, TimeoutError):
        return say(
            "{peer} ({address}) does not answer within {seconds} s; look whether the machine is "
            "on, and whether a firewall drops what is sent to it",
            peer=target.authority,
            address=where,
            seconds=f"{deadline.seconds:g}",
        )
    if isinstance(failure, ConnectionRefusedError):
        return say(
            "{peer} ({address}) refuses the connection: no program listens there; start it, or "
            "correct the port",
            peer=target.authority,
            address=where,
        )
    return say(
        "{peer} ({address}) cannot be reached ({reason}); look at the network of both machines",
        peer=target.authority,
        address=where,
        reason=reason_of(failure),
    )
