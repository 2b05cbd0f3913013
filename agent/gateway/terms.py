"""What the settings decide about calls: made at the start, and anew when they are taken over."""

import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from agent.gateway.bodies import Room
from agent.gateway.calls import Admission
from agent.gateway.cheaper import Cheaper
from agent.gateway.connecting import Connections
from agent.gateway.purse import QuickPurse
from agent.gateway.relay import Aside, Relay
from agent.gateway.upstreams import Upstream
from models.errors import ConfigError
from models.messages import say
from models.settings.gateway import Gateway
from models.settings.graceful import Graceful
from sallim.guard.bounding import Owner
from sallim.guard.labels import Labels
from sallim.guard.metering import Meter
from sallim.guard.spending import FilePurse
from sallim.ledger.statement_rows import Balance


@dataclass(frozen=True, slots=True)
class Terms:
    settings: Gateway
    upstreams: Mapping[str, Upstream]
    graceful: Sequence[Graceful] = ()

    @property
    def ready(self) -> list[str]:
        """Names of the providers that have a key or need none."""
        return sorted(name for name, upstream in self.upstreams.items() if upstream.ready)

    def needs_restart(self, other: Self) -> list[str]:
        """Keys of the settings that another start takes over, and nothing else."""
        ours, theirs = self.settings, other.settings
        names = ("listen", "also_listen", "tls_cert", "tls_key")
        return [name for name in names if getattr(ours, name) != getattr(theirs, name)]


@dataclass(frozen=True, slots=True)
class Means:
    """What stays while the terms change."""

    quick: QuickPurse
    purse: FilePurse
    connections: Connections
    room: Room
    aside: Aside

    def on(self, terms: Terms) -> tuple[Admission, Relay]:
        settings = terms.settings
        seconds = settings.client_timeout_seconds
        self.room.bytes_max, self.room.seconds = settings.body_max_mb * 1_000_000, seconds
        owner = Owner(settings.media_max_seconds or None, settings.tool_calls_max or None)
        admission = Admission(
            terms.upstreams,
            Meter(lambda: self.quick, Labels(), owner=owner),
            Meter(lambda: self.purse, Labels(), owner=owner),
            self.purse,
            self.room,
            self.aside,
            Cheaper(terms.graceful, self._balances, self.aside),
        )
        return admission, Relay(self.connections, self.aside, settings.timeout_seconds, seconds)

    def _balances(self) -> Sequence[Balance]:
        return self.purse.accounts.balances(time.time_ns() // 1_000)


Load = Callable[[], Terms]
"""Reads the settings. Raises ConfigError where they cannot be taken over."""


def check_certificate(settings: Gateway) -> None:
    """Raises ConfigError where TLS is wanted and cannot be spoken."""
    if settings.tls_cert:
        read_certificate(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), settings)


def read_certificate(context: ssl.SSLContext, settings: Gateway) -> None:
    """For connections from now on. Raises ConfigError; then the one before stays."""
    try:
        # Without a passphrase given here, OpenSSL would wait for somebody to type one.
        context.load_cert_chain(settings.tls_cert, settings.tls_key, password=lambda: "")
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            say(
                "[gateway] TLS cannot be spoken with tls_cert = {cert} and tls_key = {key} "
                "({reason}); both take a file in PEM form that this user may read, the key "
                "without a passphrase",
                cert=settings.tls_cert,
                key=settings.tls_key,
                reason=error.strerror or str(error),
            )
        ) from error
