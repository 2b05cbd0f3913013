"""A call as the purse is asked for it: the same columns whoever makes it."""

from __future__ import annotations

import os
from typing import NamedTuple

from sallim.guard.labels import Labels
from sallim.ledger.money_rows import Asked, Exchange
from sallim.ledger.processes import own_process
from sallim.tellings import host_name

EXPIRES_US, STREAM_EXPIRES_US = 900_000_000, 3_600_000_000
"""After 15 minutes, or an hour for a stream, nobody is expected to tell its end any more."""


class Subject(NamedTuple):
    """Which call it is, and of what."""

    call_id: str
    attempt: int
    provider: str
    model: str
    endpoint: str
    stream: bool = False


class Worst(NamedTuple):
    """The most that it can cost, by which price and rate."""

    nano_usd: int
    micro: int
    price_id: str
    exchange: Exchange


def asked_for(subject: Subject, worst: Worst, labels: Labels, opened_us: int) -> Asked:
    """What the purse is asked for, by this process."""
    exchange = worst.exchange
    return Asked(
        call_id=subject.call_id,
        attempt=subject.attempt,
        provider=subject.provider,
        model=subject.model,
        endpoint=subject.endpoint,
        workflow=labels.workflow,
        analysis=labels.analysis,
        job_key=labels.key,
        key_label=labels.api_key_label,
        priority=labels.priority,
        buckets=labels.buckets(subject.provider),
        worst_nano_usd=worst.nano_usd,
        worst_micro=worst.micro,
        price_id=worst.price_id,
        fx_id=exchange.fx_id,
        vat_ppm=exchange.vat_ppm,
        fee_ppm=exchange.fee_ppm,
        stream=subject.stream,
        host=host_name(),
        pid=os.getpid(),
        process=own_process(),
        opened_us=opened_us,
        expires_us=opened_us + (STREAM_EXPIRES_US if subject.stream else EXPIRES_US),
    )
