"""Endpoints: what a check found, when that means down, and what is said about it.

A single failure is noise and flapping is none of a person's business: three in a row are down, two
successes in a row are up again, as Gatus counts them.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from models.addresses import Target
from models.messages import Message, say
from models.monitoring import Labels, Reading

FAILURES_TO_DOWN = 3
SUCCESSES_TO_UP = 2
BODY_BYTES_MAX = 65_536
RESULTS_KEPT = 20
DAY_SECONDS = 86_400.0

SUCCESS = "http.check.success"
STEPS = ("resolve", "connect", "tls", "first_byte", "total")
"""Parts of a check that are timed. `first_byte` begins when the request is sent."""


class Result(NamedTuple):
    """One check. `problem` None: all as expected. `times` are seconds by step.

    `status` is that of HTTP, 0 where there was none; moments are UTC epoch seconds.
    """

    at: float
    problem: Message | None
    times: Mapping[str, float]
    status: int = 0
    address: str = ""
    certificate_until_at: float | None = None


class Standing(NamedTuple):
    """Up, down, or not known yet, and since when (UTC epoch seconds).

    `streak` counts the last results that were alike, the first of them at `streak_at`.
    """

    up: bool | None = None
    since_at: float | None = None
    streak_ok: bool = True
    streak: int = 0
    streak_at: float = 0.0


def after(standing: Standing, ok: bool, at: float) -> Standing:
    """The standing after one more result. Its moment is that of the first result of the streak.

    >>> up = after(Standing(), True, 10.0)
    >>> once = after(up, False, 20.0)
    >>> down = after(after(once, False, 30.0), False, 40.0)
    >>> (up.up, up.since_at), (once.up, once.since_at), (down.up, down.since_at)
    ((True, 10.0), (True, 10.0), (False, 20.0))
    """
    goes_on = standing.streak > 0 and standing.streak_ok == ok
    streak = standing.streak + 1 if goes_on else 1
    streak_at = standing.streak_at if goes_on else at
    # The very first success needs no second: nothing was down before it.
    needed = 1 if ok and standing.up is None else SUCCESSES_TO_UP if ok else FAILURES_TO_DOWN
    if standing.up is ok or streak < needed:
        return Standing(standing.up, standing.since_at, ok, streak, streak_at)
    return Standing(ok, streak_at, ok, streak, streak_at)


def answer_problem(
    status: int, location: str, text: str, *, expect_status: int, expect_text: str
) -> Message | None:
    """What is wrong with an HTTP answer; `text` is its beginning, as far as it was read."""
    right = status == expect_status if expect_status else 200 <= status < 400
    if not right and 300 <= status < 400:
        return say(
            "answered {status} and points to {location}, which is not followed; write that "
            "address, or set expect_status = {status}",
            status=status,
            location=location or "nowhere",
        )
    if not right:
        wanted = str(expect_status) if expect_status else "200 to 399"
        return say(
            "answered {status} instead of {wanted}; look at the log of the program behind it",
            status=status,
            wanted=wanted,
        )
    if expect_text not in text:
        return say(
            'answered {status}, but "{expected}" does not stand in the first {kilobytes} kB; look '
            "at the page, or correct expect_text",
            status=status,
            expected=expect_text,
            kilobytes=BODY_BYTES_MAX // 1024,
        )
    return None


def tls_problem(host: str, code: int, reason: str) -> Message:
    """What is wrong with a certificate; `code` is OpenSSL's (X509_V_ERR_...)."""
    template = _TLS_PROBLEMS.get(code)
    if template is not None:
        return Message(template.template, {"host": host})
    return say(
        "the certificate of {host} is not accepted ({reason}); look at it with "
        "`openssl s_client -connect {host}`",
        host=host,
        reason=reason,
    )


_UNKNOWN_AUTHORITY = say(
    "the certificate of {host} is signed by an authority that this machine does not know; set "
    "ca_file to that authority's certificate, or let the server send its whole chain"
)
_WRONG_NAME = say(
    "the certificate of {host} is for another name; get one that names it, or ask it by the name "
    "in the certificate"
)
_TLS_PROBLEMS = {
    9: say(
        "the certificate of {host} is not valid yet; compare the clock of this machine with the "
        "server's (`timedatectl`)"
    ),
    10: say("the certificate of {host} has expired; renew it on the server"),
    18: say(
        "the certificate of {host} is signed by itself; set ca_file to a copy of it if it is your "
        "own, or get one from an authority"
    ),
    19: _UNKNOWN_AUTHORITY,
    20: _UNKNOWN_AUTHORITY,
    62: _WRONG_NAME,
    64: _WRONG_NAME,
}


def certificate_problem(until_at: float | None, at: float, days_min: int) -> Message | None:
    """Whether a certificate that works ends too soon."""
    if until_at is None or until_at - at >= days_min * DAY_SECONDS:
        return None
    return say(
        "the certificate ends in {days} days; renew it on the server, or look why it does not "
        "renew itself",
        days=days_left(until_at, at),
    )


def days_left(until_at: float, at: float) -> int:
    """Whole days that are left.

    >>> days_left(200_000.0, 0.0)
    2
    """
    return int((until_at - at) // DAY_SECONDS)


def steps_of(target: Target) -> tuple[str, ...]:
    """The timed steps of a check of that kind.

    >>> steps_of(Target("tcp", "127.0.0.1", 5432))
    ('resolve', 'connect', 'total')
    """
    taken = {"tls": target.is_tls, "first_byte": target.is_http}
    return tuple(step for step in STEPS if taken.get(step, True))


def has_failed(readings: Iterable[Reading]) -> bool:
    """Whether these are of a check that failed; never of what is no endpoint.

    >>> has_failed([Reading("http.check.success", 0.0)]), has_failed([])
    (True, False)
    """
    return any(reading.name == SUCCESS and not reading.value for reading in readings)


def readings_of(
    result: Result, standing: Standing, target: Target, labels: Labels
) -> list[Reading]:
    """Every result counts in `http.check.success`; `http.check.up` does not flap.

    A step that did not come to its end has no time: a gap.
    """
    up = None if standing.up is None else float(standing.up)
    readings = [
        Reading("http.check.up", up, labels),
        Reading(SUCCESS, float(result.problem is None), labels),
    ]
    readings += [
        Reading("http.check.duration", result.times.get(step), (*labels, ("step", step)))
        for step in steps_of(target)
    ]
    if target.is_tls:
        until_at = result.certificate_until_at
        remaining = None if until_at is None else until_at - result.at
        readings.append(Reading("tls.certificate.remaining", remaining, labels))
    return readings
