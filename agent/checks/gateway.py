"""Checks of the gateway, as those who call it will see it: whether it answers, its certificate."""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Collection, Mapping
from contextlib import closing, suppress
from datetime import UTC, datetime
from typing import Any

from agent.checks import Finding, absent, ok, problem
from models.errors import ConfigError
from models.messages import say
from models.settings import Settings
from models.settings.gateway import Gateway
from models.tiers import DAY_SECONDS

ANSWERS, NAME = "gateway", "gateway certificate"
SECONDS, SAID_BYTES_MAX, OK = 2, 1_000, 200
WARN_DAYS = 14
"""As the certificates of endpoints."""
NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL: when it ends is told here, with the date."""
TURNS = 10
HERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # compared, not listened at
"""Of addresses that mean every one of this machine, one that can be asked."""


def answering(settings: Settings) -> list[Finding]:
    """Whether it is there; nothing where it need not be."""
    gateway = settings.gateway
    try:
        status = _health(gateway)
    except ConnectionRefusedError:
        return [_silent(gateway.url)] if gateway.enabled else []
    if status == OK:
        return [ok(ANSWERS, say("answers at {url}", url=gateway.url))]
    if status:
        text = say(
            "it answers at {url} and cannot read the ledger, so it lets nothing through; the lines "
            "on budget and agent say why",
            url=gateway.url,
        )
        return [problem(ANSWERS, text)]
    if not gateway.enabled:
        return []
    text = say(
        "what answers at {url} is not the gateway, or hangs; end it, or set gateway.listen to a "
        "free port",
        url=gateway.url,
    )
    return [problem(ANSWERS, text)]


def _health(gateway: Gateway) -> int:
    """The status of its own answer; 0 of anything else. Raises ConnectionRefusedError."""
    host, port = gateway.addresses[0]
    host = HERE.get(host, host)
    try:
        connection = (
            http.client.HTTPSConnection(
                host, port, timeout=SECONDS, context=_trusting(gateway.tls_cert)
            )
            if gateway.tls_cert
            else http.client.HTTPConnection(host, port, timeout=SECONDS)
        )
        with closing(connection):
            connection.request("GET", "/health")
            answer = connection.getresponse()
            return answer.status if b'"status"' in answer.read(SAID_BYTES_MAX) else 0
    except ConnectionRefusedError:
        raise
    except (OSError, http.client.HTTPException):
        return 0


def _silent(url: str) -> Finding:
    return absent(
        ANSWERS,
        say(
            "nobody answers at {url}; start it with {command}, or {service}",
            url=url,
            command="`make run`",
            service="`systemctl start sallim-gateway`",
        ),
    )


def certificate(settings: Settings, now: float) -> list[Finding]:
    """`now` is UTC epoch seconds. Nothing where no TLS is spoken."""
    gateway = settings.gateway
    if not gateway.tls_cert:
        return []
    # What the gateway alone needs may be what is missing.
    from agent.gateway.terms import read_certificate

    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        read_certificate(server, gateway)
        told = _seen(server, gateway.tls_cert)
    except ConfigError as error:
        return [problem(NAME, str(each)) for each in error.problems]
    except (ssl.SSLError, OSError) as error:
        text = say(
            "{path} cannot be used for a server ({reason}); take one that is made for TLS servers",
            path=gateway.tls_cert,
            reason=str(error),
        )
        return [problem(NAME, text)]
    hosts = [host for host, _port in gateway.addresses if host not in HERE]
    return [_lasts(told, gateway.tls_cert, now), *_covers(_names(told), hosts)]


def _seen(server: ssl.SSLContext, path: str) -> Mapping[str, Any]:
    """What a client is shown, by a handshake in memory that trusts the certificate itself."""
    client = _trusting(path)
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(back, there)
    answering = server.wrap_bio(there, back, server_side=True)
    for _ in range(TURNS):
        for side in (asking, answering):
            with suppress(ssl.SSLWantReadError):
                side.do_handshake()
    return asking.getpeercert() or {}


def _trusting(path: str) -> ssl.SSLContext:
    """Trusts that certificate, whatever its name and its time. Raises OSError."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_flags = client.verify_flags | ssl.VERIFY_X509_PARTIAL_CHAIN | NO_CHECK_TIME
    client.load_verify_locations(path)
    return client


def _lasts(told: Mapping[str, Any], path: str, now: float) -> Finding:
    since, until = (ssl.cert_time_to_seconds(told[key]) for key in ("notBefore", "notAfter"))
    day = f"{datetime.fromtimestamp(until, UTC):%Y-%m-%d}"
    days = int((until - now) // DAY_SECONDS)
    values: dict[str, str | int] = {"path": path, "day": day, "days": days}
    if now >= until:
        text = say("{path} ended on {day}, so callers refuse it; renew it and reload", **values)
        return problem(NAME, text)
    if now < since:
        day = f"{datetime.fromtimestamp(since, UTC):%Y-%m-%d}"
        text = say("{path} begins on {day}; look at the clock of this machine", path=path, day=day)
        return problem(NAME, text)
    if days < WARN_DAYS:
        text = say("{path} ends on {day}, in {days} days; renew it and reload", **values)
        return problem(NAME, text)
    return ok(NAME, say("its key belongs to it; it ends on {day}, in {days} days", **values))


def _names(told: Mapping[str, Any]) -> list[str]:
    pairs = told.get("subjectAltName", ())
    return [value for kind, value in pairs if kind in ("DNS", "IP Address")]


def _covers(names: Collection[str], hosts: Collection[str]) -> list[Finding]:
    if not names:
        text = say(
            "it has no name (subjectAltName), so no caller takes it; make one for the name or the "
            "address that callers use"
        )
        return [problem(NAME, text)]
    covered = {address for name in names for address in _addresses(name)}
    return [
        absent(
            NAME,
            say(
                "{host} is none of its names ({names}), so callers must use one of those; https:// "
                "and {host} is refused by them",
                host=host,
                names=", ".join(names),
            ),
        )
        for host in hosts
        if str(ipaddress.ip_address(host)) not in covered
    ]


def _addresses(name: str) -> list[str]:
    """Of a name, where it has some; an address is its own."""
    with suppress(ValueError):
        return [str(ipaddress.ip_address(name))]
    with suppress(OSError, UnicodeError):
        return [str(found[4][0]) for found in socket.getaddrinfo(name, None)]
    return []
